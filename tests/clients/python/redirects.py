"""The addresses that a browser is sent to and the codes it brings back, told by an official Python SDK."""

from __future__ import annotations

import base64
import hashlib
import os

from journal import host
from members import Known
from stories import PASSWORD, Story, entered

EMAIL = "codes@example.com"
REDIRECT = os.environ["REDIRECT_URI"]
VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-7636-rule"


class Redirects(Story):
    """The fourth part of the story."""

    def tell(self, known: Known) -> None:
        """Take every step."""
        self._build_addresses()
        self._create(EMAIL)
        address = self._users.get_authorization_url
        asked = {"provider": "authkit", "redirect_uri": REDIRECT}
        here = address(**asked, state="s p&ce", login_hint=EMAIL)
        plain = self._step("authorized", lambda: visit(here))["code"]
        there, verifier = self._build_pkce()
        bound = self._step("authorized_with_pkce", lambda: visit(there))["code"]

        def issue() -> str:
            return visit(address(**asked))["code"]

        trade = self._users.authenticate_with_code
        self._step("code", lambda: entered(trade(code=plain)))
        self._step("code_again", lambda: trade(code=plain))
        self._step("code_without_verifier", lambda: trade(code=bound))
        self._step("code_wrong_verifier", lambda: trade(code=bound, code_verifier="x" * 43))
        self._step("code_public", lambda: entered(self._sdk.trade_in_public(bound, verifier)))

        invite = {"email": EMAIL, "organization_id": known.beta.id}
        revoked = self._users.send_invitation(**invite)
        self._users.revoke_invitation(revoked.id)
        self._step("revoked_invite_used", lambda: trade(code=issue(), invitation_token=revoked.token))
        token = self._users.send_invitation(**invite).token
        self._step("code_invited", lambda: entered(trade(code=issue(), invitation_token=token)))

    def _build_addresses(self) -> None:
        """Make the addresses of sign-in pages."""
        address = self._users.get_authorization_url
        hints = {"state": "s p&ce", "screen_hint": "sign-up", "login_hint": "ada@example.com"}
        self._step("authorization_url", lambda: address(provider="authkit", redirect_uri=REDIRECT, **hints))
        self._step(
            "authorization_url_of_connection",
            lambda: address(connection_id="conn_1", redirect_uri=REDIRECT, domain_hint="acme.example"),
        )
        self._step("authorization_url_of_nothing", lambda: address(redirect_uri=REDIRECT))

    def _build_pkce(self) -> tuple[str, str]:
        """Make an address with a challenge and the verifier to it, at one go where the SDK can."""
        users = self._users
        if hasattr(users, "get_authorization_url_with_pkce"):
            made = self._step(
                "authorization_url_pkce",
                lambda: users.get_authorization_url_with_pkce(provider="authkit", redirect_uri=REDIRECT),
            )
            return made["url"], made["code_verifier"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
        address = users.get_authorization_url(
            provider="authkit", redirect_uri=REDIRECT, state="of its own", code_challenge=challenge
        )
        return address, VERIFIER


def visit(address: str) -> dict[str, str]:
    """Let a person sign in at this address, and give what the browser brings back."""
    return host("sign_in", address=address, email=EMAIL, password=PASSWORD)
