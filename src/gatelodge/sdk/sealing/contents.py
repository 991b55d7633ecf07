"""What a sealed session holds, in the spelling of Node or in that of the others.

Members are read in either spelling, whatever the seal, since some programs seal what they
like. Unknown members are left out; a user's metadata is never respelled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from gatelodge.contract.sessions import Impersonator
from gatelodge.contract.shapes import ready
from gatelodge.contract.users import User


class SealedSession(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of a session cookie; nothing of it has been verified but the seal.

    Members of `user` that a cookie leaves out to save room are empty.
    """

    access_token: str
    refresh_token: str = ""
    user: User | None = None
    organization_id: str | None = None
    authentication_method: str | None = None
    impersonator: Impersonator | None = None

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        return f"<{type(self).__name__} of {self.user.id if self.user else 'nobody'}>"


_SESSION_NAMES = {
    "accessToken": "access_token",
    "authenticationMethod": "authentication_method",
    "organizationId": "organization_id",
    "refreshToken": "refresh_token",
}
_USER_NAMES = {
    "createdAt": "created_at",
    "emailVerified": "email_verified",
    "externalId": "external_id",
    "firstName": "first_name",
    "lastName": "last_name",
    "lastSignInAt": "last_sign_in_at",
    "profilePictureUrl": "profile_picture_url",
    "updatedAt": "updated_at",
}
_NODE_NAMES = {new: old for names in (_SESSION_NAMES, _USER_NAMES) for old, new in names.items()}
_FEWEST = {"email": "", "email_verified": False, "created_at": "", "updated_at": ""}


class _Snake(msgspec.Struct):
    """A session in the spelling of Python, Go and Ruby, whose user lacks nothing."""

    access_token: str
    refresh_token: str = ""
    user: User | None = None
    organization_id: str | None = None
    authentication_method: str | None = None
    impersonator: Impersonator | None = None


class _CamelUser(msgspec.Struct, rename="camel"):
    """A user in the spelling of Node."""

    id: str
    email: str
    email_verified: bool
    created_at: str
    updated_at: str
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    profile_picture_url: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = {}
    last_sign_in_at: str | None = None
    locale: str | None = None


class _Camel(msgspec.Struct, rename="camel"):
    """A session in the spelling of Node, whose user lacks nothing."""

    access_token: str
    user: _CamelUser
    refresh_token: str = ""
    organization_id: str | None = None
    authentication_method: str | None = None
    impersonator: Impersonator | None = None


class _Loose(msgspec.Struct):
    """The least that is insisted on, after respelling."""

    access_token: str
    refresh_token: str = ""
    user: dict[str, Any] | None = None
    organization_id: str | None = None
    authentication_method: str | None = None
    impersonator: dict[str, Any] | None = None


_SNAKE, _CAMEL = msgspec.json.Decoder(ready(_Snake)), msgspec.json.Decoder(ready(_Camel))


def read_contents(plain: bytes) -> SealedSession | None:
    """Read what a seal held; None when it is no session."""
    # What the SDKs write is read in one step (a third of the time), and anything else by its members.
    try:
        return _read_camel(plain) if b'"accessToken"' in plain else _copy(_SNAKE.decode(plain))
    except (ValueError, RecursionError):
        pass
    # What msgspec raises is a ValueError, whether the JSON is broken or the types are others.
    try:
        return _read_loosely(plain)
    except (ValueError, RecursionError):
        return None


def _read_camel(plain: bytes) -> SealedSession:
    read = _CAMEL.decode(plain)
    user = User(**{name: getattr(read.user, name) for name in _CamelUser.__struct_fields__})
    return _copy(read, user)


def _copy(read: _Camel | _Snake | _Loose, user: User | None = None) -> SealedSession:
    impersonator = read.impersonator
    return SealedSession(
        access_token=read.access_token,
        refresh_token=read.refresh_token,
        user=read.user if isinstance(read.user, User) else user,
        organization_id=read.organization_id,
        authentication_method=read.authentication_method,
        impersonator=_read_impersonator(impersonator) if isinstance(impersonator, dict) else impersonator,
    )


def _read_loosely(plain: bytes) -> SealedSession | None:
    members = msgspec.json.decode(plain)
    if not isinstance(members, dict):
        return None
    read = msgspec.convert(_respell(members, _SESSION_NAMES), ready(_Loose))
    return _copy(read, read_user(read.user) if read.user else None)


def write_contents(session: SealedSession, *, is_node: bool) -> bytes:
    """Write a session in Node's spelling or in that of the other SDKs; what is absent is left out."""
    members = {name: value for name, value in msgspec.to_builtins(session).items() if value not in (None, "")}
    if is_node:
        members = _respell(members, _NODE_NAMES)
        members["user"] = _respell(members.get("user", {}), _NODE_NAMES)
    return msgspec.json.encode(members)


def read_user(members: dict[str, Any]) -> User:
    """Read a user in either spelling; only the id is insisted on.

    As in an answer of a server, a value of a type that we do not foresee stays as it came.

    Raises:
        ValueError: There is no id.
    """
    known: dict[str, Any] = _FEWEST | _respell(members, _USER_NAMES)
    try:
        return msgspec.convert(known, ready(User))
    except msgspec.ValidationError:
        if not isinstance(known.get("id"), str):
            raise
    return User(**{name: value for name, value in known.items() if name in User.__struct_fields__})


def _read_impersonator(members: dict[str, Any]) -> Impersonator:
    return msgspec.convert({"reason": None, **members}, ready(Impersonator))


def _respell(members: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in members.items()}
