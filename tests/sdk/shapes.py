"""JSON as a server of this wire writes it."""

from __future__ import annotations

from typing import Any

USER: dict[str, Any] = {
    "object": "user",
    "id": "user_01",
    "email": "ada@example.com",
    "email_verified": True,
    "first_name": "Ada",
    "last_name": None,
    "name": None,
    "profile_picture_url": None,
    "external_id": None,
    "metadata": {},
    "last_sign_in_at": None,
    "locale": None,
    "created_at": "2026-01-15T12:00:00.000Z",
    "updated_at": "2026-01-15T12:00:00.000Z",
}
SESSION: dict[str, Any] = {
    "object": "session",
    "id": "session_01",
    "user_id": "user_01",
    "ip_address": None,
    "user_agent": None,
    "auth_method": "password",
    "status": "active",
    "expires_at": "2026-02-15T12:00:00.000Z",
    "ended_at": None,
    "created_at": "2026-01-15T12:00:00.000Z",
    "updated_at": "2026-01-15T12:00:00.000Z",
}
SIGNED_IN: dict[str, Any] = {"user": USER, "access_token": "a.b.c", "refresh_token": "refresh"}


def page(*items: dict[str, Any], before: str | None = None, after: str | None = None) -> dict[str, Any]:
    """Write a page of a list."""
    return {"object": "list", "data": list(items), "list_metadata": {"before": before, "after": after}}


def user(number: int) -> dict[str, Any]:
    """Write a user of their own."""
    return {**USER, "id": f"user_{number:02}", "email": f"user{number}@example.com"}
