"""Values that look like what a member holds, for examples in the documents."""

from __future__ import annotations

from typing import Any

_ULID = "01K0V7S3GQ8XH2M4N6P8R0T2VW"

# By the member's name, or `object.member` where one name means several things.
VALUES: dict[str, Any] = {
    "access_token": "eyJhbGciOiJSUzI1NiIs…",
    "after": f"user_{_ULID}",
    "auth_method": "password",
    "authentication_method": "Password",
    "before": f"user_{_ULID}",
    "challenge.id": f"auth_challenge_{_ULID}",
    "client_id": "client_dev",
    "client_secret": "sk_test_default",
    "code": "482917",
    "created_at": "2026-01-15T12:00:00.000Z",
    "description": "Write and publish posts",
    "device_code": "Zk3vT1yB7cJq0rWd9eXhNfGmLsPoUaYi",
    "domain": "example.com",
    "e": "AQAB",
    "email": "ada@example.com",
    "ended_at": None,
    "event": "user.created",
    "events": ["user.created", "user.updated"],
    "expires_at": "2026-02-14T12:00:00.000Z",
    "external_id": "crm-4711",
    "first_name": "Ada",
    "ip_address": "203.0.113.7",
    "kid": "key_01K0V7",
    "last_name": "Lovelace",
    "last_sign_in_at": "2026-01-15T12:00:00.000Z",
    "locale": "en-GB",
    "metadata": {"tier": "gold"},
    "n": "0vx7agoebGcQSuu…",
    "name": "Ada Lovelace",
    "new_email": "augusta@example.com",
    "new_password": "another horse 18",
    "origin": "https://app.example.com",
    "password": "correct horse 17",
    "password_hash_type": "bcrypt",
    "permission_slug": "posts:create",
    "permissions": ["posts:create"],
    "phone_number": "+12025550123",
    "qr_code": "data:image/png;base64,iVBORw0KGgo…",
    "range_start": "2026-01-15T12:00:00.000Z",
    "range_end": "2026-01-16T12:00:00.000Z",
    "redirect_uri.uri": "https://app.example.com/callback",
    "refresh_token": "mZ3Yd0qS9vK1nB7xE5tL2hJ8",
    "return_to": "http://localhost:3000",
    "role_slug": "editor",
    "secret": "JBSWY3DPEHPK3PXP",
    "slug": "org-editor",
    "totp_issuer": "Example",
    "totp_user": "ada@example.com",
    "updated_at": "2026-01-15T12:00:00.000Z",
    "uri": "otpauth://totp/Example:ada@example.com?secret=JBSWY3DPEHPK3PXP",
    "user_agent": "Mozilla/5.0",
    "user_code": "BCDF-GHJK",
    "verification_uri": "http://localhost:4100/device",
    "verification_uri_complete": "http://localhost:4100/device?user_code=BCDF-GHJK",
    "x5c": ["MIIC8TCCAdmgAwIBAgIU…"],
    "x5t#S256": "4pNenEBLv0JpLIdugWxWkOsZcK0",
}

# The prefix of ids, by the kind of object and by the members that name another's.
PREFIXES = {
    "authentication_challenge": "auth_challenge",
    "authentication_factor": "auth_factor",
    "email_verification": "email_verification",
    "event": "event",
    "organization": "org",
    "organization_membership": "om",
    "permission": "perm",
    "redirect_uri": "redir",
    "role": "role",
    "session": "session",
    "user": "user",
}


def example_of(name: str, *, kind: str = "") -> Any:
    """Give a value for a member of an object of this kind; None when none is known."""
    if name == "id":
        return f"{PREFIXES.get(kind, kind)}_{_ULID}" if kind else None
    prefix = PREFIXES.get(name.removesuffix("_id")) if name.endswith("_id") else None
    if prefix:
        return f"{prefix}_{_ULID}"
    return VALUES.get(f"{kind}.{name}", VALUES.get(name))
