"""Sign access tokens, publish the keys, rotate them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from gatelodge.contract.errors import NotFound
from gatelodge.contract.ids import ULID_RANDOM_BYTES, make_ulid
from gatelodge.contract.shapes import ready
from gatelodge.contract.tokens import GetJwks, Jwk, Jwks
from gatelodge.features.applications import actions as applications
from gatelodge.features.tokens import store
from gatelodge.features.tokens.rules import (
    KEY_PURPOSE,
    PUBLISHED_AHEAD,
    SigningKeyRow,
    Subject,
    choose_signer,
    is_published,
    write_claims,
)
from gatelodge.kit import jwt
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit
from gatelodge.kit.waiting import compute

_FRESH_FOR = 60_000
_SLOT = "signing_keys"


class _Loaded(msgspec.Struct):
    """An environment's keys in memory, for a minute: a new key is published for ten."""

    at: int
    rows: list[SigningKeyRow]
    signers: dict[str, jwt.Signer]


def issue_access_token(unit: Unit, subject: Subject) -> str:
    """Sign an access token; not inside a transaction."""
    environment_id = unit.actor.environment_id
    loaded = _load(unit, environment_id)
    row = choose_signer(loaded.rows, unit.now)
    if row is None:
        create_first_key(unit, environment_id)
        loaded = _load(unit, environment_id, fresh=True)
        row = loaded.rows[0]
    signer = loaded.signers.get(row.id)
    if signer is None:
        signer = loaded.signers[row.id] = _open_signer(unit, row)
    claims = write_claims(
        subject,
        issuer=issuer_of(unit, subject.client_id),
        token_id=make_ulid(unit.now, unit.random.token_bytes(ULID_RANDOM_BYTES)),
        wall_seconds=unit.wall_seconds,
        authenticated_at=unit.on_the_wall(subject.authenticated_at),
        ttl=unit.settings.access_token_ttl,
    )
    return compute(partial(signer.sign, claims))


def issuer_of(unit: Unit, client_id: str) -> str:
    """Give the `iss` of a client's tokens."""
    return unit.settings.issuer.format(base_url=unit.settings.base_url, client_id=client_id)


def _load(unit: Unit, environment_id: str, *, fresh: bool = False) -> _Loaded:
    memory: dict[str, _Loaded] = unit.runtime.memory.setdefault(_SLOT, {})
    loaded = memory.get(environment_id)
    if loaded is None or fresh or abs(unit.now - loaded.at) > _FRESH_FOR:
        signers = {} if loaded is None else loaded.signers
        loaded = _Loaded(unit.now, store.list_keys(unit.read, environment_id), signers)
        memory[environment_id] = loaded
    return loaded


def _open_signer(unit: Unit, row: SigningKeyRow) -> jwt.Signer:
    private_key = unit.sealer.unseal(row.private_key, purpose=KEY_PURPOSE)
    return jwt.Signer(jwt.SigningKey(kid=row.id, private_key_der=private_key, certificate_der=row.certificate))


def create_first_key(unit: Unit, environment_id: str) -> None:
    """Make the key of an environment that has none; of two racers one key stays."""
    row = _make_key(unit, environment_id, signs_from=unit.now)
    unit.write(lambda queries: store.insert(queries, row, only_first=True))


def _make_key(unit: Unit, environment_id: str, *, signs_from: int) -> SigningKeyRow:
    key = compute(partial(jwt.generate_signing_key, now=unit.runtime.wall_clock.now()))
    return SigningKeyRow(
        environment_id=environment_id,
        id=key.kid,
        private_key=unit.sealer.seal(key.private_key_der, purpose=KEY_PURPOSE),
        certificate=key.certificate_der,
        signs_from=signs_from,
        published_until=None,
        created_at=unit.now,
    )


def rotate_keys(unit: Unit, environment_id: str, *, at_once: bool = False) -> SigningKeyRow:
    """Publish a new key, which signs in ten minutes, and set the end of the others.

    With `at_once` it signs as soon as each process looks again, within a minute: for a
    key that may be known to others. The old keys stay published until their last token
    has expired.
    """
    signs_from = unit.now if at_once else unit.now + PUBLISHED_AHEAD
    row = _make_key(unit, environment_id, signs_from=signs_from)
    overlap = unit.settings.access_token_ttl * 1000 + PUBLISHED_AHEAD

    def write(queries: Queries) -> None:
        store.insert(queries, row, only_first=False)
        store.retire_others(queries, environment_id, row.id, published_until=signs_from + overlap)

    unit.write(write)
    unit.runtime.memory.get(_SLOT, {}).pop(environment_id, None)
    return row


def list_keys(unit: Unit, environment_id: str) -> Sequence[SigningKeyRow]:
    """List an environment's signing keys, oldest first."""
    return store.list_keys(unit.read, environment_id)


def get_jwks(unit: Unit, asked: GetJwks) -> Jwks:
    """Get the published keys of a client's environment.

    Raises:
        NotFound: There is no such client.
    """
    client = applications.find_client(unit, asked.client_id)
    if client is None:
        raise NotFound.of("Client", asked.client_id)
    rows = store.list_keys(unit.read, client.environment_id)
    if not rows:
        create_first_key(unit, client.environment_id)
        rows = store.list_keys(unit.read, client.environment_id)
    published = [row for row in rows if is_published(row, unit.now)]
    return Jwks(keys=[msgspec.convert(jwt.jwk(row.certificate, row.id), ready(Jwk)) for row in published])


def sweep(unit: Unit) -> int:
    """Remove keys whose last token has expired."""
    return unit.write(lambda queries: store.sweep(queries, now=unit.now))
