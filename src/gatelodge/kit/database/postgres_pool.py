"""A bounded stack of connections to PostgreSQL.

Our own, because what is borrowed twice a request must cost little: with 16 threads on
2 cores keyed reads came to 13 thousand a second through this stack and to 6 thousand
through psycopg_pool.
"""

from __future__ import annotations

import os
import re
import weakref
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8BinaryDumper, NumericLoader
from psycopg.types.string import TextLoader

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import CannotOpen, UsedAfterFork
from gatelodge.kit.database.postgres_faults import unreachable
from gatelodge.kit.database.postgres_line import Line

if TYPE_CHECKING:
    from psycopg.abc import Buffer

_OPTION = "prepared_statements"
# As libpq reads them: a password may hold a question mark.
_CREDENTIALS = re.compile(r"\w+://[^@/]*@")
_DEFAULTS: dict[str, str | int] = {
    "application_name": "gatelodge",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    # A server that vanished without a word is noticed by a waiting statement, in milliseconds.
    "tcp_user_timeout": 15_000,
}

# Texts are sent as UTF-8, whatever the address says.
_SETTLED: dict[str, str | int] = {"client_encoding": "utf8"}


class Pool:
    """Lends connections, at most `size` at a time, the one used last first."""

    def __init__(self, url: str, *, size: int, patience: float) -> None:
        self._parameters, self._prepares = _parse(url)
        self._patience = patience
        # A queue of permits is a semaphore without Python code of its own.
        self._permits: SimpleQueue[None] = SimpleQueue()
        for _ in range(size):
            self._permits.put(None)
        self._idle: deque[Line] = deque()
        self._closed = False
        self._forked = False
        _abandon_in_children(self)

    def borrow(self) -> Line:
        """Lend a connection, connecting when none is idle.

        Raises:
            ServiceUnavailable: None came free in time, or the server cannot be reached.
        """
        if self._forked:
            raise UsedAfterFork
        try:
            self._permits.get(timeout=self._patience)
        except Empty:
            raise ServiceUnavailable("The database is busy; try again.", retry_after=1) from None
        try:
            return self._pop() or self._connect()
        except BaseException:
            self._permits.put(None)
            raise

    def give_back(self, line: Line) -> None:
        """Take a connection back, rolling back what it left open; a broken one is thrown away."""
        try:
            if line.tidy() and line.forget_some():
                self._idle.append(line)
            else:
                line.close()
        finally:
            self._permits.put(None)
        if self._closed:
            self.forget_idle()

    def forget_idle(self) -> None:
        """Close every idle connection: when one is found dead, its neighbours mostly are too."""
        while (line := self._pop()) is not None:
            line.close()

    def abandon(self) -> None:
        """Refuse all use in a forked child; psycopg leaves the parent's sockets alone there."""
        self._forked = True

    def close(self) -> None:
        """Close what is idle now, and the rest when it comes back."""
        self._closed = True
        if not self._forked:
            self.forget_idle()

    def _pop(self) -> Line | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connect(self) -> Line:
        if self._closed:
            raise ServiceUnavailable("The database is closed.", retry_after=1)
        try:
            connection = psycopg.connect(**self._parameters, autocommit=True)
        except psycopg.Error as error:
            raise unreachable(error) from error
        adapt(connection)
        return Line(connection, prepares=self._prepares, patience=self._patience, is_server_alive=self._is_server_alive)

    def _is_server_alive(self) -> bool:
        """Tell whether the server answers whoever comes; that it has no place for one more is an answer."""
        try:
            psycopg.connect(**self._parameters).close()
        except psycopg.errors.ConnectionTimeout:
            return False
        except psycopg.Error:
            return True
        return True


class _NumberLoader(NumericLoader):
    """Reads numeric as SQLite would give it: `sum()` of integers is an integer."""

    def load(self, data: Buffer) -> Any:  # noqa: ANN401  # narrower than the loader it replaces
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else float(text)


def adapt(target: psycopg.Connection[Any] | psycopg.RawCursor[Any]) -> None:
    """Let values travel as `Queries` promises, on a connection or on one cursor alone."""
    adapters = target.adapters
    adapters.register_loader("json", TextLoader)
    adapters.register_loader("jsonb", TextLoader)
    adapters.register_loader("numeric", _NumberLoader)
    # psycopg sends the narrowest type that holds the value, which makes four prepared
    # statements of one text.
    adapters.register_dumper(int, Int8BinaryDumper)


def _parse(url: str) -> tuple[dict[str, Any], bool]:
    """Read the address, whose password appears in no message.

    libpq's own words about an address quote parts of it, and a password with a stray `@`
    or `/` may be such a part.
    """
    credentials = _CREDENTIALS.match(url)
    start = url.find("?", credentials.end() if credentials else 0)
    place, query = (url, "") if start < 0 else (url[:start], url[start + 1 :])
    options = [option for option in query.split("&") if option]
    chosen = [unquote(option.partition("=")[2]) for option in options if option.partition("=")[0] == _OPTION]
    if any(choice not in ("on", "off") for choice in chosen):
        raise CannotOpen(f"{_OPTION} in the database's address is either on or off.")
    kept = "&".join(option for option in options if option.partition("=")[0] != _OPTION)
    try:
        parameters = {**_DEFAULTS, **conninfo_to_dict(f"{place}?{kept}" if kept else place), **_SETTLED}
    except psycopg.Error:
        raise _not_understood() from None
    hosts = str(parameters.get("host") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    if any("@" in host[1:] for host in hosts) or any(port and not port.isdigit() for port in ports):
        raise _not_understood()
    return parameters, "off" not in chosen


def _not_understood() -> CannotOpen:
    return CannotOpen(
        "The database's address is not understood; it is postgresql://user:password@host:port/database, "
        "with special characters of the user and the password written as %XX."
    )


def _abandon_in_children(pool: Pool) -> None:
    # The hook cannot be taken back, so it holds nothing alive.
    weak = weakref.ref(pool)

    def abandon() -> None:
        pool = weak()
        if pool is not None:
            pool.abandon()

    os.register_at_fork(after_in_child=abandon)
