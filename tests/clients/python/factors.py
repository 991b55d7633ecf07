"""Second factors, told by an official Python SDK."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import time
from typing import Any

from journal import host, page
from stories import UNKNOWN, Story, entered, received, wrong

PHONE = os.environ["PHONE"]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Factors(Story):
    """The sixth part of the story."""

    def tell(self, vault: Any) -> None:
        """Take every step."""
        self._enroll()
        self._demand_factor(vault)
        self._send_text()

    def _enroll(self) -> None:
        """Enroll an authenticator app, and sign in with it."""
        rosa = self._create("rosa@example.com")
        enrolled = self._step("factor_enroll", lambda: self._sdk.enroll(rosa.id, totp_issuer="Acme", totp_user="rosa"))
        factor, first = enrolled.authentication_factor, enrolled.authentication_challenge.id
        used = totp(factor.totp.secret)
        self._step("factor_verify_wrong", lambda: self._sdk.check(first, wrong(used)))
        self._step("factor_verify", lambda: self._sdk.check(first, used))
        self._step("factor_enroll_unknown", lambda: self._sdk.enroll(f"user_{UNKNOWN}"))
        self._step("factor_list", lambda: page(self._sdk.list_factors(rosa.id), lambda one: one))
        self._step("factor_get", lambda: self._sdk.factors.get_factor(factor.id))
        self._sign_in_with_factor(factor.totp.secret, used=used)
        self._list_factors(rosa)
        self._step("factor_delete", lambda: self._sdk.factors.delete_factor(factor.id))
        self._step("factor_list_after", lambda: page(self._sdk.list_factors(rosa.id), lambda one: one))
        self._step("factor_free", lambda: entered(self._sign_in("rosa@example.com")))

    def _list_factors(self, rosa: Any) -> None:
        """Page through two factors."""
        other = self._sdk.enroll(rosa.id).authentication_factor

        def listed(**more: Any) -> dict[str, Any]:
            return page(self._sdk.list_factors(rosa.id, order="asc", limit=1, **more), lambda one: one.id)

        first = self._step("factors_first", listed)
        second = self._step("factors_second", lambda: listed(after=first["after"]))
        self._step("factors_back", lambda: listed(before=second["before"]))
        self._step("factor_list_of_unknown", lambda: self._sdk.list_factors(f"user_{UNKNOWN}"))
        self._sdk.factors.delete_factor(other.id)

    def _sign_in_with_factor(self, secret: str, *, used: str) -> None:
        """Answer a challenge wrongly, with a used code, rightly, and once more."""
        held = self._challenged("factor_required", "rosa@example.com")
        factor_id = held["authentication_factors"][0]["id"]
        challenge = self._step("factor_challenge", lambda: self._sdk.challenge(factor_id))

        def answer(code: str) -> Any:
            return self._answer(code, challenge.id, held)

        following = totp(secret, later=30)
        nonsense = {"pending_authentication_token": "nonsense"}
        self._step("totp_wrong_pending", lambda: self._answer(following, challenge.id, nonsense))
        self._step("totp_wrong", lambda: answer(wrong(used)))
        self._step("totp_used_step", lambda: answer(used))
        self._step("totp", lambda: entered(answer(following)))
        self._step("totp_again", lambda: answer(following))

    def _answer(self, code: str, challenge_id: str, held: dict[str, Any]) -> Any:
        """Use the TOTP grant."""
        return self._users.authenticate_with_totp(
            code=code,
            authentication_challenge_id=challenge_id,
            pending_authentication_token=held["pending_authentication_token"],
        )

    def _demand_factor(self, vault: Any) -> None:
        """Enter an organization that demands a second factor, with a secret brought along."""
        host("demand_factor", organization_id=vault.id)
        sofia = self._create("sofia@example.com")
        self._sdk.create_membership(user_id=sofia.id, organization_id=vault.id)
        held = self._challenged("enrollment_required", "sofia@example.com")
        enrolled = self._step("factor_import", lambda: self._sdk.enroll(sofia.id, totp_secret=SECRET))
        challenge_id = enrolled.authentication_challenge.id
        self._step("enrollment_totp", lambda: entered(self._answer(totp(SECRET), challenge_id, held)))

    def _send_text(self) -> None:
        """Challenge a telephone."""
        factor = self._step("sms_enroll", lambda: self._sdk.factors.enroll_factor(type="sms", phone_number=PHONE))
        challenge = self._step("sms_challenge", lambda: self._sdk.challenge(factor.id, sms_template="Code: {{code}}"))
        text = self._step("sms_text", lambda: received(PHONE, "Code: "))
        code = re.findall(r"\d{6}", text)[0]
        self._step("sms_verify", lambda: self._sdk.check(challenge.id, code))


def totp(secret: str, *, later: int = 0) -> str:
    """Compute a code as every authenticator app does (RFC 6238: SHA-1, six digits, half a minute)."""
    counter = int((time.time() + later) // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
