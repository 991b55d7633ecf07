"""An operation: one row of the table that servers dispatch by and clients call by."""

from __future__ import annotations

import enum
from typing import Any

import msgspec


class Access(enum.Enum):
    """Who may call an operation (contract page 00 §2)."""

    API_KEY = "api_key"
    CLIENT = "client"
    """Client credentials in the body, or a public client by its id alone."""
    PUBLIC = "public"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the wire.

    The members of `request` named in `path` travel in the path; of the others, those of
    GET and DELETE travel in the query, and those of POST and PUT in the body. A path
    member written `{name*}` takes the rest of the path whole, slashes included.
    """

    name: str
    method: str
    path: str
    access: Access
    request: type[msgspec.Struct]
    result: Any = None
    status: int = 200
    tag: str
    summary: str
    errors: tuple[str, ...] = ()
    """The codes that may come back besides those of every operation."""
    form: bool = False
    """Form-encoded bodies are read as well as JSON."""
    oauth: bool = False
    """The request is a grant, and a malformed one is answered in the OAuth shape."""
    redirects: bool = False

    @property
    def path_members(self) -> tuple[str, ...]:
        """Name the request members that travel in the path, in order."""
        segments = self.path.split("/")
        return tuple(part.strip("{}*") for part in segments if part.startswith("{"))

    @property
    def reads_query(self) -> bool:
        """Tell whether members outside the path travel in the query."""
        return self.method in {"GET", "DELETE"}


class Nothing(msgspec.Struct, frozen=True):
    """A request without members, or an answer without a body."""
