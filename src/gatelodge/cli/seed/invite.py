"""Invitations, each sent once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import UNSET

from gatelodge.cli.seed import authorize, organize
from gatelodge.cli.seed.changes import Detail, Difference, Step, Wrong
from gatelodge.cli.seed.organize import Named
from gatelodge.cli.seed.shapes import EnvironmentSeed, InvitationSeed
from gatelodge.contract.invitations import ListInvitations, SendInvitation
from gatelodge.features.invitations import actions as invitations
from gatelodge.features.invitations import send
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.unit import Unit

_MOST_PAGES = 100
_PAGE = 100


def list_steps(seed: EnvironmentSeed) -> Iterator[Step]:
    """Make the steps of an environment's invitations."""
    for item in seed.invitations:
        name = item.email if item.organization is UNSET else f"{item.email} to {item.organization}"
        yield Step(kind="invitation", name=name, line=item.line, look=_look_for_invitation(seed, item))


def _look_for_invitation(seed: EnvironmentSeed, item: InvitationSeed) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        named = Named(None, None) if item.organization is UNSET else organize.resolve(unit, seed, item.organization)
        if item.role is not UNSET:
            authorize.check_slugs(unit, seed, [item.role], organization=named.seed, organization_id=named.id)
        _check_inviter(unit, seed, item)
        if _is_needless(unit, item, named):
            return None
        details = [] if item.role is UNSET else [Detail("role", None, item.role)]
        return Difference(verb="send", details=details, carry_out=lambda unit: _send(unit, item, named))

    return look


def _check_inviter(unit: Unit, seed: EnvironmentSeed, item: InvitationSeed) -> None:
    if item.inviter is UNSET or users.find_user_by_email(unit, item.inviter) is not None:
        return
    form = find_email_form(item.inviter)
    if form is None or form not in {find_email_form(user.email) for user in seed.users}:
        raise Wrong(f"there is no user {item.inviter!r} who invites, neither in this file nor in the database.")


def _is_needless(unit: Unit, item: InvitationSeed, named: Named) -> bool:
    """Tell whether somebody has what an invitation leads to, or was invited, whatever came of it."""
    user = users.find_user_by_email(unit, item.email)
    if item.organization is UNSET:
        return user is not None or _was_invited(unit, item.email, None)
    if named.id is None:
        return False
    if user is not None and memberships.has_any(unit, user.id, named.id):
        return True
    return _was_invited(unit, item.email, named.id)


def _was_invited(unit: Unit, email: str, organization_id: str | None) -> bool:
    cursor = None
    for _ in range(_MOST_PAGES):
        asked = ListInvitations(email=email, organization_id=organization_id, limit=_PAGE, after=cursor)
        page = invitations.list_invitations(unit, asked)
        if any(each.organization_id == organization_id for each in page.data):
            return True
        cursor = page.list_metadata.after
        if cursor is None:
            break
    return False


def _send(unit: Unit, item: InvitationSeed, named: Named) -> None:
    if item.organization is not UNSET and named.id is None:
        raise Wrong("its organization is not there.")
    inviter = None if item.inviter is UNSET else users.find_user_by_email(unit, item.inviter)
    given: dict[str, Any] = {"role_slug": item.role, "expires_in_days": item.expires_in_days, "locale": item.locale}
    asked = SendInvitation(
        email=item.email,
        organization_id=named.id,
        inviter_user_id=inviter.id if inviter else None,
        **{name: value for name, value in given.items() if value is not UNSET},
    )
    send.send_invitation(unit, asked)
