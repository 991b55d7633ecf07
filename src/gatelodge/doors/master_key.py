"""Where the master key comes from: the settings, or a file beside the data."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

from gatelodge.kit.entropy import Entropy
from gatelodge.kit.keyring import issue_master_key
from gatelodge.kit.settings import Settings

_SQLITE = "sqlite:///"


class NotReady(Exception):
    """The settings do not allow a start; one line that says what to do."""


def find_master_key(settings: Settings, entropy: Entropy, *, beside_data: bool = False) -> str:
    """Give the master key: from the settings, or in development from a file beside the data.

    `beside_data` lets a file beside a SQLite database do outside development, too. To be
    called once the database is open, so that a mistyped name leaves no key behind.

    Raises:
        NotReady: None is set, and no file may hold one.
    """
    if settings.master_key:
        return settings.master_key
    is_sqlite = settings.database_url.startswith(_SQLITE)
    if not settings.development and not (beside_data and is_sqlite):
        raise NotReady("GATELODGE_MASTER_KEY is not set; `gatelodge init` makes one.")
    return _keep_master_key(name_key_file(settings), entropy)


def name_key_file(settings: Settings) -> Path:
    """Name the file that would hold the master key: beside a SQLite database, otherwise in the data folder."""
    if settings.database_url.startswith(_SQLITE):
        database = Path(settings.database_url.removeprefix(_SQLITE).partition("?")[0])
        return database.parent / (database.name + ".master-key")
    return Path(settings.data_folder) / "gatelodge.master-key"


def make_data_folder(settings: Settings) -> None:
    """Make the folder of a SQLite database, where it is not there yet."""
    if settings.database_url.startswith(_SQLITE):
        name_key_file(settings).parent.mkdir(parents=True, exist_ok=True)


def _keep_master_key(file: Path, entropy: Entropy) -> str:
    """Read the key from its file, making both when there is none.

    The file appears whole and synced, or not at all: without the key the data is lost.
    Of two processes that start at once, the later takes the key of the first.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(issue_master_key(entropy))
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(draft, file)
        finally:
            draft.unlink()
        _sync_folder(file.parent)
    return file.read_text("ascii").strip()


def _sync_folder(folder: Path) -> None:
    # Windows opens no folders, and keeps names without being asked.
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
