"""The official Python SDK 10."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from life import API_KEY, BASE, CLIENT_ID, COOKIE_PASSWORD, Life
from workos import WorkOSClient
from workos.session import seal_session_from_auth_response
from workos.user_management import PasswordPlaintext


class Sdk10:
    """What version 10 does in its own way."""

    can_clear = True

    def __init__(self) -> None:
        self._client = WorkOSClient(api_key=API_KEY, client_id=CLIENT_ID, base_url=BASE)
        self.users = self._client.user_management
        self.events = self._client.events
        self.version = version("workos")

    def connect(self, key: str) -> Any:
        """Give the user management of another client, with this API key."""
        return WorkOSClient(api_key=key, client_id=CLIENT_ID, base_url=BASE).user_management

    def create(self, *, password: str | None = None, **fields: Any) -> Any:
        """Create a user; `password` is plain text."""
        return self.users.create_user(**fields, password=PasswordPlaintext(password=password) if password else None)

    def update(self, user_id: str, **fields: Any) -> Any:
        """Change a user."""
        return self.users.update_user(user_id, **fields)

    def by_external_id(self, external_id: str) -> Any:
        """Find a user by the application's own id; this version escapes it."""
        return self.users.get_user_by_external_id(external_id)

    def all_emails(self) -> list[str]:
        """Walk through all users with the SDK's own pagination."""
        return [user.email for user in self.users.list_users().auto_paging_iter()]

    def sessions(self, user_id: str) -> list[Any]:
        """List the sessions of a user."""
        return list(self.users.list_sessions(user_id).data)

    def seal(self, answer: Any) -> str:
        """Seal the session as an application's sign-in handler does."""
        return seal_session_from_auth_response(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            user=answer.user.to_dict(),
            cookie_password=COOKIE_PASSWORD,
        )

    def cookie(self, sealed: str) -> Any:
        """Open a sealed session."""
        return self.users.load_sealed_session(session_data=sealed, cookie_password=COOKIE_PASSWORD)


if __name__ == "__main__":
    Life(Sdk10()).tell()
