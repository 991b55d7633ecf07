"""Values of environments and their credentials."""

from __future__ import annotations

import msgspec

from gatelodge.kit.entropy import Entropy, issue_token

API_KEY_PURPOSE = "api_key"

SIGN_IN_REDIRECT = "sign_in"
SIGN_OUT_REDIRECT = "sign_out"
HOME_PAGE = "home_page"


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """A wall between objects: production, staging, a test's own."""

    id: str
    name: str
    created_at: int


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """An application of an environment, named by its client id."""

    environment_id: str
    id: str
    name: str


class SignOutTarget(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser may be sent after a sign-out."""

    environment_id: str
    kind: str
    uri: str
    is_default: bool


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret; `hint` is its last four characters."""

    environment_id: str
    id: str
    name: str
    hint: str
    created_at: int
    last_used_at: int | None
    revoked_at: int | None


class IssuedApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is shown, once."""

    key: ApiKey
    token: str


def issue_api_key(entropy: Entropy) -> str:
    """Make the secret of an API key, 256 bits behind the prefix that clients expect."""
    return "sk_" + issue_token(entropy)
