"""Write docs/settings.md from the settings and what stands below each of them."""

from __future__ import annotations

import typing
from typing import Any

import msgspec

from gatelodge.kit.settings import Settings
from tools.field_docs import field_docs

TARGET = "docs/settings.md"

ABOUT = """\
# Settings

Every setting may be given as an environment variable, or by its plain name in a TOML file that `--config` or
`GATELODGE_CONFIG` names; arguments of a command win over variables, and those over the file. A secret may be read from
a file: `GATELODGE_MASTER_KEY_FILE=/run/secrets/key`. All faults are told at once, and a setting in the file that does
not exist is one; variables that are no setting are named by `gatelodge doctor`.

| variable | unless set | what it does |
| --- | --- | --- |
"""


def generate() -> dict[str, str]:
    """Give the page's text."""
    rows = [_row(field) for field in msgspec.structs.fields(Settings)]
    return {TARGET: ABOUT + "\n".join(rows) + "\n"}


def _row(field: Any) -> str:
    words = " ".join(field_docs(Settings)[field.name].split())
    allowed = _allowed(field.type)
    return f"| `GATELODGE_{field.name.upper()}` | {_default(field)} | {words}{allowed} |"


def _default(field: Any) -> str:
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(value, bool):
        return "on" if value else "off"
    if value in ("", [], None):
        return "nothing"
    return f"`{value}`"


def _allowed(kind: Any) -> str:
    """Say within what bounds a value may be chosen, where that is not plain."""
    meta = next((each for each in getattr(kind, "__metadata__", ()) if isinstance(each, msgspec.Meta)), None)
    if meta is not None and meta.ge is not None:
        return f" ({meta.ge} to {meta.le})" if meta.le is not None else f" (at least {meta.ge})"
    if typing.get_origin(kind) is typing.Literal:
        return f" ({', '.join(typing.get_args(kind))})"
    return ""
