"""The life of a user: created, found, listed, changed, signed in, refreshed, signed out, deleted."""

from __future__ import annotations

import base64
import os
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
from journal import page
from stories import CLIENT_ID, COOKIE_PASSWORD, UNKNOWN, Story, claims, entered

EXTERNAL_ID = "crm/47 11?x=%41&y#z:*~"
EVENTS = ["user.created", "user.updated", "user.deleted", "session.created", "session.revoked"]


class Users(Story):
    """The first part of the story."""

    def tell(self) -> str:
        """Take every step; give the id of the last event."""
        ada = self._create_users()
        self._list_users()
        self._update_users(ada)
        self._bring_passwords()
        signed_in = self._sign_in_users(ada)
        sealed = self._seal_sessions()
        rotated = self._refresh_sessions(signed_in)
        self._list_sessions(ada)
        self._end_sessions(ada, rotated, sealed)
        self._delete_user(ada)
        events = self._step("events", lambda: self.all_events(EVENTS, limit=10))
        self._step(
            "events_of_one_name",
            lambda: [event.data.id for event in self.all_events(["user.deleted"], limit=10)],
        )
        return str(events[-1].id)

    def _create_users(self) -> Any:
        """Create and find users."""
        users = self._users
        ada = self._step(
            "create",
            lambda: self._create(
                "Ada@Example.com",
                first_name="Ada",
                last_name="Lovelace",
                external_id=EXTERNAL_ID,
                metadata={"tier": "gold", "region": "eu"},
            ),
        )
        self._step("create_with_taken_email", lambda: self._create("ADA@example.COM"))
        self._step("create_with_weak_password", lambda: self._create("weak@example.com", password="short"))
        self._step("create_with_malformed_email", lambda: self._sdk.create(email="no at sign"))
        self._step("get", lambda: users.get_user(ada.id))
        self._step("get_unknown", lambda: users.get_user(f"user_{UNKNOWN}"))
        self._step("get_by_external_id", lambda: self._sdk.by_external_id(EXTERNAL_ID))
        self._step("get_by_unknown_external_id", lambda: self._sdk.by_external_id("nobody"))
        return ada

    def _list_users(self) -> None:
        """Page through a dozen more users, forward, back and by filters."""
        for number in range(1, 13):
            self._sdk.create(email=f"user{number:02}@example.org")

        def listed(**more: Any) -> dict[str, Any]:
            return page(self._users.list_users(**more), lambda user: user.email.lower())

        self._step("list_by_email", lambda: listed(email="ADA@EXAMPLE.com"))
        self._step("list_of_unknown_organization", lambda: listed(organization_id=f"org_{UNKNOWN}"))
        first = self._step("list_first_page", lambda: listed(limit=5, order="asc"))
        second = self._step("list_second_page", lambda: listed(limit=5, order="asc", after=first["after"]))
        self._step("list_back", lambda: listed(limit=5, order="asc", before=second["before"]))
        self._step("list_newest_first", lambda: listed(limit=2))
        self._step("list_all_automatically", self._sdk.all_emails)
        self._step("list_with_foreign_cursor", lambda: self._users.list_users(after="user_none"))

    def _update_users(self, ada: Any) -> None:
        """Change a user in part; clear what can be cleared."""
        change = self._sdk.update
        removed = None if self._sdk.can_clear else ""
        metadata = {"region": removed, "plan": "team"}
        self._step("update", lambda: change(ada.id, first_name="Augusta", locale="en-GB", metadata=metadata))
        if self._sdk.can_clear:
            self._step("update_clears_metadata", lambda: change(ada.id, metadata=None))
            self._step("update_clears_external_id", lambda: change(ada.id, external_id=None))
        self._step("update_with_taken_email", lambda: change(ada.id, email="USER01@example.org"))

    def _bring_passwords(self) -> None:
        """Bring a password that another system hashed, then change it."""
        hashed, changed = os.environ["BCRYPT_HASH"], "another lighthouse at noon"

        def bring(email: str, hashed: str) -> Any:
            return self._sdk.create_with_hash(email=email, email_verified=True, hashed=hashed)

        grete = self._step("create_with_hash", lambda: bring("grete@example.com", hashed))
        self._step("create_with_broken_hash", lambda: bring("broken@example.com", "$2b$12$broken"))
        self._step("hash_signs_in", lambda: entered(self._sign_in("grete@example.com")))
        self._step("update_password", lambda: self._sdk.update(grete.id, password=changed))
        self._step("replaced_password", lambda: self._sign_in("grete@example.com"))
        self._step("new_password", lambda: entered(self._sign_in("grete@example.com", password=changed)))

    def _enter(self, **more: Any) -> Any:
        """Sign Ada in."""
        return self._sign_in("ada@example.com", **{"ip_address": "203.0.113.7", "user_agent": "journey"} | more)

    def _sign_in_users(self, ada: Any) -> Any:
        """Sign in rightly and wrongly; check the tokens."""
        self._step("wrong_password", lambda: self._enter(password="another quiet lighthouse"))
        self._step("unknown_user", lambda: self._sign_in("nobody@example.com"))
        self._create("unverified@example.com", email_verified=False)
        self._step("unverified_email", lambda: self._sign_in("unverified@example.com"))
        self._step("wrong_api_key", lambda: self._sdk.connect("sk_test_wrong").get_user(ada.id))

        signed_in = self._step("sign_in", self._enter)
        self._step("jwks_url", self._users.get_jwks_url)
        if hasattr(self._users, "get_jwks"):
            self._step("jwks", lambda: self._users.get_jwks(CLIENT_ID))
        self._step("access_token", lambda: self._check_token(signed_in.access_token))
        return signed_in

    def _check_token(self, token: str) -> dict[str, Any]:
        """Check an access token the way an application's own back end does."""
        key = jwt.PyJWKClient(self._users.get_jwks_url()).get_signing_key_from_jwt(token)
        payload = jwt.decode(token, key.key, algorithms=["RS256"], options={"verify_aud": False})
        return {"payload": payload, "protected_header": jwt.get_unverified_header(token)}

    def _seal_sessions(self) -> str:
        """Open, refresh and spoil the cookie of a session."""
        cookie = self._sdk.cookie
        sealed = self._step("sign_in_and_seal", lambda: self._sdk.seal(self._enter()))
        tampered = flipped(sealed, 200)
        self._step("session_authenticates", lambda: cookie(sealed).authenticate())
        refreshed = self._step("session_refreshes", lambda: cookie(sealed).refresh()).sealed_session
        self._step("refreshed_session_authenticates", lambda: cookie(refreshed).authenticate())
        self._step("session_logout_url", lambda: cookie(refreshed).get_logout_url())
        self._step("tampered_session", lambda: cookie(tampered).authenticate())
        other = base64.urlsafe_b64encode(b"fedcba9876543210" * 2).decode()
        self._step("session_with_wrong_password", lambda: cookie(sealed, other).authenticate())
        self._step("session_without_password", lambda: cookie(sealed, "").authenticate())
        if hasattr(self._users, "authenticate_with_session_cookie"):

            def opened(sealed: str) -> Any:
                return self._users.authenticate_with_session_cookie(
                    session_data=sealed, cookie_password=COOKIE_PASSWORD
                )

            self._step("session_cookie", lambda: opened(sealed))
            self._step("tampered_session_cookie", lambda: opened(tampered))
            self._step("empty_session_cookie", lambda: opened(""))
        return str(refreshed)

    def _refresh_sessions(self, session: Any) -> Any:
        """Rotate and replay; give the second pair."""
        rotated = self._step("refresh", lambda: self._refresh(session))
        self._step("replay_at_once", lambda: pair(self._refresh(session)))
        with ThreadPoolExecutor(8) as threads:
            self._step(
                "replays_in_parallel", lambda: [pair(answer) for answer in threads.map(self._refresh, [session] * 8)]
            )
        self._step(
            "refresh_with_nonsense", lambda: self._users.authenticate_with_refresh_token(refresh_token="nonsense")
        )
        return rotated

    def _list_sessions(self, ada: Any) -> None:
        """Page through two sessions."""

        def listed(**more: Any) -> dict[str, Any]:
            return page(self._sdk.list_sessions(ada.id, limit=1, order="asc", **more), lambda session: session.id)

        self._step("list_sessions", lambda: list(self._sdk.list_sessions(ada.id).data))
        first = self._step("sessions_first", listed)
        second = self._step("sessions_second", lambda: listed(after=first["after"]))
        self._step("sessions_back", lambda: listed(before=second["before"]))
        self._step("sessions_of_unknown_user", lambda: self._sdk.list_sessions(f"user_{UNKNOWN}"))

    def _end_sessions(self, ada: Any, rotated: Any, sealed: str) -> None:
        """Revoke, sign out, replay too late; be refused afterwards."""
        users, session_id = self._users, claims(rotated)["sid"]
        self._step("logout_url", lambda: users.get_logout_url(session_id=session_id))
        self._step("revoke", lambda: users.revoke_session(session_id=session_id))
        self._step("revoke_again", lambda: users.revoke_session(session_id=session_id))
        self._step("revoke_unknown", lambda: users.revoke_session(session_id=f"session_{UNKNOWN}"))
        self._step("refresh_after_revoke", lambda: self._refresh(rotated))
        self._step("sealed_refresh_after_logout", lambda: self._sign_out_sealed(sealed))
        self._step("list_sessions_after", lambda: [session.id for session in self._sdk.list_sessions(ada.id).data])
        self._step("sign_out_and_return", self._sign_out_and_return)

    def _sign_out_sealed(self, sealed: str) -> dict[str, Any]:
        """Sign out through the address of the sealed session, then try it."""
        answered = follow(self._sdk.cookie(sealed).get_logout_url())
        refused = self._sdk.cookie(sealed).refresh()
        return {**answered, "authenticated": refused.authenticated, "reason": refused.reason}

    def _sign_out_and_return(self) -> dict[str, Any]:
        """Sign out through the address that names the session, and see where the browser is sent."""
        session = self._enter()
        address = self._users.get_logout_url(session_id=claims(session)["sid"], return_to=os.environ["SIGN_OUT_URI"])
        return {"address": address, **follow(address), "refresh": self.outcome(session)}

    def _delete_user(self, ada: Any) -> None:
        """Delete the user, and look for what is left."""
        last = self._enter()
        self._step("delete", lambda: self._users.delete_user(ada.id))
        self._step("get_deleted", lambda: self._users.get_user(ada.id))
        self._step("refresh_of_deleted", lambda: self._refresh(last))
        self._step("delete_again", lambda: self._users.delete_user(ada.id))


def pair(answer: Any) -> dict[str, str]:
    """Give the two tokens of an answer."""
    return {"access_token": answer.access_token, "refresh_token": answer.refresh_token}


def flipped(text: str, place: int) -> str:
    """Change one character."""
    return text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :]


def follow(url: str) -> dict[str, Any]:
    """Open an address as a browser does, without going where it sends."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    try:
        answer = urllib.request.build_opener(Stay).open(url)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        return {"status": answer.status, "location": answer.headers.get("location")}
