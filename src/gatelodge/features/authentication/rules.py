"""Values of a sign-in under way, and the one function that decides what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from gatelodge.contract.errors import GatelodgeError
from gatelodge.contract.users import User
from gatelodge.kit.database import Queries

PENDING_PURPOSE = "pending_authentication"
THROTTLE_PURPOSE = "sign_in_attempts"

PENDING_TTL = 900_000
"""Milliseconds that a pending authentication token lives (contract page 40)."""


class NotProved(Exception):
    """A credential did not prove what it should; the reason goes on the wire."""

    def __init__(
        self, error: GatelodgeError, *, user_id: str | None = None, email: str | None = None
    ) -> None:
        """Keep whom the attempt was about, for the event that tells of it."""
        super().__init__(error.message)
        self.error = error
        self.user_id = user_id
        self.email = email


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in has proved so far; it is what a pending token stands for."""

    user_id: str
    client_id: str
    method: str
    """The `authentication_method` that began it; later steps do not change it."""
    email_proved: bool = False
    organization_id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a grant has proved: who it is, and by which method."""

    user: User
    method: str
    kind: str
    """The word for the method in the names of events."""
    email_proved: bool = False
    settle: Callable[[Queries], None]
    """Runs in the write that stores what was bought: spends a code, replaces a hash. It
    raises when the proof has been spent or withdrawn in between."""


class Done(msgspec.Struct, frozen=True):
    """Nothing is missing: a session may be opened."""


class VerifyEmail(msgspec.Struct, frozen=True):
    """The address must be proved first."""


Step: TypeAlias = Done | VerifyEmail


def next_step(user: User, progress: Progress) -> Step:
    """Decide what a sign-in still needs, from what is stored and nothing else."""
    if not user.email_verified and not progress.email_proved:
        return VerifyEmail()
    return Done()
