"""What is wrong: with settings, all at once and before a server starts; with a command, in one line."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from gatelodge.features.applications.addresses import is_loopback
from gatelodge.kit.keyring import SHORTEST_MASTER_KEY
from gatelodge.kit.throttle import read_allowance

if TYPE_CHECKING:
    from gatelodge.contract.errors import GatelodgeError
    from gatelodge.kit.settings import Settings

FILE_NAME = "gatelodge.toml"
"""What `gatelodge init` writes; nothing reads it unless it is named."""
_LIMIT = "limit_per_"
# What a disk, its owner or its administrator refuses, as opposed to a mistake of ours.
_OF_THE_MACHINE = (
    errno.EACCES,
    errno.EDQUOT,
    errno.EFBIG,
    errno.ENAMETOOLONG,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
)
_NEWLINE = "\n"


def find_faults(settings: Settings) -> list[str]:
    """List what would keep these settings from serving, one line each, without any secret."""
    faults = _find_development_faults(settings) if settings.development else _find_production_faults(settings)
    for key in settings.previous_master_keys:
        if len(key) < SHORTEST_MASTER_KEY:
            faults.append(f"previous_master_keys: a key has fewer than {SHORTEST_MASTER_KEY} characters.")
    for member in msgspec.structs.fields(settings):
        if member.name.startswith(_LIMIT):
            faults += _find_limit_faults(member.name, getattr(settings, member.name))
    if not _is_secure(settings.leaked_passwords_url):
        faults.append("leaked_passwords_url: it is https, or on this machine.")
    try:
        settings.issuer.format(base_url="", client_id="")
    except (KeyError, IndexError, ValueError):
        faults.append("issuer: only {base_url} and {client_id} can be filled in.")
    return faults


def _find_limit_faults(name: str, text: str) -> list[str]:
    try:
        read_allowance(text)
    except ValueError as fault:
        return [f"{name}: {fault}."]
    return []


def _find_development_faults(settings: Settings) -> list[str]:
    if is_loopback(settings.host):
        return []
    return [f"Development mode listens on the loopback interface only, not on {settings.host}."]


def _find_production_faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.master_key:
        advice = tell_unread_configuration() or "`gatelodge init` writes a configuration with a fresh one."
        faults.append(f"GATELODGE_MASTER_KEY is not set; {advice}")
    elif len(settings.master_key) < SHORTEST_MASTER_KEY:
        faults.append(
            f"GATELODGE_MASTER_KEY has fewer than {SHORTEST_MASTER_KEY} characters; `gatelodge init` makes a good one."
        )
    if not settings.base_url:
        faults.append("GATELODGE_BASE_URL is not set: the public origin, such as https://auth.example.com.")
    elif not _is_base_url(settings.base_url):
        faults.append(
            "GATELODGE_BASE_URL is not such as https://auth.example.com: http or https, a host, no slash at its end."
        )
    return faults


def _is_secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def tell_unread_configuration() -> str:
    """Tell of a configuration that lies in this folder, for whoever expected it to be read; else nothing."""
    return f"./{FILE_NAME} is read where --config or GATELODGE_CONFIG names it." if Path(FILE_NAME).exists() else ""


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    clean = text.isprintable() and " " not in text
    bare = not (text.endswith("/") or parts.query or parts.fragment or parts.username is not None)
    return clean and bare and port_is_valid and parts.scheme in ("http", "https") and bool(parts.hostname)


def explain(fault: Exception) -> str | None:
    """Say a fault in a line that tells what to do; None when it is a mistake of ours."""
    from gatelodge.cli.printing import Refused
    from gatelodge.contract.errors import GatelodgeError
    from gatelodge.kit.database import CannotOpen
    from gatelodge.kit.keyring import MasterKeyWrong
    from gatelodge.kit.migrate import SchemaFault
    from gatelodge.kit.settings import SettingsInvalid

    match fault:
        case ModuleNotFoundError(name="psycopg"):
            return "PostgreSQL needs its driver: pip install 'gatelodge[postgres]'."
        case MasterKeyWrong():
            text = str(fault)
            return f"{text[:1].upper()}{text[1:]} (GATELODGE_MASTER_KEY)."
        case GatelodgeError():
            return _explain_error(fault)
        case sqlite3.Error():
            return f"SQLite: {fault}."
        case OSError(errno=int(number), strerror=str(reason)) if number in _OF_THE_MACHINE:
            return f"{fault.filename or 'This machine'}: {reason.lower()}."
        case Exception(__module__=str(module)) if module.partition(".")[0] == "psycopg":
            return f"PostgreSQL: {str(fault).partition(_NEWLINE)[0]}"
        case CannotOpen() | Refused() | SchemaFault() | SettingsInvalid():
            return str(fault)
    return None


def _explain_error(error: GatelodgeError) -> str:
    from gatelodge.contract.errors import ServiceUnavailable

    if isinstance(error, ServiceUnavailable) and error.__cause__ is not None:
        # The driver's first line names host and port; it never has the password.
        reason = str(error.__cause__).strip().partition("\n")[0]
        return f"{error.message.partition(';')[0].rstrip('.')}: {reason}"
    return str(error)
