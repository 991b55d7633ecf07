"""The official Python SDK 5, the last that was written by hand."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from life import API_KEY, BASE, CLIENT_ID, COOKIE_PASSWORD, Life
from workos import WorkOSClient
from workos.session import Session


class Sdk5:
    """What version 5 does in its own way."""

    # It leaves out what is None, so nothing can be set to null.
    can_clear = False

    def __init__(self) -> None:
        self._client = WorkOSClient(api_key=API_KEY, client_id=CLIENT_ID, base_url=BASE)
        self.users = self._client.user_management
        self.events = self._client.events
        self.version = version("workos")

    def connect(self, key: str) -> Any:
        """Give the user management of another client, with this API key."""
        return WorkOSClient(api_key=key, client_id=CLIENT_ID, base_url=BASE).user_management

    def create(self, **fields: Any) -> Any:
        """Create a user; `password` is plain text."""
        return self.users.create_user(**fields)

    def update(self, user_id: str, **fields: Any) -> Any:
        """Change a user."""
        return self.users.update_user(user_id=user_id, **fields)

    def by_external_id(self, external_id: str) -> Any:
        """Find a user by the application's own id; this version puts it into the path as it is."""
        return self.users.get_user_by_external_id(quote(external_id, safe=""))

    def all_emails(self) -> list[str]:
        """Walk through all users with the SDK's own pagination."""
        return [user.email for user in self.users.list_users()]

    def sessions(self, user_id: str) -> list[Any]:
        """List the sessions of a user."""
        return list(self.users.list_sessions(user_id=user_id).data)

    def seal(self, answer: Any) -> str:
        """Seal the session as an application's sign-in handler does."""
        return str(Session.seal_data(answer.model_dump(), COOKIE_PASSWORD))

    def cookie(self, sealed: str) -> Any:
        """Open a sealed session."""
        return self.users.load_sealed_session(sealed_session=sealed, cookie_password=COOKIE_PASSWORD)


if __name__ == "__main__":
    Life(Sdk5()).tell()
