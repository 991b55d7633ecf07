"""The names of all events that this version emits, in alphabetical order."""

from __future__ import annotations

NAMES = (
    "authentication.email_verification_failed",
    "authentication.email_verification_succeeded",
    "authentication.mfa_failed",
    "authentication.mfa_succeeded",
    "authentication.password_failed",
    "authentication.password_succeeded",
    "email_verification.created",
    "organization_role.created",
    "organization_role.deleted",
    "organization_role.updated",
    "permission.created",
    "permission.deleted",
    "permission.updated",
    "role.created",
    "role.updated",
    "session.created",
    "session.revoked",
    "user.created",
    "user.deleted",
    "user.updated",
)
