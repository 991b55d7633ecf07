"""The class that users of Gatelodge program against."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Self

import msgspec

from gatelodge.sdk._async.authorization import AsyncAuthorization
from gatelodge.sdk._async.cors_origins import AsyncCorsOrigins
from gatelodge.sdk._async.devices import AsyncDevices
from gatelodge.sdk._async.email_change import AsyncEmailChanges
from gatelodge.sdk._async.email_verification import AsyncEmailVerifications
from gatelodge.sdk._async.events import AsyncEvents
from gatelodge.sdk._async.factors import AsyncFactors
from gatelodge.sdk._async.identities import AsyncIdentities
from gatelodge.sdk._async.invitations import AsyncInvitations
from gatelodge.sdk._async.magic_auth import AsyncMagicAuthCodes
from gatelodge.sdk._async.memberships import AsyncMemberships
from gatelodge.sdk._async.organization_roles import AsyncOrganizationRoles
from gatelodge.sdk._async.organizations import AsyncOrganizations
from gatelodge.sdk._async.password_reset import AsyncPasswordResets
from gatelodge.sdk._async.permissions import AsyncPermissions
from gatelodge.sdk._async.redirect_uris import AsyncRedirectUris
from gatelodge.sdk._async.roles import AsyncRoles
from gatelodge.sdk._async.sealed_sessions import AsyncSealedSessions
from gatelodge.sdk._async.sessions import AsyncSessions
from gatelodge.sdk._async.steps import AsyncSteps
from gatelodge.sdk._async.tokens import AsyncTokens
from gatelodge.sdk._async.transport import AsyncHttpTransport, AsyncTransport
from gatelodge.sdk._async.users import AsyncUsers
from gatelodge.sdk.configuration import read_configuration
from gatelodge.sdk.errors import CannotJoin
from gatelodge.sdk.retry import AsyncSystemTiming, AsyncTiming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from gatelodge.sdk.ports import Clock, Entropy
    from gatelodge.sdk.sealing.cookies import CookiePassword


class AsyncUserManagement(
    AsyncAuthorization,
    AsyncCorsOrigins,
    AsyncDevices,
    AsyncEmailChanges,
    AsyncEmailVerifications,
    AsyncEvents,
    AsyncFactors,
    AsyncIdentities,
    AsyncInvitations,
    AsyncMagicAuthCodes,
    AsyncMemberships,
    AsyncOrganizationRoles,
    AsyncOrganizations,
    AsyncPasswordResets,
    AsyncPermissions,
    AsyncRedirectUris,
    AsyncRoles,
    AsyncSealedSessions,
    AsyncSessions,
    AsyncSteps,
    AsyncTokens,
    AsyncUsers,
):
    """Users, organizations and all that belongs to them, on any server of this wire.

    Every call may raise, besides what its own description names, `Unauthorized` (the API
    key is not valid), `RateLimited`, `ServiceUnavailable`, `ServerError`, and the client's
    own `ConnectionFailed`, `RequestTimedOut` and `AnswerUnreadable`; all of them are
    `gatelodge.errors.GatelodgeError`. Calls that fail in passing are sent again, up to
    `retries` times, and never carried out twice.

    One object may be shared by as many callers as you like; close it, or use it as a
    context manager.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        client_id: str | None = None,
        base_url: str | None = None,
        cookie_password: CookiePassword | None = None,
        issuer: str | Sequence[str] | None = None,
        timeout: float = 60.0,
        retries: int = 3,
        transport: AsyncTransport | None = None,
        timing: AsyncTiming | None = None,
    ) -> None:
        """Settle who calls and where to; nothing is sent.

        What is not given comes from `GATELODGE_API_KEY`, `GATELODGE_CLIENT_ID`,
        `GATELODGE_BASE_URL`, `GATELODGE_COOKIE_PASSWORD` and `GATELODGE_ISSUER`, or from the
        `WORKOS_…` variables of the same names. Without an API key (`api_key=""` where the
        environment has one) it is a public client: what needs a secret says so before
        anything is sent. Of several cookie passwords the first seals and each opens;
        `GATELODGE_PREVIOUS_COOKIE_PASSWORD` opens only. Access tokens in cookies must come
        from the `issuer`, or from one of several, where any is given. `timeout` bounds, in
        seconds, connecting and each wait for the server. `transport` and `timing` replace
        HTTP and the machine's clock.

        Raises:
            ConfigurationInvalid: The base URL is missing, or a value cannot be used.
        """
        configuration = read_configuration(
            api_key=api_key,
            client_id=client_id,
            base_url=base_url,
            cookie_password=cookie_password,
            issuer=issuer,
            timeout=timeout,
            retries=retries,
        )
        if transport is None:
            transport = AsyncHttpTransport(configuration.need_base_url(), timeout=timeout)
        super().__init__(configuration, transport=transport, timing=timing or AsyncSystemTiming())

    @classmethod
    def embedded(
        cls,
        database: str,
        *,
        client_id: str | None = None,
        master_key: str | None = None,
        base_url: str | None = None,
        cookie_password: CookiePassword | None = None,
        settings: Mapping[str, object] | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        retries: int = 0,
    ) -> Self:
        """Open the engine in this process: no server, no socket, no API key.

        `database` is `sqlite:///relative.db`, `sqlite:////absolute.db` or
        `postgresql://…`; SQLite is made and migrated on the way, which blocks. `client_id`
        names the environment, which is made when it is not there. `settings` are further
        settings by name, as in the settings page; those not given come from
        `GATELODGE_…` variables. Without a master key, SQLite keeps one in a file beside
        the data that only its owner may read.

        Answers and errors are those of a server. Close it: a thread of its own numbers
        events and sweeps what has expired.

        Raises:
            ConfigurationInvalid: A setting cannot be used, the master key is missing or
                wrong, or the database cannot be opened or has another version's schema.
            ServiceUnavailable: The database does not answer.
        """
        from gatelodge.embedded import open_async_transport

        transport = open_async_transport(
            database,
            client_id=client_id,
            master_key=master_key,
            settings={**(settings or {}), **({} if base_url is None else {"base_url": base_url})},
            clock=clock,
            entropy=entropy,
        )
        return cls(
            "",
            client_id=transport.client_id,
            base_url=transport.base_url,
            cookie_password=cookie_password,
            issuer=transport.issuer,
            retries=retries,
            transport=transport,
            timing=AsyncSystemTiming(clock),
        )

    @contextlib.contextmanager
    def joined(self, connection: object) -> Iterator[Self]:
        """Make calls part of your own database transaction: your tenant's row and the user, or neither.

        For an embedded client of plain functions, whose database you share. `connection` is
        yours, of `sqlite3` or psycopg, or SQLAlchemy's or Django's around one, with its
        transaction; where none is open and the connection opens them by itself, one is
        opened. Call the methods of what this gives, on this thread. You commit or roll back,
        here or later: until then nobody sees what was written, no mail leaves and no event
        is told. A call that raises undoes itself alone.

        Reading, creating, changing, deleting and inviting may join. Sign-ins, codes and
        resets may not: their attempts count, and their tokens are given away, whatever
        becomes of your transaction. See the page on transactions.

        Raises:
            CannotJoin: The client is not embedded or is one of coroutines, or the connection
                will not do. Also raised inside, by a method that must stand on its own.
        """
        join: Callable[[object], AbstractContextManager[AsyncTransport]] | None
        join = getattr(self._transport, "join", None)
        if join is None:
            raise CannotJoin("Only a client made by UserManagement.embedded can join a transaction.")
        configuration = msgspec.structs.replace(self._configuration, retries=0)
        with join(connection) as transport:
            inside = object.__new__(type(self))
            super(AsyncUserManagement, inside).__init__(configuration, transport=transport, timing=self._timing)
            yield inside

    @property
    def client_id(self) -> str:
        """Give the client id, or an empty string."""
        return self._configuration.client_id

    @property
    def base_url(self) -> str:
        """Give the address of the server, without a slash at its end, or an empty string."""
        return self._configuration.base_url

    async def close(self) -> None:
        """Let go of connections, or of the database; nothing can be called afterwards."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        way = "embedded" if self._transport.trusted else "remote"
        return f"<{type(self).__name__}: {way}, {self._configuration!r}>"
