"""List identities."""

from __future__ import annotations

from gatelodge.contract.identities import UserIdentity
from gatelodge.contract.users import UserId
from gatelodge.features.identities import store
from gatelodge.features.users import actions as users
from gatelodge.kit.unit import Unit

# Everything else about identities spells it `GitHubOAuth` (contract page 24 §5).
_SPELLED_HERE = {"GitHubOAuth": "GithubOAuth"}


def list_user_identities(unit: Unit, asked: UserId) -> list[UserIdentity]:
    """List the social identities of a user, oldest first; links to organizations' SSO are not among them.

    Raises:
        NotFound: This environment has no such user.
    """
    user = users.get_user(unit, asked)
    found = store.list_of_user(unit.read, unit.actor.environment_id, user.id)
    return [UserIdentity(idp_id=subject, provider=_SPELLED_HERE.get(provider, provider)) for provider, subject in found]
