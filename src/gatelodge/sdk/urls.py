"""Addresses that a browser visits, written as the official SDKs write them.

A server reads what is written here in any order and either escape; the order and the
escapes are those of the official Node SDK, so that the two can be compared byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import quote, quote_plus

import msgspec

if TYPE_CHECKING:
    from gatelodge.sdk.configuration import Configuration

ScreenHint: TypeAlias = Literal["sign-in", "sign-up"]
Parameter: TypeAlias = str | int | Sequence[str] | Mapping[str, str | int | None] | None

AUTHORIZE = "/user_management/authorize"
LOGOUT = "/user_management/sessions/logout"
JWKS = "/sso/jwks"

_AUTHKIT = "authkit"
_CHALLENGE_METHOD = "S256"
_SELECTORS = ("provider", "connection_id", "organization_id")
_ONLY_AUTHKIT = ("screen_hint", "max_age")

# Signs before digits before letters, a letter of either case at one place: the order in which
# the Node SDK sorts the members of a map (the root collation of Unicode, for ASCII).
_PLACES = {sign: place for place, sign in enumerate(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789")}


class AuthorizationUrl(msgspec.Struct, frozen=True, kw_only=True):
    """An address to send a browser to, and what to keep for its return."""

    url: str
    """Where the browser goes."""
    state: str
    """What the browser must come back with: compare it."""
    code_verifier: str
    """For `authenticate_with_code`; a secret until then."""


def write_authorization_url(
    configuration: Configuration, client_id: str | None, *, parameters: Mapping[str, Parameter]
) -> str:
    """Write the address at which a sign-in begins; what is None is left out.

    Raises:
        ValueError: The parameters do not go together (contract pages 12 §1 and 32 §1).
        ClientIdRequired: No client id is given, and none is configured.
        ConfigurationInvalid: The client has no base URL.
    """
    wanted, base_url = configuration.need_client_id(client_id), configuration.need_base_url()
    _check_selectors(parameters)
    _check_challenge(parameters)
    members: dict[str, Parameter] = {**parameters, "client_id": wanted, "response_type": "code"}
    if parameters.get("code_challenge") is not None:
        members["code_challenge_method"] = _CHALLENGE_METHOD
    pairs = (pair for name in sorted(members) for pair in _spread(name, members[name]))
    return f"{base_url}{AUTHORIZE}?" + "&".join(f"{_escape(name)}={_escape(value)}" for name, value in pairs)


def write_logout_url(base_url: str, session_id: str, *, return_to: str | None) -> str:
    """Write the address that ends a session; an empty `return_to` is left out.

    Raises:
        ValueError: The id is empty.
    """
    if not session_id:
        raise ValueError("session_id must not be empty.")
    query = f"session_id={_escape_form(session_id)}"
    if return_to:
        query += f"&return_to={_escape_form(return_to)}"
    return f"{base_url}{LOGOUT}?{query}"


def write_jwks_url(base_url: str, client_id: str) -> str:
    """Write the address of the keys that verify a client's access tokens."""
    return f"{base_url}{JWKS}/{quote(client_id, safe='')}"


def _check_selectors(parameters: Mapping[str, Parameter]) -> None:
    chosen = [name for name in _SELECTORS if parameters.get(name)]
    is_authkit = parameters.get("provider") == _AUTHKIT
    if not chosen:
        raise ValueError("One of provider, connection_id and organization_id must be given.")
    # With the hosted pages, an organization is no selector but a choice made in advance.
    if len(chosen) > 1 and not (is_authkit and "connection_id" not in chosen):
        raise ValueError(f"{' and '.join(chosen)} cannot be given together.")
    for name in _ONLY_AUTHKIT:
        if parameters.get(name) is not None and not is_authkit:
            raise ValueError(f"{name} can only be given with provider='authkit'.")


def _check_challenge(parameters: Mapping[str, Parameter]) -> None:
    method = parameters.get("code_challenge_method")
    if method is None:
        return
    if method != _CHALLENGE_METHOD:
        raise ValueError(f"code_challenge_method must be {_CHALLENGE_METHOD!r}, not {method!r}.")
    if parameters.get("code_challenge") is None:
        raise ValueError("code_challenge_method is given without code_challenge.")


def _spread(name: str, value: Parameter) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key in sorted(value, key=_collate):
            if value[key] is not None:
                yield f"{name}[{key}]", _write(value[key])
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield name, item
    elif value is not None:
        yield name, _write(value)


def _collate(key: str) -> tuple[list[int], list[bool]]:
    return [_place(sign) for sign in key], [sign.isupper() for sign in key]


def _place(sign: str) -> int:
    return _PLACES.get(sign, len(_PLACES) + ord(sign.lower()[0]))


def _write(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _escape(text: str) -> str:
    # What JavaScript's encodeURIComponent leaves, but for `! ' *`, and a plus for a blank.
    return quote_plus(text, safe="()~")


def _escape_form(text: str) -> str:
    # The form encoding of the URL standard, which escapes `~` and leaves `*`.
    return quote_plus(text, safe="*").replace("~", "%7E")
