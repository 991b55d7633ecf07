"""`gatelodge backup`: copy a SQLite database while it is served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from gatelodge.cli.opening import Place, find_settings, find_sqlite_file
from gatelodge.cli.printing import AsJson, Refused, note, say, show_json, working


def backup(
    file: Annotated[Path, Parameter(help="The file to write; it must not be there yet.")],
    /,
    *,
    place: Place | None = None,
    as_json: AsJson = False,
) -> int:
    """Copy a SQLite database to a file, while servers go on writing to it.

    The copy holds what was committed when it began. A plain copy of the file
    would lack what stands in the files beside it. The master key is not in it:
    keep a copy of that elsewhere, without which this one is worth nothing.
    PostgreSQL has tools of its own for this, such as pg_dump.

    For example:

      gatelodge backup /backups/gatelodge-$(date +%F).db
    """
    settings = find_settings(place or Place())
    served = find_sqlite_file(settings)
    if served is None:
        raise Refused("A PostgreSQL database is copied by its own tools, such as pg_dump; docs/operating.md tells how.")
    if not served.exists():
        raise Refused(f"There is no database at {served}.")
    from gatelodge.kit.database.copying import CannotCopy, copy_sqlite

    try:
        with working("Copying"):
            size = copy_sqlite(served, file)
    except CannotCopy as fault:
        raise Refused(str(fault)) from fault
    if as_json:
        show_json({"file": str(file.absolute()), "bytes": size})
        return 0
    say(f"Copied {served} to {file}: {size:,} bytes.")
    note("The master key is not in it; keep a copy of that elsewhere.")
    return 0
