"""Codes by mail and password resets, told by an official Python SDK."""

from __future__ import annotations

from typing import Any

from stories import UNKNOWN, Story, entered, received, wrong


class Codes(Story):
    """The fifth part of the story."""

    def tell(self, beta: Any) -> None:
        """Take every step."""
        self._verify_in_sign_in()
        self._verify_by_application()
        self._sign_in_by_code(beta)
        self._reset()

    def _verify_in_sign_in(self) -> None:
        """Prove an address to finish a sign-in."""
        self._create("lise@example.com", email_verified=False)
        held = self._challenged("verification_required", "lise@example.com")
        found = self._step(
            "verification_get", lambda: self._users.get_email_verification(held["email_verification_id"])
        )

        self._step(
            "verification_get_unknown", lambda: self._users.get_email_verification(f"email_verification_{UNKNOWN}")
        )

        def answer(code: str, pending: str = held["pending_authentication_token"]) -> Any:
            return self._users.authenticate_with_email_verification(code=code, pending_authentication_token=pending)

        self._step("verification_wrong", lambda: answer(wrong(found.code)))
        self._step("verification_wrong_pending", lambda: answer(found.code, "nonsense"))
        self._step("verification_grant", lambda: entered(answer(found.code)))
        self._step("verification_again", lambda: answer(found.code))

    def _verify_by_application(self) -> None:
        """Prove an address without a sign-in."""
        mary = self._create("mary@example.com", email_verified=False)
        self._step("verification_send", lambda: self._sdk.send_verification(mary.id))
        events = self._sdk.events.list_events(events=["email_verification.created"], limit=100).data
        sent = self._users.get_email_verification(events[-1].data.id)
        self._step("verification_mail", lambda: sent.code in received("mary@example.com", sent.code))
        self._step("verify_wrong", lambda: self._sdk.verify(mary.id, wrong(sent.code)))
        self._step("verify", lambda: self._sdk.verify(mary.id, sent.code))
        self._step("verify_again", lambda: self._sdk.verify(mary.id, sent.code))
        self._step("send_to_verified", lambda: self._sdk.send_verification(mary.id))

    def _sign_in_by_code(self, beta: Any) -> None:
        """Sign up by a mailed code."""
        users = self._users
        made = self._step("magic_create", lambda: users.create_magic_auth(email="Nora@example.com"))
        found = self._step("magic_get", lambda: users.get_magic_auth(made.id))
        self._step("magic_get_unknown", lambda: users.get_magic_auth(f"magic_auth_{UNKNOWN}"))
        self._step("magic_create_malformed", lambda: users.create_magic_auth(email="no at sign"))

        def answer(code: str, email: str = "nora@example.com") -> Any:
            return users.authenticate_with_magic_auth(code=code, email=email)

        self._step("magic_wrong", lambda: answer(wrong(found.code)))
        self._step("magic_other_address", lambda: answer(found.code, "olive@example.com"))
        self._step("magic", lambda: entered(answer(found.code)))
        self._step("magic_again", lambda: answer(found.code))
        self._sign_in_by_code_and_invitation(beta)

    def _sign_in_by_code_and_invitation(self, beta: Any) -> None:
        """Sign up by a mailed code and an invitation, where the SDK's grant takes one."""
        users, email = self._users, "petra@example.com"
        token = users.send_invitation(email=email, organization_id=beta.id).token

        def create(token: str) -> Any:
            return users.create_magic_auth(email=email, invitation_token=token)

        self._step("magic_create_uninvited", lambda: create("nonsense"))
        made = self._step("magic_create_invited", lambda: create(token))
        if self._sdk.grants_take_invitation:
            self._step(
                "magic_invited",
                lambda: entered(
                    users.authenticate_with_magic_auth(code=made.code, email=email, invitation_token=token)
                ),
            )

    def _reset(self) -> None:
        """Set a forgotten password anew."""
        olga = self._create("olga@example.com")
        session = self._sign_in("olga@example.com")
        made = self._step("reset_create", lambda: self._sdk.create_reset("OLGA@example.com"))
        self._step("reset_get", lambda: self._users.get_password_reset(made.id))
        self._step("reset_get_unknown", lambda: self._users.get_password_reset(f"password_reset_{UNKNOWN}"))
        self._step("reset_create_unknown", lambda: self._sdk.create_reset("nobody@example.com"))
        token, password = made.password_reset_token, "another lighthouse at dawn"
        self._step("reset_weak", lambda: self._sdk.reset(token, "short"))
        self._step("reset", lambda: self._sdk.reset(token, password))
        self._step("reset_again", lambda: self._sdk.reset(token, password))
        self._step("reset_old_password", lambda: self._sign_in("olga@example.com"))
        self._step("reset_old_session", lambda: self._refresh(session))
        self._step("reset_sessions", lambda: [one.status for one in self._sdk.list_sessions(olga.id).data])
        self._step("reset_new_password", lambda: entered(self._sign_in("olga@example.com", password=password)))
