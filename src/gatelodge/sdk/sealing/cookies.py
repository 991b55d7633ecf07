"""Open a session cookie of any official SDK, and write one for the SDK that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias
from urllib.parse import unquote

from gatelodge.contract.authentication import AuthenticationResponse
from gatelodge.sdk.errors import ConfigurationInvalid, SessionTooLarge
from gatelodge.sdk.retry import SystemTiming
from gatelodge.sdk.sealing import fernet, go, iron, ruby
from gatelodge.sdk.sealing.contents import SealedSession, read_contents, write_contents

if TYPE_CHECKING:
    from types import ModuleType

SealFormat: TypeAlias = Literal["iron", "fernet", "go", "ruby"]
CookiePassword: TypeAlias = str | Sequence[str]

LARGEST_COOKIE = 3_800
"""Bytes that are written. A browser drops a cookie of more than 4,096 with its name and attributes."""

LARGEST_READ = 16_384
"""Characters; a longer cookie is refused unread."""

_FORMATS: dict[SealFormat, ModuleType] = {"iron": iron, "fernet": fernet, "go": go, "ruby": ruby}


class Opened(NamedTuple):
    """A session, and the format it was sealed in."""

    session: SealedSession
    seal_format: SealFormat


def list_passwords(cookie_password: CookiePassword) -> tuple[str, ...]:
    """Give the passwords: the first seals, and each of them opens.

    Raises:
        ConfigurationInvalid: There is none, or one is empty.
    """
    passwords = (cookie_password,) if isinstance(cookie_password, str) else tuple(cookie_password)
    if not passwords or not all(passwords):
        raise ConfigurationInvalid(
            "A cookie password is missing: give cookie_password= or set GATELODGE_COOKIE_PASSWORD."
        )
    return passwords


def open_cookie(session_data: object, passwords: Sequence[str], *, now: float) -> Opened | None:
    """Open a cookie with the first password that fits; `now` in seconds since the epoch.

    None means that it does not open, or holds no session, or is no text: nothing about a
    cookie raises, since anybody may send one. The work is bounded by `LARGEST_READ`, by four formats and
    by the number of passwords.
    """
    if not isinstance(session_data, str) or len(session_data) > LARGEST_READ or not session_data.isascii():
        return None
    # Some frameworks hand a cookie over as it was escaped, and no format has this sign.
    text = unquote(session_data, errors="replace") if "%" in session_data else session_data
    if not text.isascii():
        return None
    for name, seal in _FORMATS.items():
        if not seal.is_one(text):
            continue
        for password in passwords:
            plain = seal.unseal(text, password, now=now)
            if plain is not None:
                session = read_contents(plain)
                return None if session is None else Opened(session, name)
    return None


def check_format(seal_format: SealFormat, password: str) -> None:
    """Refuse what nothing can be sealed with.

    Raises:
        ConfigurationInvalid: The format is unknown, or asks another kind of password.
    """
    if seal_format not in _FORMATS:
        raise ConfigurationInvalid(f"There is no format {seal_format!r}: choose from {', '.join(_FORMATS)}.")
    _FORMATS[seal_format].check_password(password)


def seal_cookie(session: SealedSession, password: str, *, seal_format: SealFormat) -> str:
    """Seal a session.

    Raises:
        ConfigurationInvalid: The format is unknown, or asks another kind of password.
        SessionTooLarge: It would have more than 3,800 bytes.
    """
    check_format(seal_format, password)
    plain = write_contents(session, is_node=seal_format == "iron")
    sealed: str = _FORMATS[seal_format].seal(plain, password)
    if len(sealed) > LARGEST_COOKIE:
        raise SessionTooLarge(
            f"The sealed session has {len(sealed)} bytes and a cookie may have {LARGEST_COOKIE}: the access token"
            f" takes {len(session.access_token)} of {len(plain)} inside. Give its roles fewer permissions,"
            " shorten the claims of the JWT template or the user's metadata."
        )
    return sealed


def seal_session(
    session: SealedSession | AuthenticationResponse,
    *,
    cookie_password: CookiePassword,
    seal_format: SealFormat = "iron",
) -> str:
    """Seal a session for a cookie; of several passwords the first seals.

    `iron` is what the Node SDKs read, `fernet` the Python SDKs, `go` and `ruby` theirs.
    Each of them asks its own of a password: iron 32 characters or more, Fernet a Fernet
    key, Ruby 32 bytes or more. A Fernet key suits them all (contract page 31 §1).

    Raises:
        ConfigurationInvalid: The password is missing, or not one for this format.
        SessionTooLarge: It would have more than 3,800 bytes.
    """
    if isinstance(session, AuthenticationResponse):
        session = take_session(session)
    return seal_cookie(session, list_passwords(cookie_password)[0], seal_format=seal_format)


def unseal_session(session_data: str, *, cookie_password: CookiePassword) -> SealedSession | None:
    """Open a session cookie of any official SDK; None when it does not open.

    The tokens inside are not verified: use `authenticate_with_session_cookie` to know who
    is there.

    Raises:
        ConfigurationInvalid: The password is missing.
    """
    opened = open_cookie(session_data, list_passwords(cookie_password), now=SystemTiming().now())
    return None if opened is None else opened.session


def take_session(response: AuthenticationResponse) -> SealedSession:
    """Take from an answer what a cookie keeps."""
    return SealedSession(
        access_token=response.access_token,
        refresh_token=response.refresh_token,
        user=response.user,
        organization_id=response.organization_id,
        authentication_method=response.authentication_method,
        impersonator=response.impersonator,
    )
