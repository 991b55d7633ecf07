"""What a sign-in and a refresh answer, and whom their access tokens speak for."""

from __future__ import annotations

from gatelodge.contract.authentication import AuthenticationResponse
from gatelodge.contract.users import User
from gatelodge.features.roles.rules import Claims
from gatelodge.features.sessions.rules import Session
from gatelodge.features.tokens.rules import Subject


def subject_of(session: Session, claims: Claims | None = None) -> Subject:
    """Tell whom the access tokens of a session speak for, and what they say of a member."""
    return Subject(
        user_id=session.user_id,
        session_id=session.id,
        client_id=session.client_id,
        authenticated_at=session.authenticated_at,
        organization_id=session.organization_id,
        role=claims.role if claims else None,
        roles=claims.roles if claims else (),
        permissions=claims.permissions if claims else (),
        impersonator_email=session.impersonator.email if session.impersonator else None,
    )


def respond(session: Session, user: User, *, access_token: str, refresh_token: str) -> AuthenticationResponse:
    """Write the answer of a sign-in or a refresh."""
    return AuthenticationResponse(
        user=user,
        organization_id=session.organization_id,
        access_token=access_token,
        refresh_token=refresh_token,
        authentication_method=session.authentication_method,
        impersonator=session.impersonator,
    )
