"""Data keys are made once, open with the right master key, and outlive its change."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gatelodge.kit.database import Database, open_database
from gatelodge.kit.entropy import SystemEntropy
from gatelodge.kit.keyring import (
    MasterKeyWrong,
    add_data_key,
    issue_master_key,
    load_keyring,
    rewrap,
)
from gatelodge.kit.sealing import SealBroken

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase
    from tests.harness.databases import Engine

ENTROPY = SystemEntropy()
NOW = 1_800_000_000_000
OLD, NEW = issue_master_key(ENTROPY), issue_master_key(ENTROPY)


@pytest.fixture
def url(engine: Engine, fresh_database: FreshDatabase) -> str:
    return fresh_database(engine)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


def test_the_first_start_makes_a_key_and_the_next_opens_it(database: Database) -> None:
    sealed = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW).seal(b"secret", purpose="totp")

    again = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW + 1)

    assert again.unseal(sealed, purpose="totp") == b"secret"
    assert database.reads.all("select id, created_at from data_keys") == [(1, NOW)]


def test_neither_the_master_key_nor_a_data_key_is_stored_openly(database: Database) -> None:
    load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)

    [(sealed,)] = database.reads.all("select sealed from data_keys")

    assert OLD.encode() not in sealed
    assert len(sealed) > 32


def test_twenty_starts_at_once_agree_on_one_key(database: Database) -> None:
    hashes: list[bytes] = []

    def start() -> None:
        sealer = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)
        hashes.append(sealer.keyed_hash("token", purpose="refresh"))

    threads = [threading.Thread(target=start) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(hashes) == 20
    assert len(set(hashes)) == 1


def test_processes_that_start_at_once_agree_on_one_key(url: str) -> None:
    program = (
        "import sys; from gatelodge.kit.database import open_database\n"
        "from gatelodge.kit.entropy import SystemEntropy; from gatelodge.kit.keyring import load_keyring\n"
        "database = open_database(sys.argv[1])\n"
        f"sealer = load_keyring(database, [sys.argv[2]], entropy=SystemEntropy(), now={NOW})\n"
        "print(sealer.keyed_hash('token', purpose='refresh').hex()); database.close()"
    )
    command = [sys.executable, "-c", program, url, OLD]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    hashes = [process.communicate(timeout=60)[0].strip() for process in processes]

    assert len(hashes[0]) == 64
    assert len(set(hashes)) == 1


def test_a_wrong_master_key_is_told_in_one_line_without_the_key(database: Database) -> None:
    load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)

    with pytest.raises(MasterKeyWrong) as refused:
        load_keyring(database, [NEW], entropy=ENTROPY, now=NOW)

    assert "\n" not in str(refused.value)
    assert NEW not in str(refused.value)


@pytest.mark.parametrize("keys", [[], [""], ["x" * 31], [OLD, "short"]])
def test_no_master_key_or_a_short_one_is_refused(database: Database, keys: list[str]) -> None:
    with pytest.raises(MasterKeyWrong):
        load_keyring(database, keys, entropy=ENTROPY, now=NOW)

    assert database.reads.all("select id from data_keys") == []


def test_any_string_of_32_characters_is_a_master_key(database: Database) -> None:
    key = "é" * 31 + "\n"

    sealed = load_keyring(database, [key], entropy=ENTROPY, now=NOW).seal(b"s", purpose="p")

    assert load_keyring(database, [key], entropy=ENTROPY, now=NOW).unseal(sealed, purpose="p") == b"s"


def test_a_master_key_is_changed_without_losing_what_was_sealed(database: Database) -> None:
    before = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)
    add_data_key(database, [OLD], entropy=ENTROPY, now=NOW)
    sealed, token_hash = before.seal(b"secret", purpose="totp"), before.keyed_hash("t", purpose="r")

    between = load_keyring(database, [NEW, OLD], entropy=ENTROPY, now=NOW)
    assert between.unseal(sealed, purpose="totp") == b"secret"
    assert rewrap(database, [NEW, OLD], entropy=ENTROPY) == 2
    assert rewrap(database, [NEW, OLD], entropy=ENTROPY) == 0

    after = load_keyring(database, [NEW], entropy=ENTROPY, now=NOW)
    assert after.unseal(sealed, purpose="totp") == b"secret"
    assert after.keyed_hash("t", purpose="r") == token_hash
    with pytest.raises(MasterKeyWrong):
        load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)


def test_rewrapping_without_the_old_master_key_changes_nothing(database: Database) -> None:
    load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)

    with pytest.raises(MasterKeyWrong):
        rewrap(database, [NEW], entropy=ENTROPY)

    load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)


def test_an_added_key_seals_after_the_next_start_and_opens_in_running_processes(database: Database) -> None:
    running = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)

    assert add_data_key(database, [OLD], entropy=ENTROPY, now=NOW) == 2
    restarted = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)
    sealed = restarted.seal(b"new", purpose="totp")

    assert running.unseal(sealed, purpose="totp") == b"new"
    assert restarted.unseal(running.seal(b"old", purpose="totp"), purpose="totp") == b"old"
    assert running.keyed_hash("t", purpose="r") == restarted.keyed_hash("t", purpose="r")


def test_keys_added_at_once_get_ids_of_their_own(database: Database) -> None:
    load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)
    added: list[int] = []
    threads = [
        threading.Thread(target=lambda: added.append(add_data_key(database, [OLD], entropy=ENTROPY, now=NOW)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(added) == [2, 3, 4, 5]


def test_a_value_of_another_database_does_not_open(database: Database) -> None:
    sealed = load_keyring(database, [OLD], entropy=ENTROPY, now=NOW).seal(b"secret", purpose="totp")
    database.write(lambda queries: queries.run("delete from data_keys"))

    with pytest.raises(SealBroken):
        load_keyring(database, [OLD], entropy=ENTROPY, now=NOW).unseal(sealed, purpose="totp")


def test_data_keys_swapped_between_rows_do_not_open(database: Database) -> None:
    load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)
    database.write(
        lambda queries: queries.run(
            "insert into data_keys (id, sealed, created_at) select 2, sealed, created_at from data_keys"
        )
    )

    with pytest.raises(MasterKeyWrong):
        load_keyring(database, [OLD], entropy=ENTROPY, now=NOW)
