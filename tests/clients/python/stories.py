"""What a story is told with, whichever Python SDK tells it."""

from __future__ import annotations

import json
import os
import time
import urllib.parse
import urllib.request
from typing import Any, Protocol

import jwt
from journal import Journal, plain, told

BASE = f"http://127.0.0.1:{os.environ['PORT']}"
API_KEY = os.environ["API_KEY"]
CLIENT_ID = os.environ["CLIENT_ID"]
COOKIE_PASSWORD = os.environ["COOKIE_PASSWORD"]
PASSWORD = "a quiet lighthouse at dusk"
UNKNOWN = "01J00000000000000000000000"
MOST_PAGES = 50
MOST_TRIES = 100


class Sdk(Protocol):
    """What the majors do differently; `members` and `factors` are where these operations live."""

    users: Any
    organizations: Any
    authorization: Any
    members: Any
    factors: Any
    events: Any
    version: str
    can_clear: bool
    grants_take_invitation: bool

    def connect(self, key: str) -> Any:
        """Give the user management of another client, with this API key."""

    def create(self, **fields: Any) -> Any:
        """Create a user; `password` is plain text."""

    def create_with_hash(self, *, hashed: str, **fields: Any) -> Any:
        """Create a user with a bcrypt hash."""

    def update(self, user_id: str, **fields: Any) -> Any:
        """Change a user; `password` is plain text."""

    def by_external_id(self, external_id: str) -> Any:
        """Find a user by the application's own id."""

    def all_emails(self) -> list[str]:
        """Walk through all users with the SDK's own pagination."""

    def list_sessions(self, user_id: str, **more: Any) -> Any:
        """List the sessions of a user."""

    def seal(self, answer: Any) -> str:
        """Seal the session as an application's sign-in handler does."""

    def cookie(self, sealed: str, password: str = COOKIE_PASSWORD) -> Any:
        """Load a sealed session."""

    def domain(self, name: str) -> Any:
        """Name a verified domain for a new organization."""

    def update_organization(self, organization_id: str, **fields: Any) -> Any:
        """Change an organization."""

    def create_membership(self, *, user_id: str, organization_id: str, **roles: Any) -> Any:
        """Make a user a member, with `role_slug` or `role_slugs`."""

    def update_membership(self, membership_id: str, **roles: Any) -> Any:
        """Replace roles by `role_slug` or `role_slugs`."""

    def trade_in_public(self, code: str, verifier: str) -> Any:
        """Trade a code by its verifier; without the API key where this major can."""

    def send_verification(self, user_id: str) -> Any:
        """Send a code, and give the user."""

    def verify(self, user_id: str, code: str) -> Any:
        """Confirm an address, and give the user."""

    def create_reset(self, email: str) -> Any:
        """Begin a password reset."""

    def reset(self, token: str, password: str) -> Any:
        """Set the new password, and give the user."""

    def enroll(self, user_id: str, **fields: Any) -> Any:
        """Enroll an authenticator app."""

    def list_factors(self, user_id: str, **more: Any) -> Any:
        """List the factors of a user."""

    def challenge(self, factor_id: str, **fields: Any) -> Any:
        """Challenge a factor."""

    def check(self, challenge_id: str, code: str) -> Any:
        """Answer a challenge outside a sign-in."""


class Story:
    """A part of the story: it writes what happens into the journal and judges nothing."""

    def __init__(self, sdk: Sdk, journal: Journal) -> None:
        self._sdk = sdk
        self._users = sdk.users
        self._step = journal.step

    def _create(self, email: str, **more: Any) -> Any:
        """Create a user who can sign in."""
        return self._sdk.create(**{"email": email, "password": PASSWORD, "email_verified": True} | more)

    def _sign_in(self, email: str, **more: Any) -> Any:
        """Sign a user in."""
        return self._users.authenticate_with_password(**{"email": email, "password": PASSWORD} | more)

    def _refresh(self, session: Any, **more: Any) -> Any:
        """Refresh a session."""
        return self._users.authenticate_with_refresh_token(refresh_token=session.refresh_token, **more)

    def outcome(self, session: Any) -> Any:
        """Tell how a refresh ends."""
        try:
            self._refresh(session)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the result
            return told(error)
        return "accepted"

    def _challenged(self, name: str, email: str) -> dict[str, Any]:
        """Sign in to be refused, and give what the refusal holds."""
        held: dict[str, Any] = {}

        def sign_in() -> Any:
            try:
                return self._sign_in(email)
            except Exception as error:
                held.update(getattr(error, "response_json", None) or {})
                raise

        self._step(name, sign_in)
        return held

    def all_events(self, names: list[str], *, after: str | None = None, limit: int) -> list[Any]:
        """Follow the events to the end, as a consumer does."""
        found: list[Any] = []
        for _ in range(MOST_PAGES):
            listed = self._sdk.events.list_events(events=names, limit=limit, after=after)
            found += listed.data
            after = listed.list_metadata.after
            if after is None:
                break
        return found


def entered(answer: Any) -> dict[str, Any]:
    """Give the whole answer of a sign-in and what its token says."""
    return {**plain(answer), "claims": claims(answer)}


def claims(answer: Any) -> dict[str, Any]:
    """Read the access token of an answer."""
    read: dict[str, Any] = jwt.decode(answer.access_token, options={"verify_signature": False})
    return read


def wrong(code: str) -> str:
    """Give another code of the same form."""
    return code[:5] + str((int(code[5]) + 5) % 10)


def received(to: str, words: str) -> str:
    """Wait for a mail or a text of these words, and give its text."""
    for _ in range(MOST_TRIES):
        with urllib.request.urlopen(f"{BASE}/_dev/inbox?to={urllib.parse.quote(to, safe='')}") as answer:
            texts = [str(message["text"]) for message in json.load(answer)["data"] if words in message["text"]]
        if texts:
            return texts[0]
        time.sleep(0.05)
    raise TimeoutError
