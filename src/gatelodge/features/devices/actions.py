"""Begin, answer, poll and spend device codes."""

from __future__ import annotations

from gatelodge.contract.authentication import CreateDevice, DeviceAuthorization
from gatelodge.contract.errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    ServiceUnavailable,
    SlowDown,
)
from gatelodge.features.applications import actions as applications
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.features.devices import store
from gatelodge.features.devices.rules import (
    APPROVED,
    CODE_PURPOSE,
    CODE_TTL,
    DENIED,
    INTERVAL,
    USER_CODE_PURPOSE,
    DeviceCode,
    fold_user_code,
    issue_user_code,
)
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit

_TRIES = 5
_KEPT_AFTER_EXPIRY = 3_600_000
_SWEEP_BATCH = 500
# A poll that arrives a little early on a jittery network is not told to slow down.
_GRACE = 500


def create_device(unit: Unit, asked: CreateDevice) -> DeviceAuthorization:
    """Begin a sign-in on a device (RFC 8628 §3.2).

    Raises:
        InvalidRequest: No client is named.
        InvalidClient: There is no such client.
    """
    if not asked.client_id:
        raise InvalidRequest("client_id is required.")
    client = applications.find_client(unit, asked.client_id)
    if client is None:
        raise InvalidClient
    device_code = issue_token(unit.random)
    for _ in range(_TRIES):
        user_code = issue_user_code(unit.random)
        if _store(unit, client.environment_id, client.id, device_code=device_code, user_code=user_code):
            page = f"{unit.settings.base_url}/device"
            return DeviceAuthorization(
                device_code=device_code,
                user_code=user_code,
                verification_uri=page,
                verification_uri_complete=f"{page}?user_code={user_code}",
                expires_in=CODE_TTL,
                interval=INTERVAL,
            )
    raise ServiceUnavailable


def _store(unit: Unit, environment_id: str, client_id: str, *, device_code: str, user_code: str) -> bool:
    return unit.write(
        lambda queries: store.insert(
            queries,
            environment_id,
            unit.sealer.keyed_hash(device_code, purpose=CODE_PURPOSE),
            user_code_hash=_hash_user_code(unit, user_code),
            client_id=client_id,
            expires_at=unit.now + CODE_TTL * 1000,
            now=unit.now,
        )
    )


def _hash_user_code(unit: Unit, user_code: str) -> bytes:
    return unit.sealer.keyed_hash(fold_user_code(user_code), purpose=USER_CODE_PURPOSE)


def find_waiting(unit: Unit, user_code: str) -> DeviceCode | None:
    """Find the live code that a user typed, in any case, with or without the hyphen."""
    return store.find_by_user_code(unit.read, unit.actor.environment_id, _hash_user_code(unit, user_code), now=unit.now)


def find_environment(unit: Unit, user_code: str) -> str | None:
    """Tell which environment a typed code belongs to; None also when that is not certain."""
    found = store.list_environments(unit.read, _hash_user_code(unit, user_code), now=unit.now)
    return found[0] if len(found) == 1 else None


def approve_device(unit: Unit, code: DeviceCode, *, session: BrowserSession, state: str) -> bool:
    """Confirm a device with the sign-in of whoever confirms it.

    False when it was answered before or has expired, and when the browser's session has
    ended: whoever ends it later finds the device confirmed and refuses it.
    """

    def write(queries: Queries) -> bool:
        held = users.hold_user(queries, unit, session.user_id)
        if held is None or not browser_sessions.use(queries, unit, session):
            return False
        return _answer(queries, unit, code, answer=APPROVED, user_id=held.id, state=state)

    return unit.write(write)


def refuse_device(unit: Unit, code: DeviceCode) -> bool:
    """Refuse a device; False when it was answered before, or has expired."""
    return unit.write(lambda queries: _answer(queries, unit, code, answer=DENIED))


def _answer(
    queries: Queries,
    unit: Unit,
    code: DeviceCode,
    *,
    answer: str,
    user_id: str | None = None,
    state: str | None = None,
) -> bool:
    environment_id = unit.actor.environment_id
    return store.answer(
        queries, environment_id, code.code_hash, answer=answer, user_id=user_id, state=state, now=unit.now
    )


def withdraw_approvals(queries: Queries, unit: Unit, user_id: str) -> None:
    """Refuse the devices that a user has confirmed and that have not come for their session, within a transaction."""
    store.refuse_of_user(queries, unit.actor.environment_id, user_id)


def poll(unit: Unit, device_code: str) -> DeviceCode:
    """Give the confirmed code (RFC 8628 §3.5).

    Raises:
        InvalidGrant: It was never issued, is spent, or is another client's.
        ExpiredToken: Its time is over.
        SlowDown: The last poll was less than the interval ago.
        AuthorizationPending: Nobody has answered yet.
        AccessDenied: The user refused.
    """
    environment_id = unit.actor.environment_id
    code_hash = unit.sealer.keyed_hash(device_code, purpose=CODE_PURPOSE)
    found = store.find(unit.read, environment_id, code_hash)
    if found is None or found.client_id != unit.actor.client_id:
        raise InvalidGrant("The device code is invalid.")
    if found.expires_at <= unit.now:
        raise ExpiredToken
    if found.answer == APPROVED:
        return found
    if found.answer == DENIED:
        raise AccessDenied
    earliest = unit.now - INTERVAL * 1000 + _GRACE
    in_time = unit.write(
        lambda queries: store.note_poll(queries, environment_id, code_hash, now=unit.now, earliest=earliest)
    )
    raise AuthorizationPending if in_time else SlowDown


def spend(queries: Queries, unit: Unit, code: DeviceCode) -> None:
    """Spend a confirmed code in the write that opens the session.

    Raises:
        InvalidGrant: A racer has spent it first.
    """
    if not store.delete(queries, unit.actor.environment_id, code.code_hash):
        raise InvalidGrant("The device code is invalid.")


def sweep(unit: Unit) -> int:
    """Remove codes that expired an hour ago; until then a device is told so."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH))
