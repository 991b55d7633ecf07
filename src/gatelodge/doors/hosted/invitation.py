"""Where the link of an invitation leads."""

from __future__ import annotations

from gatelodge.contract.errors import InvitationTokenInvalid
from gatelodge.doors.hosted.authorize import begin
from gatelodge.doors.hosted.rendering import show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.rules import SIGN_IN_REDIRECT
from gatelodge.features.authorization.redirects import is_usable
from gatelodge.features.authorization.rules import Asked
from gatelodge.features.invitations import actions as invitations
from gatelodge.features.invitations.rules import StoredInvitation
from gatelodge.features.organizations import actions as organizations

_LONGEST_TOKEN = 128


def show_invitation(visit: Visit) -> Response:
    """Tell what one is invited to; a scanner that opens the link accepts nothing."""
    token = visit.ask("invitation_token")[:_LONGEST_TOKEN]
    invitation = _find(visit, token)
    organization = organizations.find_organization(visit.unit, invitation.organization_id or "")
    name = organization.name if organization else None
    return show(visit, "invitation", invitation_token=token, email=invitation.email, organization=name)


def _find(visit: Visit, token: str) -> StoredInvitation:
    environment_id = invitations.find_environment(visit.unit, token)
    if environment_id is None:
        raise InvitationTokenInvalid
    client = applications.first_client(visit.unit, environment_id)
    visit.stand_for(environment_id, client.id if client else None)
    return invitations.require_usable(visit.unit, token)


def accept(visit: Visit) -> Response:
    """Begin a sign-in that ends in the acceptance, and leads to the application."""
    token = visit.form.get("invitation_token", "")[:_LONGEST_TOKEN]
    invitation = _find(visit, token)
    client_id = visit.unit.actor.client_id
    listed = applications.list_redirects(visit.unit, visit.unit.actor.environment_id, SIGN_IN_REDIRECT)
    target = next((uri for uri, is_default in listed if is_default and is_usable(uri) and "*" not in uri), None)
    if client_id is None or target is None:
        return show(visit, "error", status=409, code="no_application", again=None)
    asked = Asked(
        client_id=client_id,
        redirect_uri=target,
        login_hint=invitation.email,
        locales=visit.language,
        invitation_token=token,
        organization_id=invitation.organization_id,
        screen_hint="sign-up" if visit.field("account", 8) == "new" else "sign-in",
    )
    return begin(visit, asked)
