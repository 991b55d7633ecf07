"""`gatelodge doctor`: look for what is wrong with an installation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from gatelodge.cli.checks import (
    Finding,
    check_base_url,
    check_clock,
    check_disk,
    check_files,
    check_hashing,
    check_mail,
    check_passkeys,
    check_settings,
    check_workers,
)
from gatelodge.cli.opening import Place, find_settings, with_key_file
from gatelodge.cli.printing import AsJson, Refused, clean, count, note, show_json, working
from gatelodge.cli.storage_checks import check_database
from gatelodge.kit.settings import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}
_PLAIN_MARKS = {"ok": "ok", "warning": "!!", "failed": "XX"}
_COLOURS = {"ok": "32", "warning": "33", "failed": "1;31"}


def doctor(*, place: Place | None = None, as_json: AsJson = False) -> int:
    """Look for what is wrong with an installation, and change nothing.

    It checks the settings, all at once; files with secrets and who may read them;
    the database, its schema and its durability; the master key and the keys that
    sign; the disk, the clock, and how long a password hash takes. It exits with 1
    when a check fails; a warning (!) lets it pass.

    For example:

      gatelodge doctor --config /etc/gatelodge/gatelodge.toml
      gatelodge doctor --json | jq -e .healthy
    """
    with working("Looking"):
        found = list(_examine(place or Place()))
    failed = sum(finding.status == "failed" for finding in found)
    warned = sum(finding.status == "warning" for finding in found)
    if as_json:
        show_json({"healthy": not failed, "findings": found})
        return 1 if failed else 0
    _print(found)
    note()
    note(_sum_up(failed, warned))
    return 1 if failed else 0


def _examine(place: Place) -> Iterator[Finding]:
    try:
        settings = find_settings(place)
    except (Refused, SettingsInvalid) as fault:
        yield from (Finding("settings", "failed", line) for line in str(fault).splitlines())
        return
    try:
        settings = with_key_file(settings)
    except Refused as fault:
        yield Finding("master key", "failed", str(fault))
    yield from check_settings(settings)
    yield from check_base_url(settings)
    yield from check_passkeys(settings)
    yield from check_mail(settings)
    yield from check_workers(settings)
    yield from check_files(settings, place.config)
    yield from check_disk(settings)
    yield from check_clock(settings)
    yield from check_hashing()
    yield from check_database(settings)


def _sum_up(failed: int, warned: int) -> str:
    if not (failed or warned):
        return "All is well."
    failures = f"{count(failed, 'check')} failed" if failed else "Nothing failed"
    return f"{failures}; {count(warned, 'warning')}." if warned else f"{failures}."


def _print(found: list[Finding]) -> None:
    marks = _MARKS if _can_print("✓✗") else _PLAIN_MARKS
    width = max(len(finding.check) for finding in found)
    for finding in found:
        mark = marks[finding.status]
        if sys.stdout.isatty():
            mark = f"\x1b[{_COLOURS[finding.status]}m{mark}\x1b[0m"
        print(f"{mark} {finding.check:{width}}  {clean(finding.message)}")


def _can_print(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
