"""What `gatelodge doctor` looks at: each check gives findings and changes nothing."""

from __future__ import annotations

import os
import shutil
import stat
import time
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

import msgspec

from gatelodge.cli.faults import find_faults
from gatelodge.cli.opening import find_key_file, find_sqlite_file
from gatelodge.features.applications.addresses import is_loopback
from gatelodge.features.passkeys.rules import find_party
from gatelodge.kit.clock import SystemClock
from gatelodge.kit.settings import choose_workers, list_strange_variables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatelodge.kit.settings import Settings

Status: TypeAlias = Literal["ok", "warning", "failed"]

_MEBIBYTE = 1024 * 1024
_LEAST_FREE = 100 * _MEBIBYTE
_SCARCE_FREE = 1024 * _MEBIBYTE
_SLOW_HASH_MS = 250
_STEP_BACK_SECONDS = 300
# Long before the first release: a clock without a battery starts at 1970.
_NO_EARLIER = 1_767_225_600_000


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    check: str
    status: Status
    message: str


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Find every fault that would keep the server from starting, and what is unwise."""
    faults = find_faults(settings)
    yield from (Finding("settings", "failed", fault) for fault in faults)
    if not faults:
        yield Finding("settings", "ok", "nothing keeps the server from starting")
    for name in list_strange_variables():
        yield Finding("settings", "warning", f"{name} is no setting and changes nothing; docs/settings.md lists them")
    if settings.development:
        yield Finding("mode", "warning", "development mode: a known API key, for this machine only")
    elif not settings.limits:
        yield Finding("limits", "warning", "limits are off: passwords can be guessed as fast as they are hashed")


def check_base_url(settings: Settings) -> Iterator[Finding]:
    """Find a public origin over which secrets would travel in the clear."""
    if settings.development or not settings.base_url:
        return
    parts = urlsplit(settings.base_url)
    if parts.scheme == "https":
        yield Finding("base URL", "ok", settings.base_url)
    elif is_loopback(parts.hostname or ""):
        yield Finding("base URL", "warning", f"{settings.base_url} is of use on this machine only")
    else:
        yield Finding("base URL", "failed", f"{settings.base_url} is not https: tokens would travel in the clear")


def check_passkeys(settings: Settings) -> Iterator[Finding]:
    """Find a public origin for which browsers make no passkeys."""
    if not settings.base_url:
        return
    party = find_party(settings.base_url)
    if party is not None:
        yield Finding("passkeys", "ok", f"are made for {party.id}")
    else:
        yield Finding("passkeys", "warning", f"browsers make none for {settings.base_url}: it takes HTTPS and a domain")


def check_mail(settings: Settings) -> Iterator[Finding]:
    """Find mails that nobody would ever get."""
    if settings.development or settings.delivery != "send":
        return
    if settings.smtp_host:
        yield Finding("mail", "ok", f"goes to {settings.smtp_host}")
    else:
        yield Finding("mail", "warning", "smtp_host is not set: codes and links wait in the outbox, unsent")


def check_workers(settings: Settings) -> Iterator[Finding]:
    """Find more server processes than are of use."""
    workers, cores = choose_workers(settings), os.cpu_count() or 1
    yield Finding("workers", "warning" if workers > cores else "ok", f"{workers} on {cores} cores")


def check_files(settings: Settings, config: Path | None) -> Iterator[Finding]:
    """Find files with secrets that others can read, and a master key that lies beside the data."""
    key = find_key_file(settings)
    held = [file for file in (config, key, find_sqlite_file(settings)) if file is not None and file.exists()]
    found = [finding for file in held if (finding := _check_mode(file)) is not None]
    yield from found
    if held and not found:
        yield Finding("files", "ok", "only their owner reads " + ", ".join(str(file) for file in held))
    if key is not None and not settings.development:
        yield Finding(
            "files", "warning", f"the master key lies beside the data, in {key}: a copy of the folder has both"
        )


def _check_mode(file: Path) -> Finding | None:
    mode = stat.S_IMODE(file.stat().st_mode)
    advice = f"{file} is {mode:04o}; chmod 600 {file}"
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        return Finding("files", "failed", f"everybody on this machine can read or write {advice}")
    if mode & (stat.S_IRGRP | stat.S_IWGRP):
        return Finding("files", "warning", f"a whole group can read or write {advice}")
    return None


def check_disk(settings: Settings) -> Iterator[Finding]:
    """Find a disk that is about to be full, where the data is on one of ours."""
    file = find_sqlite_file(settings)
    if file is None:
        return
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    status: Status = "failed" if free < _LEAST_FREE else "warning" if free < _SCARCE_FREE else "ok"
    yield Finding("disk", status, f"{free // _MEBIBYTE} MiB free at {folder}")


def check_clock(settings: Settings) -> Iterator[Finding]:
    """Find a wall clock that is behind what was written."""
    now = SystemClock().now()
    file = find_sqlite_file(settings)
    written = int(file.stat().st_mtime) if file is not None and file.exists() else 0
    if now < _NO_EARLIER:
        yield Finding("clock", "failed", "the clock of this machine was never set")
    elif written > now // 1000 + _STEP_BACK_SECONDS:
        yield Finding("clock", "failed", f"the clock is {written - now // 1000} s behind the last write to {file}")
    else:
        yield Finding("clock", "ok", "not behind what was written")


def check_hashing() -> Iterator[Finding]:
    """Measure one password hash, which bounds the sign-ins that a core can do."""
    from gatelodge.kit.hashing import PasswordHasher

    hasher = PasswordHasher()
    # The processor's time, not the wall's: a busy machine is no slow one. The whole
    # process's: it hashes on a thread of its own.
    started = time.process_time()
    hasher.hash("a password to measure by")
    took = (time.process_time() - started) * 1000
    rate = f"one argon2id hash takes {took:.0f} ms: {1000 / took:.0f} sign-ins a second on each core"
    yield Finding("hashing", "warning" if took > _SLOW_HASH_MS else "ok", rate)
