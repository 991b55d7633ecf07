"""Opens and refreshes the cookie on standard input with the official Python SDK, and seals one of its own.

Prints what it saw as one JSON object. It judges nothing.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from typing import Any

from workos import WorkOSClient  # type: ignore[import-not-found]  # it lies in a folder of its own

COOKIE_PASSWORD = os.environ["COOKIE_PASSWORD"]
MAJOR = int(version("workos").split(".")[0])
client = WorkOSClient(
    api_key=os.environ["API_KEY"],
    client_id=os.environ["CLIENT_ID"],
    base_url=f"http://127.0.0.1:{os.environ['PORT']}/",
)
users = client.user_management


def load(cookie: str) -> Any:
    """Load a sealed session; the argument's name differs."""
    name = "sealed_session" if MAJOR == 5 else "session_data"
    return users.load_sealed_session(**{name: cookie}, cookie_password=COOKIE_PASSWORD)


def seal(answer: Any) -> str:
    """Seal an answer as an application's sign-in handler does."""
    if MAJOR == 5:
        from workos.session import Session  # type: ignore[import-not-found]  # as above

        return str(Session.seal_data(answer.model_dump(), COOKIE_PASSWORD))
    from workos.session import seal_session_from_auth_response

    return str(
        seal_session_from_auth_response(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token,
            user=answer.user.to_dict(),
            cookie_password=COOKIE_PASSWORD,
        )
    )


def tell(verdict: Any) -> dict[str, Any]:
    """Give a verdict in plain words."""
    user = getattr(verdict, "user", None) or {}
    members = user if isinstance(user, dict) else user.dict()
    names = ("authenticated", "reason", "session_id", "organization_id", "role", "permissions")
    told = {name: getattr(verdict, name, None) for name in names}
    return told | {name: members.get(name) for name in ("email", "first_name", "metadata")}


cookie = sys.stdin.read()
refreshed = load(cookie).refresh()
own = users.authenticate_with_password(email=os.environ["EMAIL"], password=os.environ["PASSWORD"])
seen = {
    "opened": tell(load(cookie).authenticate()),
    "logout_url": load(cookie).get_logout_url(),
    "refreshed": tell(refreshed),
    "refreshed_cookie": getattr(refreshed, "sealed_session", None),
    "own_cookie": seal(own),
}
sys.stdout.write(json.dumps(seen, default=str))
