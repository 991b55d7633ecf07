"""A line to PostgreSQL: statements go out together and cost one round trip, whatever their number.

psycopg's cursors make their way of each statement alone: four statements and a commit took
830 us, 310 of them ours and 380 the server's. On libpq itself (`psycopg.pq`), in its
pipeline mode, they take 450, 100 and 220. Connecting, errors and the reading of rows remain
psycopg's.
"""

from __future__ import annotations

import contextlib
import functools
import select
import struct
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import ConnectionFailure, error_from_result
from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus

from gatelodge.kit.database.interface import Given

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg.pq.abc import PGresult

_Key: TypeAlias = tuple[str, tuple[type, ...]]
"""A statement with the types of its values: the server plans one text for each."""

_MOST_STATEMENTS = 512
_LAST_WORDS = 8
# To cancel is a connection of its own, and the server may be the reason for the interruption.
_CANCEL_SECONDS = 5.0
_BROKEN = "The connection broke."
_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK, ExecStatus.EMPTY_QUERY})


class Command(NamedTuple):
    """One statement in PostgreSQL's own form, with the values of `$1`, `$2` and so on."""

    text: str
    values: Sequence[object] = ()
    is_kept: bool = True
    """Whether it is worth to be prepared: it will come again."""


class _Shape(NamedTuple):
    """How values of certain types travel."""

    encoders: tuple[Callable[[Any], bytes | None], ...]
    oids: tuple[int, ...]
    formats: tuple[int, ...]


class _Parcel(NamedTuple):
    """A statement ready to be sent."""

    text: str
    values: list[bytes | None]
    shape: _Shape
    key: _Key | None
    """By which it is found once it is prepared; None when it is not to be."""


class Line:
    """One connection; it is lent to one thread at a time.

    A statement may take its time, but not with a server that has stopped: after some seconds
    without a word it is asked whether it takes connections still, over and over.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        *,
        prepares: bool,
        patience: float,
        is_server_alive: Callable[[], bool],
    ) -> None:
        """Take a connection; `patience` is in seconds."""
        self.connection = connection
        self._silence = int(patience * 1000)
        self._is_server_alive = is_server_alive
        self._pgconn = connection.pgconn
        self._prepares = prepares
        self._names: dict[_Key, bytes] = {}
        self._named = 0
        self._is_over = False
        self._rows = Transformer(connection)
        self.stopped_early: bool = False
        """Whether the last of the statements asked was not run, since one before it failed."""
        self._arrival = select.poll()
        self._arrival.register(self._pgconn.socket, select.POLLIN)
        self._either = select.poll()
        self._either.register(self._pgconn.socket, select.POLLIN | select.POLLOUT)

    def tidy(self) -> bool:
        """Roll back what was left open; False where the next borrower would not find the line idle."""
        if self._pgconn.pipeline_status != PipelineStatus.OFF:
            return False
        if self._pgconn.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            self._pgconn.exec_(b"rollback")
        return self._pgconn.transaction_status == TransactionStatus.IDLE

    def close(self) -> None:
        """End the connection, and the statement that an interruption left running with its locks."""
        if self._pgconn.transaction_status == TransactionStatus.ACTIVE and not self._is_over:
            with contextlib.suppress(psycopg.Error):
                self.connection.cancel_safe(timeout=_CANCEL_SECONDS)
        self.connection.close()

    def forget_some(self) -> bool:
        """Keep the statements that the server holds prepared for this line within bounds, the oldest go.

        False where it would not let them go, as a pooler that names them itself may not.
        """
        if len(self._names) <= _MOST_STATEMENTS:
            return True
        oldest = list(self._names)[: _MOST_STATEMENTS // 2]
        names = [self._names.pop(key) for key in oldest]
        done = self._pgconn.exec_(b"; ".join(b"deallocate " + name for name in names))
        return done.status == ExecStatus.COMMAND_OK

    def look(self) -> bool:
        """Read what came while the line lay idle; False where the server has hung up, as far as is known by now."""
        try:
            for _ in range(_LAST_WORDS):
                if not self._arrival.poll(0):
                    break
                self._pgconn.consume_input()
                # What nobody asked for (a changed setting, a farewell) is read off on the way.
                self._pgconn.is_busy()
        except psycopg.OperationalError:
            return False
        return not self.connection.closed

    def ask(self, *commands: Command) -> list[Given]:
        """Send statements in one go, and wait for their answers.

        Those behind one that fails are not run.

        Raises:
            psycopg.Error: One failed, or the connection broke.
        """
        self.stopped_early = False
        if self._is_over:
            raise ConnectionFailure(_BROKEN)
        # Whatever cannot be sent raises here, before anything is.
        parcels = [self._pack(command) for command in commands]
        results = self._ask_one(parcels[0]) if len(parcels) == 1 else self._ask_all(parcels)
        return [self._read(result, is_last=result is results[-1]) for result in results]

    def _read(self, result: PGresult | None, *, is_last: bool) -> Given:
        """Read an answer now: it may be asked for when another thread has the line."""
        if result is None:
            raise ConnectionFailure(_BROKEN)
        if result.status not in _GOOD:
            self.stopped_early = not is_last
            raise error_from_result(result)
        count = result.ntuples
        if not count:
            return Given([], result.command_tuples or 0)
        self._rows.set_pgresult(result)
        return Given(self._rows.load_rows(0, count, tuple), count)

    def _pack(self, command: Command) -> _Parcel:
        text, values, is_kept = command
        types = tuple(map(type, values))
        shape = _shape(types)
        encoded = [encode(value) for encode, value in zip(shape.encoders, values, strict=True)]
        return _Parcel(text, encoded, shape, (text, types) if is_kept and self._prepares else None)

    def _ask_one(self, parcel: _Parcel) -> list[PGresult | None]:
        if self._is_new(parcel):
            return self._ask_all([parcel])
        self._send(parcel)
        self._push()
        result = self._receive()
        while self._receive() is not None:
            pass
        return [result]

    def _ask_all(self, parcels: list[_Parcel]) -> list[PGresult | None]:
        self._pgconn.enter_pipeline_mode()
        sent: list[_Key | None] = []
        for parcel in parcels:
            if self._is_new(parcel):
                sent.append(self._prepare(parcel))
            self._send(parcel)
            sent.append(None)
        self._pgconn.pipeline_sync()
        self._push()
        results = self._collect(sent)
        # A server that hung up behind its last answer has done what it said; only the line is of no more use.
        try:
            self._pgconn.exit_pipeline_mode()
        except psycopg.OperationalError:
            self._is_over = True
        return results

    def _collect(self, sent: list[_Key | None]) -> list[PGresult | None]:
        """Read the answers, and forget what was not prepared after all."""
        results = []
        for key in sent:
            result = self._receive()
            if result is not None:
                self._pgconn.get_result()  # that there is no more of this one, which libpq knows by now
            if key is None:
                results.append(result)
            elif result is None or result.status != ExecStatus.COMMAND_OK:
                del self._names[key]
                results.append(result)
        self._receive()  # the end of the pipeline
        return results

    def _is_new(self, parcel: _Parcel) -> bool:
        return parcel.key is not None and parcel.key not in self._names

    def _prepare(self, parcel: _Parcel) -> _Key | None:
        self._named += 1
        name = b"gatelodge_%d" % self._named
        self._pgconn.send_prepare(name, parcel.text.encode(), parcel.shape.oids)
        if parcel.key is not None:
            self._names[parcel.key] = name
        return parcel.key

    def _send(self, parcel: _Parcel) -> None:
        text, values, shape, key = parcel
        if key is None:
            self._pgconn.send_query_params(text.encode(), values, shape.oids, shape.formats)
        else:
            self._pgconn.send_query_prepared(self._names[key], values, shape.formats)

    def _push(self) -> None:
        """Send what libpq holds, reading meanwhile: a server that waits for us to read takes nothing."""
        while self._pgconn.flush():
            self._await(self._either)
            self._pgconn.consume_input()

    def _receive(self) -> PGresult | None:
        # libpq would wait with the interpreter's lock in its hands.
        while self._pgconn.is_busy():
            self._await(self._arrival)
            self._pgconn.consume_input()
        return self._pgconn.get_result()

    def _await(self, poll: select.poll) -> None:
        while not poll.poll(self._silence):
            if not self._is_server_alive():
                # Nothing is cancelled any more: to ask for that would wait for the same server.
                self.connection.close()
                raise psycopg.OperationalError("The server has stopped.")


def _encode_text(value: str) -> bytes:
    encoded = value.encode()
    if b"\0" in encoded:
        # libpq would take it for the end.
        raise psycopg.DataError("PostgreSQL text has no NUL.")
    return encoded


def _encode_nothing(value: None) -> None:
    return value


_INTEGER_BYTES = 8
_FORMS: tuple[tuple[type, Callable[[Any], bytes | None], int, int], ...] = (
    # bool comes before int, whose kind it is; 0 leaves a type to the server.
    (type(None), _encode_nothing, 0, 0),
    (str, _encode_text, 0, 0),
    (bool, lambda value: b"\1" if value else b"\0", 16, 1),
    (int, lambda value: value.to_bytes(_INTEGER_BYTES, "big", signed=True), 20, 1),
    (float, struct.Struct(">d").pack, 701, 1),
    (bytes, bytes, 17, 1),
)


@functools.lru_cache(_MOST_STATEMENTS)
def _shape(types: tuple[type, ...]) -> _Shape:
    forms = [_form(type_) for type_ in types]
    return _Shape(
        encoders=tuple(form[1] for form in forms),
        oids=tuple(form[2] for form in forms),
        formats=tuple(form[3] for form in forms),
    )


def _form(type_: type) -> tuple[type, Callable[[Any], bytes | None], int, int]:
    for form in _FORMS:
        if issubclass(type_, form[0]):
            return form
    raise TypeError(f"A {type_.__name__} cannot be a parameter.")
