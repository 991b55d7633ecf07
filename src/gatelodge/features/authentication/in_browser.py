"""Sign in on the pages: the same pipeline, which here ends in a code and a browser session.

The grants are those of the API, with the connection's own address and agent; that the
client proves no key is no matter, since the code it gets is worth nothing without one.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import structs

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import InvalidGrant, OrganizationMembershipNotFound
from gatelodge.contract.shapes import ready
from gatelodge.features.authentication import outcomes, redeem
from gatelodge.features.authentication.actions import advance, carry_out, settle, withdrawn
from gatelodge.features.authentication.rules import Progress, Proof, Situation
from gatelodge.features.authorization import actions as authorization
from gatelodge.features.authorization import requests
from gatelodge.features.authorization.rules import AuthorizationRequest
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.features.invitations import actions as invitations
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a sign-in: what goes back to the app, and what the browser's cookie holds."""

    code: str | None
    """To trade for a session; None when it was the pages themselves that asked."""
    session_token: str | None
    """The token of the browser session; None when the one there was goes on."""


def sign_in(
    unit: Unit, request: AuthorizationRequest, *, grant: Grant, earlier: BrowserSession | None = None
) -> Arrived:
    """Carry a sign-in on by one grant; `earlier` is the browser session that it takes the place of.

    Raises:
        RuleError: The credential proves nothing; the attempt stays charged.
        StepRequired: The sign-in goes on with another step.
        OrganizationMembershipNotFound: It is for an organization that the user is no member of.
        RequestGone: Another tab has done this very sign-in.
    """
    arrive = _end_anew(request, earlier)
    return carry_out(unit, grant, finish=arrive, organization_id=request.asked.organization_id)


def begin(unit: Unit, request: AuthorizationRequest, *, proof: Proof) -> Arrived:
    """Carry a sign-in on by what was proved otherwise, such as by making the account.

    Raises:
        StepRequired, OrganizationMembershipNotFound, RequestGone: As `sign_in`.
    """
    if proof.progress.organization_id is None and request.asked.organization_id is not None:
        progress = structs.replace(proof.progress, organization_id=request.asked.organization_id)
        proof = structs.replace(proof, progress=progress)
    return advance(unit, proof, finish=_end_anew(request, None))


def resume(unit: Unit, request: AuthorizationRequest, *, session: BrowserSession) -> Arrived:
    """Sign in by what the browser has proved before; nothing is asked unless more is needed now.

    Raises:
        InvalidGrant: The user is gone, or has another password since.
        StepRequired, OrganizationMembershipNotFound, RequestGone: As `sign_in`.
    """
    user = users.find_user(unit, session.user_id)
    if user is None:
        raise InvalidGrant("The user is gone.")
    earlier = msgspec.json.decode(session.state, type=ready(Progress))
    organization_id = request.asked.organization_id or earlier.organization_id
    if organization_id != request.asked.organization_id and not _is_member(unit, user.id, organization_id):
        organization_id = None
    progress = structs.replace(
        earlier,
        client_id=request.asked.client_id,
        organization_id=organization_id,
        ip_address=unit.actor.ip_address,
        user_agent=unit.actor.user_agent,
        authenticated_at=session.authenticated_at,
        browser_session_id=session.id,
    )

    def spend(queries: Queries) -> None:
        if not browser_sessions.use(queries, unit, session):
            raise InvalidGrant("The browser session has ended.")

    token = request.asked.invitation_token
    invitation = invitations.require_usable(unit, token) if token else None
    proof = redeem.bind(unit, Proof(user=user, progress=progress, kind=None, settle=spend), invitation)
    return advance(unit, proof, finish=_end_as_before(request, session))


def _is_member(unit: Unit, user_id: str, organization_id: str | None) -> bool:
    return organization_id is not None and memberships.find_active(unit, user_id, organization_id) is not None


_End = Callable[[Unit, Proof, Situation], Arrived]


def _end_as_before(request: AuthorizationRequest, session: BrowserSession) -> _End:
    """End in a code; the browser session goes on."""

    def finish(unit: Unit, proof: Proof, situation: Situation) -> Arrived:
        _require_member(proof.progress, situation)

        def write(queries: Queries) -> Arrived:
            settle(queries, unit, proof)
            browser_sessions.remember(queries, unit, session, state=_state(proof.progress))
            return Arrived(code=_issue(queries, unit, request, proof.progress), session_token=None)

        with withdrawn(unit, proof):
            return unit.conclude(write)

    return finish


def _end_anew(request: AuthorizationRequest, earlier: BrowserSession | None) -> _End:
    """End in a code and a browser session, in place of the one there was."""

    def finish(unit: Unit, proof: Proof, situation: Situation) -> Arrived:
        _require_member(proof.progress, situation)
        token = issue_token(unit.random)
        again = earlier if earlier is not None and earlier.user_id == proof.user.id else None
        session_id = again.id if again else unit.new_id("browser_session")
        progress = structs.replace(proof.progress, authenticated_at=unit.now, browser_session_id=session_id)
        session = browser_sessions.new_session(
            unit, session_id=session_id, user_id=proof.user.id, token=token, state=_state(progress)
        )

        def write(queries: Queries) -> Arrived:
            settle(queries, unit, proof)
            outcomes.record_success(queries, unit, proof)
            if earlier is not None:
                # Sessions of apps that came of it keep their link, for the same id comes again.
                browser_sessions.end(queries, unit, earlier.id)
            if again is not None:
                outcomes.record_reauthentication(queries, unit, proof)
            browser_sessions.keep(queries, unit, session)
            return Arrived(code=_issue(queries, unit, request, progress), session_token=token)

        with withdrawn(unit, proof):
            return unit.conclude(write)

    return finish


def _require_member(progress: Progress, situation: Situation) -> None:
    organization_id = progress.organization_id
    if organization_id is None or progress.invitation_id is not None or organization_id == situation.joins:
        return
    if organization_id not in {each.id for each in situation.organizations}:
        raise OrganizationMembershipNotFound


def _state(progress: Progress) -> str:
    # An invitation is used once, by the sign-in that it came with.
    return msgspec.json.encode(structs.replace(progress, invitation_id=None)).decode()


def _issue(queries: Queries, unit: Unit, request: AuthorizationRequest, progress: Progress) -> str | None:
    requests.spend(queries, request)
    if request.asked.redirect_uri is None:
        return None
    return authorization.issue_code(
        queries,
        unit,
        user_id=progress.user_id,
        client_id=progress.client_id,
        state=msgspec.json.encode(progress).decode(),
        code_challenge=request.asked.code_challenge,
    )
