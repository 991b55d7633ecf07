"""The names of all events that this version emits, in alphabetical order."""

from __future__ import annotations

NAMES = (
    "authentication.password_failed",
    "authentication.password_succeeded",
    "email_verification.created",
    "session.created",
    "session.revoked",
    "user.created",
    "user.deleted",
    "user.updated",
)
