"""What a test holds in its hand: clients, a clock, an inbox, and short ways to what most tests begin with."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Self, Unpack

import pyotp

from gatelodge.contract.errors import OrganizationSelectionRequired
from gatelodge.embedded import AsyncEmbeddedTransport, EmbeddedTransport
from gatelodge.kit import inbox
from gatelodge.sdk._async.client import AsyncUserManagement
from gatelodge.sdk._sync.client import UserManagement
from gatelodge.sdk.retry import AsyncSystemTiming, SystemTiming
from gatelodge.testing.messages import Message, read_messages

if TYPE_CHECKING:
    from pathlib import Path

    from gatelodge.contract.organizations import Organization
    from gatelodge.contract.users import User
    from gatelodge.doors.embedded import Engine
    from gatelodge.sdk.signing_in import AuthenticationResponse, SealOptions
    from gatelodge.testing.clock import FrozenClock
    from gatelodge.testing.members import OrganizationMembers, UserMembers

PASSWORD = "correct horse battery staple 17"
"""The password of every user that `Gatelodge.create_user` makes."""

COOKIE_PASSWORD = "a cookie password that only tests may use"

_SEALED: SealOptions = {"seal_session": True}


class Gatelodge:
    """An engine with an environment of its own, seen from both faces of the client.

    `um` and `async_um` are clients of the same accounts; both go by `clock`, which stands
    still until the test moves it, and so do all expiries, codes and tokens.
    """

    def __init__(self, engine: Engine, *, clock: FrozenClock, file: Path) -> None:
        """Take over an open engine and its database file, which `close` removes."""
        self.clock = clock
        self._engine = engine
        self._file = file
        self._numbers = itertools.count(1)

    @cached_property
    def um(self) -> UserManagement:
        """Give the client for plain functions; threads may share it."""
        engine = self._engine
        return UserManagement(
            "",
            client_id=engine.client_id,
            base_url=engine.base_url,
            cookie_password=COOKIE_PASSWORD,
            retries=0,
            transport=EmbeddedTransport(lambda: engine),
            timing=SystemTiming(self.clock),
        )

    @cached_property
    def async_um(self) -> AsyncUserManagement:
        """Give the client for coroutines; any loop may use it, one after the other."""
        engine = self._engine
        return AsyncUserManagement(
            "",
            client_id=engine.client_id,
            base_url=engine.base_url,
            cookie_password=COOKIE_PASSWORD,
            retries=0,
            transport=AsyncEmbeddedTransport(lambda: engine),
            timing=AsyncSystemTiming(self.clock),
        )

    @property
    def database_url(self) -> str:
        """Give the address of the database, for code that opens its own engine on it."""
        return f"sqlite:///{self._file}"

    @property
    def inbox(self) -> list[Message]:
        """Give all mails and SMS so far, oldest first."""
        return read_messages(self._engine.runtime)

    def last_message(self, to: str | None = None) -> Message:
        """Give the newest mail or SMS, of all or of one address or number.

        Raises:
            LookupError: There is none.
        """
        messages = read_messages(self._engine.runtime, to=to)
        if not messages:
            raise LookupError("nothing was sent" if to is None else f"nothing was sent to {to}")
        return messages[-1]

    def clear_inbox(self) -> None:
        """Forget what was sent."""
        self._engine.runtime.database.write(inbox.clear)

    def create_user(
        self,
        email: str | None = None,
        *,
        organization: Organization | str | None = None,
        role_slug: str | None = None,
        **members: Unpack[UserMembers],
    ) -> User:
        """Create a user whose address is proved and whose password is `PASSWORD`.

        Without an address the users are `user1@example.com` and so on. With `organization`,
        or the id of one, the user becomes a member, in a role if one is named. `members`
        are those of `UserManagement.create_user`, and win; `password=None` leaves it out.

        Raises:
            GatelodgeError: As `UserManagement.create_user` and
                `create_organization_membership` do.
        """
        password = None if "password_hash" in members else PASSWORD
        chosen: UserMembers = {"password": password, "email_verified": True, **members}
        user = self.um.create_user(email or f"user{next(self._numbers)}@example.com", **chosen)
        if organization is not None:
            self.um.create_organization_membership(user.id, organization_id=_id_of(organization), role_slug=role_slug)
        return user

    def create_organization(self, name: str | None = None, **members: Unpack[OrganizationMembers]) -> Organization:
        """Create an organization; without a name they are `Organization 1` and so on.

        `members` are those of `UserManagement.create_organization`.

        Raises:
            GatelodgeError: As `UserManagement.create_organization` does.
        """
        return self.um.create_organization(name or f"Organization {next(self._numbers)}", **members)

    def sign_in(
        self, user: User | str, *, password: str = PASSWORD, organization: Organization | str | None = None
    ) -> AuthenticationResponse:
        """Sign a user in with a password; `sealed_session` is what a browser would keep as its cookie.

        `organization`, or the id of one, is where the session takes place; a user who is a
        member of one only is taken there anyway.

        Raises:
            InvalidCredentials: The password is not the user's.
            StepRequired: More is asked of the user; nothing is answered for them.
            OAuthError: The user is not a member there.
        """
        email = user if isinstance(user, str) else user.email
        wanted = None if organization is None else _id_of(organization)
        try:
            signed_in = self.um.authenticate_with_password(email, password=password, session=_SEALED)
        except OrganizationSelectionRequired as step:
            if wanted is None:
                raise
            return self.um.authenticate_with_organization_selection(
                wanted, pending_authentication_token=step.pending_authentication_token, session=_SEALED
            )
        if wanted in (None, signed_in.organization_id):
            return signed_in
        return self.um.authenticate_with_refresh_token(signed_in.refresh_token, organization_id=wanted, session=_SEALED)

    def totp_code(self, secret: str) -> str:
        """Tell the code that an authenticator app shows at this instant for a secret in base32."""
        return pyotp.TOTP(secret).at(self.clock.now() // 1000)

    def close(self) -> None:
        """Close the clients and the engine, and remove the database; a second call does nothing."""
        if "async_um" in self.__dict__:
            # On a thread of its own: the caller's may be running a loop.
            closing = threading.Thread(target=lambda: asyncio.run(self.async_um.close()))
            closing.start()
            closing.join()
        self._engine.close()
        for leftover in self._file.parent.glob(f"{self._file.name}*"):
            with contextlib.suppress(FileNotFoundError):
                leftover.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _id_of(organization: Organization | str) -> str:
    return organization if isinstance(organization, str) else organization.id
