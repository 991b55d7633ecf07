"""What a sealed session holds, in the spelling of Node or in that of the others.

Members are read in either spelling, whatever the seal, since some programs seal what they
like. Unknown members are left out; a user's metadata is never respelled.
"""

from __future__ import annotations

from typing import Any

import msgspec

from gatelodge.contract.sessions import Impersonator
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


class _Contents(msgspec.Struct):
    """The types that are insisted on; a member that has another is as good as absent."""

    access_token: str
    refresh_token: str = ""
    user: dict[str, Any] | None = None
    organization_id: str | None = None
    authentication_method: str | None = None
    impersonator: dict[str, Any] | None = None


def read_contents(plain: bytes) -> SealedSession | None:
    """Read what a seal held; None when it is no session."""
    try:
        members = msgspec.json.decode(plain)
        if not isinstance(members, dict):
            return None
        read = msgspec.convert(_respell(members, _SESSION_NAMES), _Contents)
        return SealedSession(
            access_token=read.access_token,
            refresh_token=read.refresh_token,
            user=read_user(read.user) if read.user else None,
            organization_id=read.organization_id,
            authentication_method=read.authentication_method,
            impersonator=_read_impersonator(read.impersonator) if read.impersonator else None,
        )
    except (ValueError, RecursionError):
        # What msgspec raises is a ValueError, whether the JSON is broken or the types are others.
        return None


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
        return msgspec.convert(known, User)
    except msgspec.ValidationError:
        if not isinstance(known.get("id"), str):
            raise
    return User(**{name: value for name, value in known.items() if name in User.__struct_fields__})


def _read_impersonator(members: dict[str, Any]) -> Impersonator:
    return msgspec.convert({"reason": None, **members}, Impersonator)


def _respell(members: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(name, name): value for name, value in members.items()}
