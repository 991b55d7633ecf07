"""Magic auth on the wire: signing in by a mailed code (contract page 17)."""

from __future__ import annotations

from typing import Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.users import Address, Agent


class MagicAuth(msgspec.Struct, frozen=True, kw_only=True):
    """A code that was mailed to sign in by, in the clear for an app with mails of its own."""

    object: Literal["magic_auth"] = "magic_auth"
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
    code: str


class MagicAuthId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a magic auth code."""

    magic_auth_id: str
    """The id of the code, as its creation or its event told it."""


class CreateMagicAuth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Mail a code to an address; an unknown address becomes a user where sign-up is open."""

    email: str
    invitation_token: str | None = None
    ip_address: Address | None = None
    user_agent: Agent | None = None
    radar_auth_attempt_id: str | None = None
    signals_id: str | None = None


_TAG = "user-management.magic-auth"

CREATE_MAGIC_AUTH = Operation(
    name="create_magic_auth",
    method="POST",
    path="/user_management/magic_auth",
    access=Access.API_KEY,
    request=CreateMagicAuth,
    result=MagicAuth,
    status=201,
    tag=_TAG,
    summary="Mail a code to sign in by.",
    errors=(
        "authentication_method_not_allowed",
        "daily_quota_exceeded",
        "email_domain_not_deliverable",
        "invitation_invalid",
        "sign_up_not_allowed",
    ),
)
GET_MAGIC_AUTH = Operation(
    name="get_magic_auth",
    method="GET",
    path="/user_management/magic_auth/{magic_auth_id}",
    access=Access.API_KEY,
    request=MagicAuthId,
    result=MagicAuth,
    tag=_TAG,
    summary="Get a magic auth code.",
)

OPERATIONS = (CREATE_MAGIC_AUTH, GET_MAGIC_AUTH)
