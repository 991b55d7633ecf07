"""What the commands print: tables for people, JSON for machines, one line for a fault.

Answers go to standard output, everything that is said about them to standard error, so
that `gatelodge keys create backend >key` leaves the key alone in the file. What others
have written, such as a user's name, is printed without the characters that a terminal
would obey.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
import threading
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec
from cyclopts import Parameter

from gatelodge.contract.timestamps import write_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AsJson: TypeAlias = Annotated[bool, Parameter(name="--json", help="Print JSON, for machines.")]
Yes: TypeAlias = Annotated[bool, Parameter(name="--yes", help="Do it without asking.")]

_SPINNER_AFTER = 0.7


class Refused(Exception):
    """The command cannot go on; one line that says why and what to do."""


def fail(message: str) -> int:
    """Print a fault on standard error, a line for each of its lines; give the exit status."""
    for line in message.splitlines() or ["failed"]:
        print(f"gatelodge: {clean(line)}", file=sys.stderr, flush=True)
    return 1


def say(text: str = "") -> None:
    """Print a line of the answer."""
    print(clean(text))


def note(text: str = "") -> None:
    """Print a line about the answer, on standard error."""
    print(clean(text), file=sys.stderr, flush=True)


def show_json(value: object) -> None:
    """Print a value as indented JSON."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, whole: Sequence[str] = ()) -> None:
    """Print a table: drawn on a terminal, elsewhere a header and values with tabs between them.

    The columns named in `whole` are never folded, so that their values can be copied.
    """
    cleaned = [[clean(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *cleaned]:
            print("\t".join(row))
        return
    if not cleaned:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in whole)
    for row in cleaned:
        table.add_row(*[Text(value) for value in row])
    Console(highlight=False).print(table)


def show_members(members: Iterable[tuple[str, str]]) -> None:
    """Print one object, a member a line."""
    pairs = list(members)
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        say(f"{name:{width}}  {value}" if sys.stdout.isatty() else f"{name}\t{value}")


def clean(text: str) -> str:
    """Write the characters that steer a terminal or turn the text around as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def write_instant(milliseconds: int | None) -> str:
    """Write an instant for people, to the minute in UTC; a dash where there is none."""
    return "-" if milliseconds is None else read_instant(write_timestamp(milliseconds))


def read_instant(timestamp: str | None) -> str:
    """Write an instant of the wire for people, to the minute in UTC."""
    return "-" if timestamp is None else f"{timestamp[:16].replace('T', ' ')}Z"


def count(number: int, noun: str) -> str:
    """Write a number of things: `1 key`, `2 keys`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone.

    Raises:
        Refused: The answer was not yes, or nobody is there to give it.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{question} Nobody is there to answer; pass --yes to do it.")
    print(f"{clean(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("Nothing was changed.")


def read_password() -> str:
    """Read a password from standard input: one line, asked for without echo on a terminal.

    Raises:
        Refused: There was none.
    """
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise Refused("The two passwords differ.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Refused("No password came from standard input.")
    return password


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Turn a spinner on the terminal once something takes a second or so."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status(f"{what} …")
    timer = threading.Timer(_SPINNER_AFTER, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def drop_output() -> None:
    """Let go of standard output when its reader has gone, so that the exit says nothing of it."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, sys.stdout.fileno())
    os.close(descriptor)
