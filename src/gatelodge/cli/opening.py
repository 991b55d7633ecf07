"""How every command finds its installation: the same settings that `gatelodge serve` would take."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from cyclopts import Group, Parameter

from gatelodge.cli.printing import Refused, working
from gatelodge.kit.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatelodge.contract.operation import Operation
    from gatelodge.features.applications.rules import Environment
    from gatelodge.kit.database import Database
    from gatelodge.kit.unit import Runtime, Unit

_WHERE = Group("Where", sort_key=10)
_SQLITE = "sqlite:///"
_MOST_NAMED = 5


@Parameter(name="*", group=_WHERE)
@dataclass(frozen=True, kw_only=True)
class Place:
    """Which installation a command works on."""

    config: Annotated[
        Path | None, Parameter(help="TOML file with settings, as `gatelodge init` writes it; or GATELODGE_CONFIG.")
    ] = None
    database: Annotated[
        str | None,
        Parameter(help="sqlite:///file.db, sqlite:////absolute/file.db or postgresql://…; or GATELODGE_DATABASE_URL."),
    ] = None
    data: Annotated[
        Path | None, Parameter(help="Folder of gatelodge.db, or of the key for --database; ./var unless given.")
    ] = None
    dev: Annotated[bool, Parameter(help="The installation of `gatelodge serve --dev`.")] = False


@Parameter(name="*", group=_WHERE)
@dataclass(frozen=True, kw_only=True)
class Scope(Place):
    """Which environment of an installation a command works in."""

    environment: Annotated[
        str | None, Parameter(help="Id or name of the environment; needless while there is only one.")
    ] = None


def find_settings(place: Place, **given: object) -> Settings:
    """Gather the settings of an installation: arguments, then the environment, then the file.

    Development mode is switched on by `--dev` and by nothing else, so that no variable
    that was left over in a shell can bring its known key to production.

    Raises:
        SettingsInvalid: Values cannot be read; all of them are listed.
        Refused: A setting asks for development mode.
    """
    arguments: dict[str, Any] = {"database_url": _named_database(place), "development": place.dev or None, **given}
    arguments["data_folder"] = str(place.data) if place.data else None
    settings = read_settings(arguments, file=str(place.config) if place.config else None)
    if settings.development and not place.dev:
        raise Refused(
            "The setting `development` is on (GATELODGE_DEVELOPMENT or the file); "
            "unset it: development mode is switched on by --dev only."
        )
    if settings.development and not settings.base_url:
        return msgspec.structs.replace(settings, base_url=f"http://{_name_host(settings.host)}:{settings.port}")
    return settings


def _name_host(host: str) -> str:
    """Name a development server's own address in a URL: as newcomers know it, where it is the usual one."""
    if host in ("127.0.0.1", "localhost"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _named_database(place: Place) -> str | None:
    if place.database:
        return place.database
    return f"{_SQLITE}{place.data / 'gatelodge.db'}" if place.data else None


def find_sqlite_file(settings: Settings) -> Path | None:
    """Give the file that holds the data; None when a server does."""
    if not settings.database_url.startswith(_SQLITE):
        return None
    return Path(settings.database_url.removeprefix(_SQLITE).partition("?")[0])


def hide_password(database_url: str) -> str:
    """Write a database's address without its password, for people to read."""
    scheme, separator, rest = database_url.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not at or scheme == "sqlite":
        return database_url
    return f"{scheme}{separator}{credentials.partition(':')[0]}@{place}"


@contextlib.contextmanager
def open_database_of(settings: Settings) -> Iterator[Database]:
    """Open a database that must be there already: a mistyped name makes no new, empty one.

    Raises:
        Refused: There is no such file.
        CannotOpen: The address or the file is no good.
    """
    from gatelodge.kit.database import open_database

    file = find_sqlite_file(settings)
    if file is not None and not file.exists():
        raise Refused(f"There is no database at {file}; `gatelodge migrate` makes one.")
    database = open_database(settings.database_url, pool_size=4)
    try:
        yield database
    finally:
        database.close()


@contextlib.contextmanager
def open_runtime(place: Place) -> Iterator[Runtime]:
    """Open an installation whose schema is this version's; nothing is migrated here."""
    from gatelodge.doors.assemble import assemble, close
    from gatelodge.kit.migrate import check_schema

    settings = require_master_key(find_settings(place))
    with working("Opening the database"):
        with open_database_of(settings) as database:
            check_schema(database)
        runtime = assemble(settings)
    try:
        yield runtime
    finally:
        close(runtime)


def require_master_key(settings: Settings) -> Settings:
    """Give the settings with a master key in them.

    Raises:
        Refused: Neither a setting nor a file beside the data gives one.
    """
    settings = with_key_file(settings)
    if not settings.master_key and settings.development:
        raise Refused("This development database has no master key yet; `gatelodge serve --dev` makes one.")
    if not settings.master_key:
        from gatelodge.cli.faults import tell_unread_configuration

        need = "GATELODGE_MASTER_KEY is not set: this needs the master key that the servers have."
        raise Refused(f"{need} {tell_unread_configuration()}".rstrip())
    return settings


def with_key_file(settings: Settings) -> Settings:
    """Take the master key from the file beside the data, where no setting gives one."""
    file = find_key_file(settings)
    if settings.master_key or file is None:
        return settings
    try:
        return msgspec.structs.replace(settings, master_key=file.read_text("ascii").strip())
    except (OSError, ValueError) as fault:
        raise Refused(f"The master key in {file} cannot be read: {fault}.") from fault


def find_key_file(settings: Settings) -> Path | None:
    """Find the master key that development mode or an embedded engine made beside the data."""
    from gatelodge.doors.master_key import name_key_file

    if find_sqlite_file(settings) is None and not settings.development:
        return None
    file = name_key_file(settings)
    return file if file.is_file() else None


@contextlib.contextmanager
def open_unit(scope: Scope) -> Iterator[Unit]:
    """Open an installation and act in one of its environments, as whoever holds its keys."""
    from gatelodge.features.applications import actions as applications
    from gatelodge.kit.unit import Actor

    with open_runtime(scope) as runtime:
        environment = choose_environment(runtime.open_unit(Actor()), scope.environment)
        client = applications.first_client(runtime.open_unit(Actor()), environment.id)
        client_id = client.id if client else None
        yield runtime.open_unit(Actor(environment_id=environment.id, client_id=client_id, believed=True))


def perform(unit: Unit, operation: Operation, asked: object) -> Any:  # noqa: ANN401  # the operation says which
    """Carry out an operation as the API does, by the same action; give its result.

    Raises:
        GatelodgeError: What the operation raises over the API.
    """
    from gatelodge.doors.assemble import ROUTES

    action = next(route.action for route in ROUTES if route.operation is operation)
    return action(unit, asked)


def choose_environment(unit: Unit, name: str | None) -> Environment:
    """Find an environment by id or name; the only one when none is named.

    Raises:
        Refused: There is none, or several and none is named.
    """
    from gatelodge.features.applications import actions as applications

    if name is not None:
        found = applications.find_environment(unit, name)
        if found is None:
            raise Refused(f"There is no environment {name!r}; `gatelodge environments list` shows them.")
        return found
    environments = [environment for environment, _ in applications.list_environments(unit)]
    match environments:
        case []:
            raise Refused("There is no environment yet; `gatelodge environments create NAME` makes one.")
        case [only]:
            return only
    names = ", ".join(environment.name for environment in environments[:_MOST_NAMED])
    more = ", …" if len(environments) > _MOST_NAMED else ""
    raise Refused(f"There are {len(environments)} environments ({names}{more}); name one with --environment.")
