"""Values of factors and challenges, and TOTP (RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import unicodedata
from typing import Literal, cast
from urllib.parse import quote

import msgspec
import pyotp

from gatelodge.contract.errors import Fault, RequestInvalid
from gatelodge.contract.factors import (
    AuthenticationChallenge,
    AuthenticationFactor,
    AuthenticationFactorEnrolled,
    FactorType,
    SmsInfo,
    TotpEnrollment,
    TotpInfo,
)
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.kit.entropy import Entropy

SECRET_PURPOSE = "totp_secret"
CODE_PURPOSE = "sms_code"

CHALLENGE_TTL = 600_000
"""Milliseconds that a challenge may be answered."""
MOST_ATTEMPTS = 5
STEP = 30
"""Seconds that a TOTP code is shown."""
SECRET_BYTES = 20

RECOVERY_PURPOSE = "recovery_code"
RECOVERY_CODES = 10
"""Codes that are made at a time."""
RECOVERY_BYTES = 10
"""80 bits of chance in each code, so that a hash of it tells nothing and no search finds one."""

_SHORTEST_SECRET = 10
# Crockford's base32: no letter that is taken for a digit, or for another letter.
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1"})


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A factor as it is stored; the TOTP secret is sealed."""

    id: str
    user_id: str | None
    type: Literal["totp", "sms"]
    phone_number: str | None = None
    totp_issuer: str | None = None
    totp_user: str | None = None
    secret: bytes | None = None
    last_step: int | None = None
    verified_at: int | None = None
    created_at: int
    updated_at: int


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A challenge as it is stored; `code_hash` only for SMS."""

    id: str
    factor_id: str
    code_hash: bytes | None
    attempts: int
    verified_at: int | None
    expires_at: int
    created_at: int
    updated_at: int


class RecoveryCodes(msgspec.Struct, frozen=True, kw_only=True):
    """What may be told of a user's recovery codes."""

    left: int
    """How many are unused."""
    made_at: int | None
    """When they were made, in milliseconds; None where there never were any."""


def write_recovery_code(chance: bytes) -> str:
    """Write ten bytes as a code of sixteen letters and digits in groups of four."""
    number = int.from_bytes(chance, "big")
    letters = "".join(_LETTERS[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def fold_recovery_code(typed: str) -> str:
    """Give the letters of a typed recovery code, however it was spaced and whatever looks alike."""
    plain = unicodedata.normalize("NFKC", typed).casefold().translate(_READ_AS)
    return "".join(letter for letter in plain if letter in _LETTERS)


def fold_code(typed: str) -> str:
    """Give the digits of a typed code: full-width ones made plain, spaces and hyphens dropped."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(character for character in plain if character not in " -\u00a0")


def issue_secret(entropy: Entropy) -> str:
    """Make a TOTP secret of 160 bits in Base32 without padding (RFC 4226 §4)."""
    return base64.b32encode(entropy.token_bytes(SECRET_BYTES)).decode("ascii").rstrip("=")


def check_secret(secret: str) -> str:
    """Let an imported Base32 secret pass, in upper case and without padding.

    Raises:
        RequestInvalid: It is no Base32, or shorter than 80 bits.
    """
    folded = secret.replace(" ", "").upper().rstrip("=")
    padded = folded + "=" * (-len(folded) % 8)
    try:
        plain = base64.b32decode(padded)
    except ValueError:
        plain = b""
    if len(plain) < _SHORTEST_SECRET:
        message = "totp_secret must be Base32 of at least 80 bits."
        raise RequestInvalid(errors=[Fault(code="invalid", field="totp_secret", message=message)])
    return folded


def find_step(secret: str, code: str, *, seconds: int) -> int | None:
    """Find the step in which a code is shown: the present one, or a neighbour (RFC 6238 §5.2)."""
    generator = pyotp.HOTP(secret)
    present = seconds // STEP
    matches = [step for step in (present - 1, present, present + 1) if _is_code(generator, step, code)]
    return matches[-1] if matches else None


def _is_code(generator: pyotp.HOTP, step: int, code: str) -> bool:
    # Every neighbour is compared, so that time does not tell which one it was.
    return hmac.compare_digest(generator.at(step).encode(), code.encode("utf-8", "replace"))


def write_uri(secret: str, *, issuer: str, user: str) -> str:
    """Write the URI that an authenticator app reads from the QR code."""
    label = f"{quote(issuer, safe='')}:{quote(user, safe='')}"
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer, safe='')}"


def draw_qr(uri: str) -> str:
    """Draw a QR code, as a PNG in a data URL."""
    import segno

    drawn: str = segno.make(uri, error="m", micro=False).png_data_uri(scale=5, border=4)
    return drawn


def show_factor(factor: Factor) -> AuthenticationFactor:
    """Write a factor as the wire shows it."""
    return AuthenticationFactor(
        id=factor.id,
        type=cast("FactorType", factor.type),
        user_id=factor.user_id,
        sms=SmsInfo(phone_number=factor.phone_number) if factor.phone_number else None,
        totp=TotpInfo(issuer=factor.totp_issuer, user=factor.totp_user or "") if factor.totp_issuer else None,
        created_at=write_timestamp(factor.created_at),
        updated_at=write_timestamp(factor.updated_at),
    )


def show_enrolled(factor: Factor, secret: str | None) -> AuthenticationFactorEnrolled:
    """Write a factor with its secret, as it is shown once."""
    shown = show_factor(factor)
    totp = None
    if secret is not None and shown.totp is not None:
        uri = write_uri(secret, issuer=shown.totp.issuer, user=shown.totp.user)
        totp = TotpEnrollment(
            issuer=shown.totp.issuer, user=shown.totp.user, secret=secret, qr_code=draw_qr(uri), uri=uri
        )
    return AuthenticationFactorEnrolled(
        id=shown.id,
        type=shown.type,
        user_id=shown.user_id,
        sms=shown.sms,
        totp=totp,
        created_at=shown.created_at,
        updated_at=shown.updated_at,
    )


def show_challenge(challenge: Challenge) -> AuthenticationChallenge:
    """Write a challenge as the wire shows it; one of TOTP shows no expiry."""
    expires_at = None if challenge.code_hash is None else write_timestamp(challenge.expires_at)
    return AuthenticationChallenge(
        id=challenge.id,
        expires_at=expires_at,
        authentication_factor_id=challenge.factor_id,
        created_at=write_timestamp(challenge.created_at),
        updated_at=write_timestamp(challenge.updated_at),
    )
