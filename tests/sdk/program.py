"""A program of a user of Gatelodge, for the type checkers; it is not run."""

from __future__ import annotations

from gatelodge import (
    AsyncUserManagement,
    AuthenticatedSession,
    PageOf,
    RefusedSession,
    SessionFailureReason,
    User,
    UserManagement,
    UserSession,
    errors,
)


def show(*_: object) -> None:
    """Use a value."""


def sign_up(um: UserManagement, email: str, password: str) -> tuple[User, str] | None:
    try:
        user = um.create_user(email, password=password, metadata={"plan": "free"})
    except errors.UserCreationError as taken:
        show([fault.code for fault in taken.errors])
        return None
    try:
        response = um.authenticate_with_password(user.email, password=password)
    except errors.EmailVerificationRequired as step:
        show(step.email, step.pending_authentication_token, step.request_id)
        return None
    except (errors.ConnectionFailed, errors.RateLimited) as passing:
        show(passing.retry_after)
        return None
    organization_id: str | None = response.organization_id
    show(organization_id)
    return user, response.access_token


def tidy(um: UserManagement, user: User) -> list[str]:
    um.update_user(user.id, first_name=None, metadata={"plan": None}, password_hash_type="bcrypt")
    sessions: PageOf[UserSession] = um.list_sessions(user.id, order="asc")
    for session in sessions.auto_paging_iter():
        ended = um.revoke_session(session.id)
        show(ended.status if ended else "ended", session.auth_method == "password")
    um.delete_user(user.id)
    return [event.event for event in um.list_events(["user.deleted"])]


def who(um: UserManagement, cookie: str | None) -> tuple[str, str | None]:
    session = um.load_sealed_session(cookie, cookie_password=["new password, long enough to seal", "old password"])
    verdict = session.authenticate()
    if verdict:
        roles: tuple[str, ...] = verdict.roles
        show(roles, verdict.impersonator.email if verdict.impersonator else None, verdict.claims.get("plan"))
        return verdict.user.email, None
    if verdict.reason is SessionFailureReason.INVALID_JWT:
        renewed = session.refresh(organization_id="org_01")
        if renewed.authenticated is True:
            return renewed.session.user.email, renewed.sealed_session
        show(renewed.retry_after if renewed.retryable else session.get_logout_url())
    return "nobody", None


async def who_later(um: AsyncUserManagement, code: str) -> str | None:
    begun = await um.authenticate_with_code(code, session={"seal_session": True, "seal_format": "fernet"})
    session = um.load_sealed_session(begun.sealed_session)
    verdict: AuthenticatedSession | RefusedSession = await session.authenticate()
    return verdict.user.id if verdict else str(verdict.reason)


async def count() -> int:
    async with AsyncUserManagement.embedded("sqlite:///app.db") as um:
        page = await um.list_users("ada@example.com")
        emails = [user.email async for user in page.auto_paging_iter()]
        show(um.get_logout_url("session_01"), (await um.get_jwks()).keys[0].kid)
        return len(emails)


def main() -> None:
    with UserManagement("sk_test_default", client_id="client_dev", base_url="http://127.0.0.1:4100") as um:
        made = sign_up(um, "ada@example.com", "seventeen yellow herons")
        if made is not None:
            user, _token = made
            show(tidy(um, user))
