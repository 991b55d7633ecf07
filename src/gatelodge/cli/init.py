"""`gatelodge init`: write a configuration with a fresh master key."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from string import Template
from typing import Annotated

import msgspec
from cyclopts import Parameter

from gatelodge.cli.faults import FILE_NAME, find_faults
from gatelodge.cli.opening import find_sqlite_file, hide_password
from gatelodge.cli.printing import AsJson, Refused, note, say, show_json
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.kit.clock import SystemClock
from gatelodge.kit.entropy import SystemEntropy
from gatelodge.kit.keyring import issue_master_key
from gatelodge.kit.settings import Settings


def init(
    *,
    directory: Annotated[Path, Parameter(name="--dir", help="Folder to write gatelodge.toml to.")] = Path(),
    base_url: Annotated[str | None, Parameter(help="The public origin, such as https://auth.example.com.")] = None,
    database: Annotated[
        str | None, Parameter(help="Where the data will live; var/gatelodge.db in the folder unless given.")
    ] = None,
    force: Annotated[bool, Parameter(help="Put a new file in the place of one that is there, which is kept.")] = False,
    as_json: AsJson = False,
) -> int:
    """Write a configuration, gatelodge.toml, with a fresh master key.

    The file can be read by its owner only. The master key seals every secret in
    the database: keep a copy of it apart from the database's backups, which are
    worth nothing without it. Nothing is asked, and a file that is there is never
    overwritten. A database that is there is refused: no fresh key opens it.

    For example:

      gatelodge init --base-url https://auth.example.com
      gatelodge init --dir /etc/gatelodge --database postgresql://gate@db/gate
    """
    folder = directory.absolute()
    database_url = database or f"sqlite:///{folder / 'var' / 'gatelodge.db'}"
    key = issue_master_key(SystemEntropy())
    _check(base_url, database_url, key)
    _require_new(database_url, force=force)
    file = folder / FILE_NAME
    text = write_configuration(key, base_url=base_url, database_url=database_url)
    kept = _place(file, text, force=force)
    if as_json:
        shown = {"config": str(file), "database_url": hide_password(database_url), "replaced": kept and str(kept)}
        show_json(shown)
        return 0
    say(f"Wrote {file}, which only you can read.")
    if kept:
        note(f"The former file is {kept}: what its master key has sealed, no other key opens.")
    _show_next_steps(file, base_url)
    return 0


def _check(base_url: str | None, database_url: str, key: str) -> None:
    settings = Settings(base_url=base_url or "http://localhost", database_url=database_url, master_key=key)
    faults = find_faults(settings)
    if not database_url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        faults.append("--database begins with sqlite:/// or postgresql://.")
    if faults:
        raise Refused("\n".join(faults))


def _require_new(database_url: str, *, force: bool) -> None:
    """Refuse a database whose secrets another key has sealed, such as that of development mode here."""
    database = find_sqlite_file(Settings(database_url=database_url))
    if database is None or not database.exists():
        return
    told = f"{database} is there already, and a fresh master key does not open it"
    if not force:
        raise Refused(f"{told}; name a new database with --database.")
    note(f"{told}: delete it, or name another in the file.")


def _place(file: Path, text: str, *, force: bool) -> Path | None:
    """Write the file; give the name that a former one was kept under."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = _move_aside(file) if force and file.exists() else None
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)
    except FileExistsError:
        if not file.parent.is_dir():
            raise Refused(f"{file} cannot be written: {file.parent} is no folder.") from None
        raise Refused(
            f"{file} is there already; its master key may be in use. --force keeps it under another name."
        ) from None
    except OSError as fault:
        raise Refused(f"{file} cannot be written: {fault.strerror}.") from fault
    return kept


def _move_aside(file: Path) -> Path:
    stamp = write_timestamp(SystemClock().now())[:19].replace(":", "").replace("-", "")
    for number in range(1, 100):
        kept = file.with_name(f"{file.name}.{stamp}Z-{number}")
        if not kept.exists():
            return file.rename(kept)
    raise Refused(f"{file} cannot be kept under another name.")


def _show_next_steps(file: Path, base_url: str | None) -> None:
    say()
    say("Next:")
    say(f"  export GATELODGE_CONFIG={file}")
    if base_url is None:
        say("  set base_url in it, the public origin")
    say("  gatelodge migrate                          # make the tables")
    say("  gatelodge environments create production   # gives a client id")
    say("  gatelodge keys create backend              # gives an API key, once")
    say("  gatelodge doctor                           # look it over")
    say("  gatelodge serve")
    say()
    say("Keep a copy of the master key apart from the database's backups: they are worth nothing without it.")


def write_configuration(master_key: str, *, base_url: str | None, database_url: str) -> str:
    """Write the text of a configuration file, with the settings most often changed as comments."""
    template = resources.files("gatelodge.cli").joinpath("configuration.toml").read_text("utf-8")
    return Template(template).substitute(
        master_key=_quote(master_key),
        base_url=f"base_url = {_quote(base_url)}" if base_url else '# base_url = "https://auth.example.com"',
        database_url=_quote(database_url),
    )


def _quote(text: str) -> str:
    # A basic string of TOML is a JSON string, but for the one control character JSON leaves alone.
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
