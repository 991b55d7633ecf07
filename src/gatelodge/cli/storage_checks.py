"""The part of `gatelodge doctor` that asks the database; each check changes nothing."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NoReturn

from gatelodge.cli.checks import Finding
from gatelodge.cli.faults import explain
from gatelodge.cli.opening import find_sqlite_file, hide_password, open_database_of
from gatelodge.cli.printing import count, write_instant
from gatelodge.kit.clock import SystemClock
from gatelodge.kit.entropy import SystemEntropy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatelodge.features.applications.rules import Environment
    from gatelodge.kit.database import Database, Queries
    from gatelodge.kit.settings import Settings
    from gatelodge.kit.unit import Runtime, Unit

_OLD_KEY_DAYS = 365
_DAY = 86_400_000
_CLOCKS_APART = 5_000


class _WouldWrite(Exception):
    """A check came to where it would change the database."""


class _Untouched:
    """A database that can only be read."""

    def __init__(self, database: Database) -> None:
        self.dialect = database.dialect
        self._database = database

    @property
    def reads(self) -> Queries:
        """Give the database's own reads."""
        return self._database.reads

    def write(self, closure: Callable[[Queries], object]) -> NoReturn:
        """Refuse."""
        raise _WouldWrite(closure)

    def close(self) -> None:
        """Leave closing to whoever opened it."""


def check_database(settings: Settings) -> Iterator[Finding]:
    """Find out whether the database can be reached, is this version's, and keeps what it was given."""
    engine = "PostgreSQL" if find_sqlite_file(settings) is None else "SQLite"
    try:
        with open_database_of(settings) as database:
            durability = list(_check_durability(database))
            yield Finding("database", "ok", f"{engine} at {hide_password(settings.database_url)}")
            yield from durability
            yield from _check_contents(settings, database)
    except Exception as fault:
        line = explain(fault)
        if line is None:
            raise
        yield Finding("database", "failed", line)


def _check_durability(database: Database) -> Iterator[Finding]:
    from gatelodge.kit.database.health import describe_health

    health = describe_health(database)
    if database.dialect == "sqlite":
        is_durable = health.journal == "wal" and health.synchronous in ("full", "extra")
        shown = f"journal mode {health.journal}, synchronous {health.synchronous}"
    else:
        is_durable = health.journal == "on" and health.synchronous != "off"
        shown = f"fsync {health.journal}, synchronous_commit {health.synchronous}"
    lost = "" if is_durable else ": a power cut loses what was acknowledged"
    yield Finding("durability", "ok" if is_durable else "failed", shown + lost)
    if health.clock is not None:
        apart = abs(health.clock - SystemClock().now())
        far = apart > _CLOCKS_APART
        yield Finding(
            "clocks", "warning" if far else "ok", f"{apart / 1000:.1f} s between this machine and PostgreSQL's"
        )


def _check_contents(settings: Settings, database: Database) -> Iterator[Finding]:
    from gatelodge.kit.migrate import SchemaFault, check_schema

    try:
        check_schema(database)
    except SchemaFault as fault:
        yield Finding("schema", "failed", str(fault))
        return
    yield Finding("schema", "ok", "this version's; nothing is pending")
    if not settings.master_key:
        return
    findings, opens = _check_master_key(settings, database)
    yield from findings
    if opens:
        yield from _check_environments(settings)


def _check_master_key(settings: Settings, database: Database) -> tuple[list[Finding], bool]:
    from gatelodge.kit.keyring import MasterKeyWrong, load_keyring, rewrap

    entropy = SystemEntropy()
    untouched = _Untouched(database)
    keys = [settings.master_key, *settings.previous_master_keys]
    try:
        load_keyring(untouched, keys, entropy=entropy, now=0)
    except MasterKeyWrong as fault:
        return [Finding("master key", "failed", str(fault))], False
    except _WouldWrite:
        return [Finding("master key", "ok", "nothing is sealed yet; the first start makes the data key")], False
    found = [Finding("master key", "ok", "opens the secrets of this database")]
    is_current = False
    with contextlib.suppress(_WouldWrite):
        rewrap(untouched, keys, entropy=entropy)
        is_current = True
    if not is_current:
        advice = "a previous master key is still in use; `gatelodge keys rewrap` seals with the current one"
        found.append(Finding("master key", "warning", advice))
    elif settings.previous_master_keys:
        found.append(Finding("master key", "warning", "previous_master_keys opens nothing here any more; empty it"))
    return found, True


def _check_environments(settings: Settings) -> Iterator[Finding]:
    from gatelodge.doors.assemble import assemble, close
    from gatelodge.features.applications import actions as applications
    from gatelodge.kit.unit import Actor

    runtime = assemble(settings)
    try:
        environments = [one for one, _ in applications.list_environments(runtime.open_unit(Actor()))]
        if not environments:
            advice = "there is none yet; `gatelodge environments create NAME` makes one"
            yield Finding("environments", "warning", advice)
            return
        yield Finding("environments", "ok", ", ".join(one.name for one in environments))
        yield from _check_signing_keys(runtime, environments)
        yield from _check_api_keys(runtime, environments)
    finally:
        close(runtime)


def _check_signing_keys(runtime: Runtime, environments: list[Environment]) -> Iterator[Finding]:
    from gatelodge.kit.unit import Actor

    unit = runtime.open_unit(Actor())
    wrong = [finding for one in environments if (finding := _check_signing_key(unit, one)) is not None]
    yield from wrong
    if not wrong:
        yield Finding("signing keys", "ok", f"a key signs, or is made at the first sign-in, in {_all(environments)}")


def _check_signing_key(unit: Unit, environment: Environment) -> Finding | None:
    from gatelodge.features.tokens import actions as tokens
    from gatelodge.features.tokens.rules import KEY_PURPOSE, choose_signer, is_published
    from gatelodge.kit.sealing import SealBroken

    keys = tokens.list_keys(unit, environment.id)
    signer = choose_signer(keys, unit.now)
    if signer is None:
        return None
    if not is_published(signer, unit.now):
        until = write_instant(signer.published_until)
        return Finding("signing keys", "failed", f"{environment.name}: {signer.id} signs, but left the JWKS at {until}")
    try:
        unit.sealer.unseal(signer.private_key, purpose=KEY_PURPOSE)
    except SealBroken:
        return Finding("signing keys", "failed", f"{environment.name}: {signer.id} does not open; rotate it at once")
    age = (unit.now - signer.created_at) // _DAY
    if age > _OLD_KEY_DAYS:
        return Finding(
            "signing keys", "warning", f"{environment.name}: {age} days old; `gatelodge keys rotate` changes it"
        )
    return None


def _check_api_keys(runtime: Runtime, environments: list[Environment]) -> Iterator[Finding]:
    from gatelodge.contract.errors import Unauthorized
    from gatelodge.doors.known import API_KEY
    from gatelodge.features.applications import actions as applications
    from gatelodge.kit.unit import Actor

    unit = runtime.open_unit(Actor())
    if not runtime.settings.development:
        with contextlib.suppress(Unauthorized):
            applications.identify_key(unit, API_KEY)
            yield Finding("API keys", "failed", f"the key that everybody knows, {API_KEY}, is live here; revoke it")
    lacking = [
        one.name
        for one in environments
        if all(key.revoked_at is not None for key in applications.list_api_keys(unit, one.id))
    ]
    if lacking:
        yield Finding("API keys", "warning", f"none is live in {', '.join(lacking)}; `gatelodge keys create NAME`")
    else:
        yield Finding("API keys", "ok", f"live in {_all(environments)}")


def _all(environments: list[Environment]) -> str:
    return f"all {count(len(environments), 'environment')}" if len(environments) > 1 else environments[0].name
