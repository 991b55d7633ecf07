"""A copy of a SQLite database while others write to it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE_SECONDS = 30.0


class CannotCopy(Exception):
    """The copy was not made; the message is one line, and nothing of it is left."""


def copy_sqlite(file: Path, target: Path) -> int:
    """Copy a database as it is at one instant, and give the bytes of the copy.

    Writers go on meanwhile. The copy holds what was committed before, in one file that only
    its owner can read, and stands under its name once it is whole and on the disk: what is
    in the files beside a database is in it, which a plain copy of the one file would lack.

    Raises:
        CannotCopy: There is a file of that name, or the folder takes none, or no more.
    """
    part = target.parent / f".{target.name}.part"
    try:
        _require_absent(target)
        _write(file, part)
        _require_absent(target)
        part.rename(target)
        _sync(target.parent)
        return target.stat().st_size
    except OSError as fault:
        raise CannotCopy(f"{target} cannot be written: {(fault.strerror or str(fault)).lower()}.") from fault
    except sqlite3.Error as fault:
        raise CannotCopy(f"{file} cannot be copied to {target}: {fault}.") from fault
    finally:
        # Where it could not be made, it cannot always be removed, either.
        with suppress(OSError):
            part.unlink()


def _require_absent(target: Path) -> None:
    if target.exists():
        raise CannotCopy(f"There is a file {target} already.")


def _write(file: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    # SQLite writes into an empty file that is there, and keeps its mode.
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    address = f"{file.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE_SECONDS, isolation_level=None)) as connection:
        connection.execute("vacuum main into ?", (str(part),))
    _sync(part)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
