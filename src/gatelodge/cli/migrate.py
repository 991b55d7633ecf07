"""`gatelodge migrate`: bring the database to this version's schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gatelodge.cli.opening import Place, find_settings, find_sqlite_file, hide_password, open_database_of
from gatelodge.cli.printing import AsJson, Refused, count, note, say, show_json, working
from gatelodge.kit.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

    from gatelodge.kit.migrate import Applied, Migration
    from gatelodge.kit.settings import Settings

_PENDING = 1


def migrate(
    *,
    check: Annotated[bool, Parameter(help="Change nothing; exit with 1 when migrations are pending.")] = False,
    place: Place | None = None,
    as_json: AsJson = False,
) -> int:
    """Bring the database to this version's schema, one migration after the other.

    Each migration is there whole or not at all, and of several processes that
    start at once one applies it. `gatelodge serve` migrates SQLite by itself; for
    PostgreSQL run this before the new version starts. It needs no master key.

    For example:

      gatelodge migrate --database postgresql://gatelodge@db/gatelodge
      gatelodge migrate --check || echo "the database is behind"
    """
    settings = find_settings(place or Place())
    with working("Migrating"):
        return _check(settings, as_json=as_json) if check else _migrate(settings, as_json=as_json)


def _migrate(settings: Settings, *, as_json: bool) -> int:
    from gatelodge.kit.database import open_database
    from gatelodge.kit.migrate import migrate as apply

    _make_folder(find_sqlite_file(settings))
    database = open_database(settings.database_url, pool_size=2)
    try:
        applied = apply(database, now=SystemClock().now())
    finally:
        database.close()
    if as_json:
        show_json({"applied": _list(applied), "pending": []})
        return 0
    for migration in applied:
        say(f"applied {_label(migration)}")
    if applied:
        note(f"{count(len(applied), 'migration')} applied to {hide_password(settings.database_url)}.")
    else:
        say("Nothing to do: the schema is this version's.")
    return 0


def _check(settings: Settings, *, as_json: bool) -> int:
    lacking = _find_pending(settings)
    if as_json:
        show_json({"applied": [], "pending": _list(lacking)})
    elif lacking:
        for migration in lacking:
            say(f"pending {_label(migration)}")
        note(f"{count(len(lacking), 'migration')} pending; `gatelodge migrate` applies them.")
    else:
        say("Nothing is pending: the schema is this version's.")
    return _PENDING if lacking else 0


def _find_pending(settings: Settings) -> list[Migration]:
    from gatelodge.kit.migrate import pending

    with open_database_of(settings) as database:
        return pending(database)


def _make_folder(file: Path | None) -> None:
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise Refused(f"The folder {file.parent} cannot be made: {fault.strerror}.") from fault


def _list(migrations: list[Applied] | list[Migration]) -> list[dict[str, object]]:
    return [{"version": migration.version, "name": migration.name} for migration in migrations]


def _label(migration: Applied | Migration) -> str:
    return f"{migration.version:04}_{migration.name}"
