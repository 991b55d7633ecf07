"""A program of a user of Gatelodge, for the type checkers; it is not run."""

from __future__ import annotations

from gatelodge import AsyncUserManagement, PageOf, User, UserManagement, UserSession, errors


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
