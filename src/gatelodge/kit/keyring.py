"""The data keys of a database, each sealed by the operator's master key.

A master key is any string of at least 32 characters that nobody can guess: what
`issue_master_key` makes, never a phrase. It is stretched by HKDF, not by a password hash,
so its strength is the strength of the whole. It seals only the few rows of `data_keys`;
changing it rewrites these rows and nothing else.

To change it, give the new one first and the old one after it, `rewrap`, and drop the old
one. The first data key is never replaced: keyed hashes hang on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.kit.entropy import issue_token
from gatelodge.kit.sealing import FIRST_KEY_ID, KEY_BYTES, SealBroken, Sealer, derive_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatelodge.kit.database import Database, Row
    from gatelodge.kit.entropy import Entropy

SHORTEST_MASTER_KEY = 32
"""Characters."""

_ADD_ATTEMPTS = 8


class MasterKeyWrong(Exception):
    """No master key was given that opens this database."""


def issue_master_key(entropy: Entropy) -> str:
    """Make a master key of 256 bits, 43 characters."""
    return issue_token(entropy)


def load_keyring(database: Database, master_keys: Sequence[str], *, entropy: Entropy, now: int) -> Sealer:
    """Open the data keys, making the first one when there is none.

    The first of `master_keys` is the current one, the others still open what they sealed.
    `now` is in milliseconds. Processes that start together on an empty database agree on
    one key: whoever comes later reads the row of whoever came first.

    Raises:
        MasterKeyWrong: None of the master keys opens some row, or one is too short.
    """
    masters = _open_masters(master_keys, entropy)
    rows = _list_rows(database)
    if not rows:
        _store_key(database, masters[0], key_id=FIRST_KEY_ID, entropy=entropy, now=now)
        rows = _list_rows(database)
    keys = {key_id: _unwrap(masters, key_id, sealed)[1] for key_id, sealed in rows}

    def find_key(key_id: int) -> bytes | None:
        statement = "select id, sealed from data_keys where id = :id"
        row = database.reads.one(statement, id=key_id)
        return None if row is None else _unwrap(masters, key_id, row[1])[1]

    return Sealer(keys, current=max(keys), entropy=entropy, find_key=find_key)


def add_data_key(database: Database, master_keys: Sequence[str], *, entropy: Entropy, now: int) -> int:
    """Add a data key and give its id; processes seal with it from their next start.

    Running processes open what it sealed without a restart. `now` is in milliseconds.

    Raises:
        MasterKeyWrong: None of the master keys opens the keys that are there.
    """
    masters = _open_masters(master_keys, entropy)
    for _ in range(_ADD_ATTEMPTS):
        rows = _list_rows(database)
        for key_id, sealed in rows:
            _unwrap(masters, key_id, sealed)
        key_id = max((row[0] for row in rows), default=FIRST_KEY_ID - 1) + 1
        if _store_key(database, masters[0], key_id=key_id, entropy=entropy, now=now):
            return key_id
    raise RuntimeError("others keep adding data keys")


def rewrap(database: Database, master_keys: Sequence[str], *, entropy: Entropy) -> int:
    """Seal every data key with the first master key; give how many rows that changed.

    Safe to run while processes serve, and again after it was cut off.

    Raises:
        MasterKeyWrong: None of the master keys opens some row; nothing is changed then.
    """
    masters = _open_masters(master_keys, entropy)
    opened = [(*row, *_unwrap(masters, *row)) for row in _list_rows(database)]
    return sum(
        _replace_row(database, key_id, sealed=sealed, wrapped=masters[0].seal(key, purpose=_purpose(key_id)))
        for key_id, sealed, master, key in opened
        if master is not masters[0]
    )


def _open_masters(master_keys: Sequence[str], entropy: Entropy) -> list[Sealer]:
    if not master_keys:
        raise MasterKeyWrong("no master key is given")
    if any(len(key) < SHORTEST_MASTER_KEY for key in master_keys):
        raise MasterKeyWrong(f"a master key needs at least {SHORTEST_MASTER_KEY} characters")
    keys = [derive_key(key.encode(), use="master key") for key in master_keys]
    return [Sealer({FIRST_KEY_ID: key}, current=FIRST_KEY_ID, entropy=entropy) for key in keys]


def _store_key(database: Database, master: Sealer, *, key_id: int, entropy: Entropy, now: int) -> bool:
    wrapped = master.seal(entropy.token_bytes(KEY_BYTES), purpose=_purpose(key_id))
    statement = (
        "insert into data_keys (id, sealed, created_at) values (:id, :sealed, :created_at) on conflict (id) do nothing"
    )
    stored = database.write(lambda queries: queries.run(statement, id=key_id, sealed=wrapped, created_at=now))
    return stored == 1


def _replace_row(database: Database, key_id: int, *, sealed: bytes, wrapped: bytes) -> int:
    statement = "update data_keys set sealed = :wrapped where id = :id and sealed = :sealed"
    return database.write(lambda queries: queries.run(statement, wrapped=wrapped, id=key_id, sealed=sealed))


def _list_rows(database: Database) -> list[Row]:
    return database.reads.all("select id, sealed from data_keys order by id")


def _unwrap(masters: list[Sealer], key_id: int, sealed: bytes) -> tuple[Sealer, bytes]:
    for master in masters:
        try:
            return master, master.unseal(sealed, purpose=_purpose(key_id))
        except SealBroken:
            continue
    raise MasterKeyWrong(
        f"the master key does not open data key {key_id} of this database: give the one it was sealed with"
    )


def _purpose(key_id: int) -> str:
    return f"data key {key_id}"
