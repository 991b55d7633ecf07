"""User management that a team runs itself: the public names, each brought when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msgspec import UNSET

    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.contract.events import Event
    from gatelodge.contract.sessions import UserSession
    from gatelodge.contract.tokens import Jwks
    from gatelodge.contract.users import User
    from gatelodge.mounting import create_app
    from gatelodge.sdk import errors
    from gatelodge.sdk._async.client import AsyncUserManagement
    from gatelodge.sdk._async.paging import AsyncPageOf
    from gatelodge.sdk._sync.client import UserManagement
    from gatelodge.sdk._sync.paging import PageOf

__all__ = [
    "UNSET",
    "AsyncPageOf",
    "AsyncUserManagement",
    "AuthenticationResponse",
    "Event",
    "Jwks",
    "PageOf",
    "User",
    "UserManagement",
    "UserSession",
    "create_app",
    "errors",
]

_HOMES = {
    "UNSET": "msgspec",
    "AsyncPageOf": "gatelodge.sdk._async.paging",
    "AsyncUserManagement": "gatelodge.sdk._async.client",
    "AuthenticationResponse": "gatelodge.contract.authentication",
    "Event": "gatelodge.contract.events",
    "Jwks": "gatelodge.contract.tokens",
    "PageOf": "gatelodge.sdk._sync.paging",
    "User": "gatelodge.contract.users",
    "UserManagement": "gatelodge.sdk._sync.client",
    "UserSession": "gatelodge.contract.sessions",
    "create_app": "gatelodge.mounting",
}


def __getattr__(name: str) -> object:
    # The server imports this package too, and needs none of the client (PEP 562).
    if name == "errors":
        return import_module("gatelodge.sdk.errors")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
