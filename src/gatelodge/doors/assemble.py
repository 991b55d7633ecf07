"""The one place that wires: settings in, a runtime and its doors out."""

from __future__ import annotations

from gatelodge.doors import development, service
from gatelodge.doors.dispatch import Door
from gatelodge.doors.hosted import pages as hosted
from gatelodge.doors.master_key import NotReady, find_master_key
from gatelodge.doors.routing import Router
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications import api as applications_api
from gatelodge.features.authentication import api as authentication_api
from gatelodge.features.devices import api as devices_api
from gatelodge.features.email_change import api as email_change_api
from gatelodge.features.email_verification import api as email_verification_api
from gatelodge.features.events import api as events_api
from gatelodge.features.factors import api as factors_api
from gatelodge.features.identities import api as identities_api
from gatelodge.features.invitations import api as invitations_api
from gatelodge.features.magic_auth import api as magic_auth_api
from gatelodge.features.memberships import api as memberships_api
from gatelodge.features.organizations import api as organizations_api
from gatelodge.features.password_reset import api as password_reset_api
from gatelodge.features.permissions import api as permissions_api
from gatelodge.features.roles import api as roles_api
from gatelodge.features.sessions import api as sessions_api
from gatelodge.features.tokens import actions as tokens
from gatelodge.features.tokens import api as tokens_api
from gatelodge.features.users import api as users_api
from gatelodge.kit.clock import Clock, SystemClock
from gatelodge.kit.database import open_database
from gatelodge.kit.entropy import Entropy, SystemEntropy
from gatelodge.kit.hashing import NICENESS, HashGate, PasswordHasher
from gatelodge.kit.keyring import load_keyring
from gatelodge.kit.log import Log
from gatelodge.kit.migrate import check_schema, migrate
from gatelodge.kit.route import Route
from gatelodge.kit.settings import Settings, choose_hash_threads
from gatelodge.kit.throttle import FloodGate
from gatelodge.kit.travel import TravellingClock
from gatelodge.kit.unit import Actor, Runtime

ROUTES: tuple[Route, ...] = (
    *applications_api.ROUTES,
    *authentication_api.ROUTES,
    *devices_api.ROUTES,
    *email_change_api.ROUTES,
    *email_verification_api.ROUTES,
    *events_api.ROUTES,
    *factors_api.ROUTES,
    *identities_api.ROUTES,
    *invitations_api.ROUTES,
    *magic_auth_api.ROUTES,
    *memberships_api.ROUTES,
    *organizations_api.ROUTES,
    *password_reset_api.ROUTES,
    *permissions_api.ROUTES,
    *roles_api.ROUTES,
    *sessions_api.ROUTES,
    *tokens_api.ROUTES,
    *users_api.ROUTES,
)

EMBEDDED_CLIENT = "client_embedded"
_OTHER_WRITES = 1024


def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    hasher: PasswordHasher | None = None,
    key_beside_data: bool = False,
) -> Runtime:
    """Open the database and make the process's own things.

    SQLite is migrated on the way; PostgreSQL only in development, elsewhere by
    `gatelodge migrate`. `key_beside_data` lets a master key that is not set be kept in a
    file beside a SQLite database, as development does.

    Raises:
        NotReady: There is no master key.
        SchemaBehind, SchemaTooNew: The schema is not this version's.
        MasterKeyWrong: The master key does not open this database.
    """
    entropy = entropy or SystemEntropy()
    wall_clock = clock or SystemClock()
    database = open_database(
        settings.database_url,
        # What else runs shares these: rarely are all of them lent at once.
        pool_size=settings.read_threads + settings.write_threads + settings.refresh_threads,
        # All refreshes of a full lane may wait for one commit, and must not keep the others' writes out.
        queue_size=settings.lane_queue + _OTHER_WRITES,
    )
    try:
        if database.dialect == "sqlite" or settings.development:
            migrate(database, now=wall_clock.now())
        check_schema(database)
        keys = [find_master_key(settings, entropy, beside_data=key_beside_data), *settings.previous_master_keys]
        sealer = load_keyring(database, keys, entropy=entropy, now=wall_clock.now())
    except BaseException:
        database.close()
        raise
    return Runtime(
        settings=settings,
        database=database,
        clock=TravellingClock(wall_clock, database) if settings.development else wall_clock,
        wall_clock=wall_clock,
        entropy=entropy,
        hasher=hasher or _make_hasher(settings, entropy),
        sealer=sealer,
        floods=FloodGate(),
    )


def _make_hasher(settings: Settings, entropy: Entropy) -> PasswordHasher:
    slots = choose_hash_threads(settings)
    return PasswordHasher(gate=HashGate(slots, settings.hash_queue, niceness=NICENESS), entropy=entropy)


def open_door(runtime: Runtime, log: Log | None = None) -> Door:
    """Make the door that all the ways in share."""
    settings = runtime.settings
    pages = [*service.PAGES, *hosted.PAGES]
    if settings.development:
        pages += development.PAGES
    log = log or Log(runtime.wall_clock, level=settings.log_level)
    return Door(runtime, Router(ROUTES, pages), log)


def settle_embedded(runtime: Runtime, client_id: str | None = None) -> Actor:
    """Give an embedded runtime its environment, making one in an empty database."""
    unit = runtime.open_unit(Actor())
    client = applications.find_client(unit, client_id or EMBEDDED_CLIENT)
    if client is None:
        applications.create_environment(unit, name=client_id or "embedded", client_id=client_id or EMBEDDED_CLIENT)
        client = applications.find_client(unit, client_id or EMBEDDED_CLIENT)
    if client is None:
        raise NotReady(f"There is no client {client_id!r}, and its name is taken.")
    if not tokens.list_keys(unit, client.environment_id):
        tokens.create_first_key(unit, client.environment_id)
    actor = Actor(environment_id=client.environment_id, client_id=client.id, believed=True)
    runtime.memory["embedded_actor"] = actor
    return actor


def close(runtime: Runtime) -> None:
    """Close what the runtime holds; queued writes are finished first."""
    runtime.database.close()
