"""The social identities of users on the wire (contract page 24 §5)."""

from __future__ import annotations

from typing import Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.users import UserId


class UserIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """An account at a social provider that a user signs in by.

    `provider` is spelled as on this endpoint alone: `GithubOAuth`, which is `GitHubOAuth`
    elsewhere.
    """

    idp_id: str
    """The provider's own name for the account."""
    type: Literal["OAuth"] = "OAuth"
    provider: str


LIST_USER_IDENTITIES = Operation(
    name="list_user_identities",
    method="GET",
    path="/user_management/users/{user_id}/identities",
    access=Access.API_KEY,
    request=UserId,
    result=list[UserIdentity],
    tag="user-management.users",
    summary="List the social identities of a user.",
)

OPERATIONS = (LIST_USER_IDENTITIES,)
