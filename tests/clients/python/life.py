"""One life of a user, told by an official Python SDK to a running server.

It judges nothing: the tests that run it do. Where the SDK's majors differ, an `Sdk` speaks for
them; a step that a major cannot take is left out of the results.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import jwt
from journal import Journal, listing, told

BASE = f"http://127.0.0.1:{os.environ['PORT']}"
API_KEY = os.environ["API_KEY"]
CLIENT_ID = os.environ["CLIENT_ID"]
COOKIE_PASSWORD = os.environ["COOKIE_PASSWORD"]
PASSWORD = "a quiet lighthouse at dusk"
EXTERNAL_ID = "crm/47 11?x=%41&y#z:*~"
EVENTS = ["user.created", "user.updated", "user.deleted", "session.created", "session.revoked"]
MOST_PAGES = 20


class Sdk(Protocol):
    """What the majors do differently."""

    users: Any
    events: Any
    version: str
    can_clear: bool

    def connect(self, key: str) -> Any:
        """Give the user management of another client, with this API key."""

    def create(self, **fields: Any) -> Any:
        """Create a user; `password` is plain text."""

    def update(self, user_id: str, **fields: Any) -> Any:
        """Change a user."""

    def by_external_id(self, external_id: str) -> Any:
        """Find a user by the application's own id."""

    def all_emails(self) -> list[str]:
        """Walk through all users with the SDK's own pagination."""

    def sessions(self, user_id: str) -> list[Any]:
        """List the sessions of a user."""

    def seal(self, answer: Any) -> str:
        """Seal the session as an application's sign-in handler does."""

    def cookie(self, sealed: str) -> Any:
        """Open a sealed session."""


class Life:
    """The journey of one user."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk
        self._users = sdk.users
        self.journal = Journal(sdk.version)
        self._step = self.journal.step

    def tell(self) -> None:
        """Take every step and print the results, those before a breakdown included."""
        try:
            ada = self._manage_users()
            signed_in, sealed = self._sign_in_and_seal(ada)
            self._refresh_and_revoke(ada, signed_in, sealed)
            self._end(ada)
        finally:
            print(self.journal.text())

    def _sign_in(self, **more: Any) -> Any:
        """Sign the user in."""
        asked = {"email": "ada@example.com", "password": PASSWORD, "ip_address": "203.0.113.7", "user_agent": "journey"}
        return self._users.authenticate_with_password(**(asked | more))

    def _refresh(self, token: str) -> Any:
        """Use a refresh token."""
        return self._users.authenticate_with_refresh_token(refresh_token=token)

    def _outcome(self, token: str) -> Any:
        """Tell how a refresh ends."""
        try:
            self._refresh(token)
        except Exception as error:  # noqa: BLE001 - whatever the SDK raises is the result
            return told(error)
        return "accepted"

    def _manage_users(self) -> Any:
        """Create and find users, then list and change them."""
        ada = self._step(
            "create",
            lambda: self._sdk.create(
                email="Ada@Example.com",
                password=PASSWORD,
                first_name="Ada",
                last_name="Lovelace",
                email_verified=True,
                external_id=EXTERNAL_ID,
                metadata={"tier": "gold", "region": "eu"},
            ),
        )
        self._step("create_with_taken_email", lambda: self._sdk.create(email="ADA@example.COM", password=PASSWORD))
        self._step("create_with_weak_password", lambda: self._sdk.create(email="weak@example.com", password="short"))
        self._step("create_with_malformed_email", lambda: self._sdk.create(email="no at sign"))
        self._step("get", lambda: self._users.get_user(ada.id))
        self._step("get_unknown", lambda: self._users.get_user("user_01J00000000000000000000000"))
        self._step("get_by_external_id", lambda: self._sdk.by_external_id(EXTERNAL_ID))
        self._step("get_by_unknown_external_id", lambda: self._sdk.by_external_id("nobody"))
        self._list_users()
        self._change(ada)
        return ada

    def _list_users(self) -> None:
        """Page through a dozen more users, forward, back and by filters."""
        for number in range(1, 13):
            self._sdk.create(email=f"user{number:02}@example.org")
        self._step("list_by_email", lambda: listing(self._users.list_users(email="ADA@EXAMPLE.com")))
        unknown = "org_01J00000000000000000000000"
        self._step("list_of_unknown_organization", lambda: listing(self._users.list_users(organization_id=unknown)))
        first = self._step("list_first_page", lambda: listing(self._users.list_users(limit=5, order="asc")))
        second = self._step(
            "list_second_page", lambda: listing(self._users.list_users(limit=5, order="asc", after=first["after"]))
        )
        self._step("list_back", lambda: listing(self._users.list_users(limit=5, order="asc", before=second["before"])))
        self._step("list_newest_first", lambda: listing(self._users.list_users(limit=2)))
        self._step("list_all_automatically", self._sdk.all_emails)
        self._step("list_with_foreign_cursor", lambda: self._users.list_users(after="user_none"))

    def _change(self, ada: Any) -> None:
        """Change a user in part; clear what can be cleared."""
        removed = None if self._sdk.can_clear else ""
        self._step(
            "update",
            lambda: self._sdk.update(
                ada.id,
                first_name="Augusta",
                locale="en-GB",
                metadata={"region": removed, "plan": "team"},
            ),
        )
        if self._sdk.can_clear:
            self._step("update_clears_metadata", lambda: self._sdk.update(ada.id, metadata=None))
            self._step("update_clears_external_id", lambda: self._sdk.update(ada.id, external_id=None))
        self._step("update_with_taken_email", lambda: self._sdk.update(ada.id, email="USER01@example.org"))

    def _sign_in_and_seal(self, ada: Any) -> tuple[Any, str]:
        """Sign in rightly and wrongly; check the tokens and the sealed session."""
        self._step("wrong_password", lambda: self._sign_in(password="another quiet lighthouse"))
        self._step("unknown_user", lambda: self._sign_in(email="nobody@example.com"))
        self._sdk.create(email="unverified@example.com", password=PASSWORD)
        self._step("unverified_email", lambda: self._sign_in(email="unverified@example.com"))
        self._step("wrong_api_key", lambda: self._sdk.connect("sk_test_wrong").get_user(ada.id))

        signed_in = self._step("sign_in", self._sign_in)
        self._step("jwks_url", self._users.get_jwks_url)
        if hasattr(self._users, "get_jwks"):
            self._step("jwks", lambda: self._users.get_jwks(CLIENT_ID))
        self._step("access_token", lambda: self._verify(signed_in.access_token))

        sealed = self._step("sign_in_and_seal", lambda: self._sdk.seal(self._sign_in()))
        self._step("session_authenticates", lambda: self._sdk.cookie(sealed).authenticate())
        refreshed = self._step("session_refreshes", lambda: self._sdk.cookie(sealed).refresh())
        self._step("refreshed_session_authenticates", lambda: self._sdk.cookie(refreshed.sealed_session).authenticate())
        self._step("session_logout_url", lambda: self._sdk.cookie(refreshed.sealed_session).get_logout_url())
        self._step("tampered_session", lambda: self._sdk.cookie(flipped(sealed, 200)).authenticate())
        return signed_in, getattr(refreshed, "sealed_session", "")

    def _verify(self, token: str) -> dict[str, Any]:
        """Check an access token the way an application's own back end does."""
        key = jwt.PyJWKClient(self._users.get_jwks_url()).get_signing_key_from_jwt(token)
        payload = jwt.decode(token, key.key, algorithms=["RS256"], options={"verify_aud": False})
        return {"payload": payload, "protected_header": jwt.get_unverified_header(token)}

    def _refresh_and_revoke(self, ada: Any, signed_in: Any, sealed: str) -> None:
        """Rotate, replay, revoke; be refused afterwards."""
        token = signed_in.refresh_token
        rotated = self._step("refresh", lambda: pair(self._refresh(token)))
        self._step("replay_at_once", lambda: pair(self._refresh(token)))
        with ThreadPoolExecutor(8) as threads:
            self._step(
                "replays_in_parallel", lambda: [pair(answer) for answer in threads.map(self._refresh, [token] * 8)]
            )
        self._step("refresh_with_nonsense", lambda: self._refresh("nonsense"))

        self._step("list_sessions", lambda: self._sdk.sessions(ada.id))
        claims = jwt.decode(signed_in.access_token, options={"verify_signature": False})
        session_id = claims["sid"]
        self._step("logout_url", lambda: self._users.get_logout_url(session_id=session_id))
        self._step("revoke", lambda: self._users.revoke_session(session_id=session_id))
        self._step("revoke_again", lambda: self._users.revoke_session(session_id=session_id))
        self._step(
            "revoke_unknown", lambda: self._users.revoke_session(session_id="session_01J00000000000000000000000")
        )
        self._step("refresh_after_revoke", lambda: self._refresh(rotated["refresh_token"]))
        self._step("sealed_refresh_after_logout", lambda: self._log_out_and_refresh(sealed))
        self._step("list_sessions_after", lambda: [session.id for session in self._sdk.sessions(ada.id)])
        self._step("replay_too_late", self._replay_too_late)

    def _log_out_and_refresh(self, sealed: str) -> dict[str, Any]:
        """Log out through the address a browser is sent to, then try the sealed session."""
        status = follow(self._sdk.cookie(sealed).get_logout_url())
        refused = self._sdk.cookie(sealed).refresh()
        return {"status": status, "authenticated": refused.authenticated, "reason": refused.reason}

    def _replay_too_late(self) -> dict[str, Any]:
        """Use a retired token after its half minute."""
        session = self._sign_in()
        successor = self._refresh(session.refresh_token)
        advance(31)
        return {"late": self._outcome(session.refresh_token), "successor": self._outcome(successor.refresh_token)}

    def _end(self, ada: Any) -> None:
        """Delete the user and read what happened."""
        last = self._sign_in()
        self._step("delete", lambda: self._users.delete_user(ada.id))
        self._step("get_deleted", lambda: self._users.get_user(ada.id))
        self._step("refresh_of_deleted", lambda: self._refresh(last.refresh_token))
        self._step("delete_again", lambda: self._users.delete_user(ada.id))
        self._step("events", self._all_events)
        self._step(
            "events_of_one_name",
            lambda: [event.data.id for event in self._sdk.events.list_events(events=["user.deleted"]).data],
        )

    def _all_events(self) -> list[Any]:
        """Follow the events to the end, as a consumer does."""
        found: list[Any] = []
        after = None
        for _ in range(MOST_PAGES):
            page = self._sdk.events.list_events(events=EVENTS, limit=10, after=after)
            found += page.data
            after = page.list_metadata.after
            if after is None:
                break
        return found


def pair(answer: Any) -> dict[str, str]:
    """Give the two tokens of an answer."""
    return {"access_token": answer.access_token, "refresh_token": answer.refresh_token}


def flipped(text: str, place: int) -> str:
    """Change one character."""
    return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]


def follow(url: str) -> int:
    """Open an address as a browser does, without going where it sends."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        return int(urllib.request.build_opener(Stay).open(url).status)
    except urllib.error.HTTPError as answer:
        return answer.code


def advance(seconds: int) -> None:
    """Move the development server's clock."""
    body = json.dumps({"advance_seconds": seconds}).encode()
    asked = urllib.request.Request(f"{BASE}/_dev/clock", data=body, headers={"content-type": "application/json"})
    urllib.request.urlopen(asked).close()
