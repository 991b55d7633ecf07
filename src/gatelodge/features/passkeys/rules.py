"""Values of passkeys, and what browsers are asked and answer (Web Authentication Level 3)."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any
from urllib.parse import urlsplit

import idna
import msgspec

from gatelodge.contract.errors import RuleError
from gatelodge.contract.shapes import ready
from gatelodge.contract.users import User

CHALLENGE_PURPOSE = "passkey_challenge"
HOLDER_PURPOSE = "passkey_challenge_holder"
CHALLENGE_BYTES = 32
CHALLENGE_TTL = 300_000
"""Milliseconds that a challenge may be answered."""
MOST_CHALLENGES = 8
"""Challenges that one browser may hold for one purpose, such as in several tabs."""
MOST_PASSKEYS = 20
"""Passkeys that a user may have."""
LONGEST_NAME = 60
LONGEST_ANSWER = 32_768
"""Characters that a browser may answer with; attestations of several certificates take a few thousand."""

_LONGEST_CREDENTIAL_ID = 1023
# ES256 and EdDSA, then RS256 for Windows Hello on machines that know no other.
_ALGORITHMS = (-7, -8, -257)


class PasskeyInvalid(RuleError):
    """The passkey did not prove what it should."""

    code = "passkey_invalid"


class PasskeyUnknown(RuleError):
    """This passkey is not known here, or not any more."""

    code = "passkey_unknown"


class PasskeyOfOther(RuleError):
    """The passkey is another user's than the one who is to sign in."""

    code = "passkey_of_other_user"


class PasskeyCopied(RuleError):
    """The passkey counts fewer signatures than before, so that there may be a copy of it."""

    code = "passkey_copied"


class PasskeyChallengeGone(RuleError):
    """The challenge was answered before, has expired, or was given to another browser."""

    code = "passkey_challenge_expired"


class PasskeyTaken(RuleError):
    """The passkey is registered already."""

    code = "passkey_taken"


class TooManyPasskeys(RuleError):
    """The user has as many passkeys as there may be."""

    code = "too_many_passkeys"


class Party(msgspec.Struct, frozen=True):
    """Whom passkeys are made for: the relying party, which browsers hold our pages against."""

    id: str
    """The domain of the pages."""
    origin: str


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as it is stored; instants in milliseconds."""

    id: str
    user_id: str
    credential_id: bytes
    public_key: bytes
    """In COSE's form (RFC 9052 §7)."""
    sign_count: int
    name: str
    last_used_at: int | None = None
    barred_at: int | None = None
    """When its count of signatures went back; from then on it signs nobody in."""
    created_at: int
    updated_at: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser answers, as far as it is needed before anything is verified."""

    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None
    whole: bytes
    """All of it, in JSON."""


class NewCredential(msgspec.Struct, frozen=True, kw_only=True):
    """What an authenticator has made, once it is verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


class _Response(msgspec.Struct):
    client_data: str = msgspec.field(name="clientDataJSON")
    user_handle: str | None = msgspec.field(default=None, name="userHandle")


class _Credential(msgspec.Struct):
    id: str
    response: _Response


class _ClientData(msgspec.Struct):
    challenge: str
    cross_origin: bool = msgspec.field(default=False, name="crossOrigin")


def find_party(base_url: str) -> Party | None:
    """Tell whom passkeys of these pages are for; None where browsers would make none.

    Only the setting counts, never what a request says of its host. A browser wants a domain,
    not an address of the network, and HTTPS, or `localhost` while developing.
    """
    try:
        parts = urlsplit(base_url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        domain = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, ValueError):
        return None
    if not domain or _is_address(domain) or not (parts.scheme == "https" or _is_local(domain, parts.scheme)):
        return None
    is_default = port is None or port == {"https": 443, "http": 80}[parts.scheme]
    return Party(domain, f"{parts.scheme}://{domain}" if is_default else f"{parts.scheme}://{domain}:{port}")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_local(host: str, scheme: str) -> bool:
    return scheme == "http" and (host == "localhost" or host.endswith(".localhost"))


def write_bytes(value: bytes) -> str:
    """Write bytes as browsers read them: base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def _read_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def ask_for_one(party: Party, challenge: bytes) -> dict[str, Any]:
    """Write what the browser is asked to prove: any passkey of ours, by a user that it has verified.

    No passkey is named, so that nobody learns by an address which ones its account has.
    """
    return {
        "challenge": write_bytes(challenge),
        "rpId": party.id,
        "timeout": CHALLENGE_TTL,
        "userVerification": "required",
    }


def ask_for_new(party: Party, challenge: bytes, *, brand: str, user: User, others: list[Passkey]) -> dict[str, Any]:
    """Write what the browser is asked to make: a passkey that knows its user, where there is none of `others`."""
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return {
        "attestation": "none",
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "required",
        },
        "challenge": write_bytes(challenge),
        "excludeCredentials": [{"id": write_bytes(other.credential_id), "type": "public-key"} for other in others],
        "pubKeyCredParams": [{"alg": algorithm, "type": "public-key"} for algorithm in _ALGORITHMS],
        "rp": {"id": party.id, "name": brand},
        "timeout": CHALLENGE_TTL,
        "user": {"displayName": name or user.email, "id": write_bytes(user.id.encode()), "name": user.email},
    }


def read_answer(text: str) -> Answer:
    """Read what a browser answers; nothing of it is proved yet.

    Raises:
        PasskeyInvalid: It cannot be read, or was made inside a frame of another site.
    """
    if len(text) > LONGEST_ANSWER:
        raise PasskeyInvalid
    try:
        sent = msgspec.json.decode(text, type=ready(_Credential))
        client_data = msgspec.json.decode(_read_bytes(sent.response.client_data), type=ready(_ClientData))
        handle = sent.response.user_handle
        answer = Answer(
            credential_id=_read_bytes(sent.id),
            challenge=_read_bytes(client_data.challenge),
            user_handle=None if handle is None else _read_bytes(handle),
            whole=text.encode(),
        )
    except ValueError:
        raise PasskeyInvalid from None
    if client_data.cross_origin or not 0 < len(answer.credential_id) <= _LONGEST_CREDENTIAL_ID:
        raise PasskeyInvalid
    return answer


def verify_new(party: Party, answer: Answer) -> NewCredential:
    """Verify what an authenticator has made (Web Authentication §7.1), by a user whom it has verified.

    What makes the authenticator claims is not asked for and proves nothing here.

    Raises:
        PasskeyInvalid: It was made for another origin, party or challenge, or is malformed.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    try:
        verified = verify_registration_response(
            credential=answer.whole.decode(),
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(algorithm) for algorithm in _ALGORITHMS],
        )
    except Exception:  # noqa: BLE001  # foreign bytes; the library names no closed set of what they make it raise
        raise PasskeyInvalid from None
    if verified.credential_id != answer.credential_id:
        raise PasskeyInvalid
    return NewCredential(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
    )


def verify_proof(party: Party, answer: Answer, *, public_key: bytes) -> int:
    """Verify what a passkey has signed (Web Authentication §7.2), for a user whom it has verified; give its count.

    The count is judged by the caller: the library would before it knows that the signature
    is right, and a stranger could make a passkey look copied.

    Raises:
        PasskeyInvalid: It was signed for another origin, party or challenge, or not by this key.
    """
    from webauthn import verify_authentication_response

    try:
        verified = verify_authentication_response(
            credential=answer.whole.decode(),
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001  # foreign bytes; the library names no closed set of what they make it raise
        raise PasskeyInvalid from None
    if verified.credential_id != answer.credential_id:
        raise PasskeyInvalid
    return verified.new_sign_count


def has_gone_back(passkey: Passkey, sign_count: int) -> bool:
    """Tell whether a count of signatures is one that was there before; those that do not count stay at 0."""
    return (passkey.sign_count, sign_count) != (0, 0) and sign_count <= passkey.sign_count
