"""What is used too late, told by an official Python SDK last of all: the clock moves for every journey at once."""

from __future__ import annotations

from journal import host
from stories import PASSWORD, Story


class Lateness(Story):
    """The last part of the story."""

    def tell(self) -> None:
        """Take every step."""
        users = self._users
        self._create("tilly@example.com")
        session = self._sign_in("tilly@example.com")
        successor = self._refresh(session)
        made = users.create_magic_auth(email="nora@example.com")
        token = users.send_invitation(email="late@example.com", expires_in_days=1).token
        reset = self._sdk.create_reset("olga@example.com").password_reset_token

        host("advance", seconds=31)
        self._step("replay_too_late", lambda: {"late": self.outcome(session), "successor": self.outcome(successor)})

        host("advance", seconds=86_370)
        self._step(
            "magic_expired", lambda: users.authenticate_with_magic_auth(code=made.code, email="nora@example.com")
        )
        self._step("invite_expired", lambda: users.find_invitation_by_token(token))
        self._step("reset_expired", lambda: self._sdk.reset(reset, PASSWORD))
