from __future__ import annotations

import os
from typing import Any

import pytest

from tests.cli.running import Shell, production
from tests.conftest import FreshDatabase


def examine(shell: Shell, *arguments: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    ran = shell.run("doctor", *arguments, "--json")
    findings: dict[str, list[dict[str, Any]]] = {}
    for finding in ran.json()["findings"]:
        findings.setdefault(finding["check"], []).append(finding)
    assert ran.json()["healthy"] == (ran.status == 0)
    return ran.status, findings


@pytest.fixture
def healthy(small: Shell) -> Shell:
    small.exported |= {"GATELODGE_SMTP_HOST": "mail.example.com", "GATELODGE_MAIL_FROM": "accounts@example.com"}
    os.chmod(small.exported["GATELODGE_DATABASE_URL"].removeprefix("sqlite:///"), 0o600)  # noqa: PTH101
    small.json("keys", "create", "backend")
    return small


def test_a_healthy_installation_passes_every_check(healthy: Shell) -> None:
    ran = healthy.run("doctor")

    assert ran.status == 0, ran.out
    assert ran.err.strip() == "All is well."
    assert all(line.startswith("✓ ") for line in ran.out.splitlines())
    for check in ("settings", "base URL", "database", "durability", "schema", "master key", "signing keys", "hashing"):
        assert f"✓ {check} " in ran.out


def test_the_marks_are_readable_where_only_ascii_can_be_printed(healthy: Shell) -> None:
    ran = healthy.run_cold("doctor", PYTHONIOENCODING="ascii")

    assert ran.status == 0, ran.err
    assert ran.out.startswith("ok settings")


def test_it_tells_what_a_password_hash_takes(healthy: Shell) -> None:
    # 19 MiB, written and read twice, take some milliseconds on any machine.
    (hashing,) = examine(healthy)[1]["hashing"]

    assert int(hashing["message"].partition(" takes ")[2].split()[0]) > 3


def test_it_changes_nothing(healthy: Shell) -> None:
    before = healthy.run("keys", "list", "--json").out

    examine(healthy)

    assert healthy.run("keys", "list", "--json").out == before


def test_a_mistyped_variable_is_a_warning(healthy: Shell) -> None:
    healthy.exported["GATELODGE_ACESS_LOG"] = "off"

    status, findings = examine(healthy)

    assert status == 0
    assert [finding["message"].split()[0] for finding in findings["settings"] if finding["status"] == "warning"] == [
        "GATELODGE_ACESS_LOG"
    ]


def test_every_faulty_setting_is_told_at_once(healthy: Shell) -> None:
    healthy.exported |= {
        "GATELODGE_LIMIT_PER_EMAIL": "often",
        "GATELODGE_ISSUER": "{tenant}",
        "GATELODGE_BASE_URL": "auth.example.com",
    }

    status, found = examine(healthy)

    messages = " ".join(one["message"] for one in found["settings"])
    assert status == 1
    for name in ("limit_per_email", "issuer", "GATELODGE_BASE_URL"):
        assert name in messages


def test_values_that_cannot_be_read_are_told_at_once_and_not_repeated(shell: Shell) -> None:
    status, found = examine(
        Shell(folder=shell.folder, exported={"GATELODGE_PORT": "geheim", "GATELODGE_WORKERS": "-1"})
    )

    assert status == 1
    assert [one["message"].partition(":")[0] for one in found["settings"]] == ["port", "workers"]
    assert "geheim" not in str(found)


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [("https://auth.example.com", "ok"), ("http://localhost:4100", "warning"), ("http://auth.example.com", "failed")],
)
def test_a_public_origin_without_tls_fails(healthy: Shell, base_url: str, expected: str) -> None:
    healthy.exported["GATELODGE_BASE_URL"] = base_url

    assert examine(healthy)[1]["base URL"][0]["status"] == expected


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [("https://auth.example.com", "ok"), ("https://192.0.2.7", "warning"), ("http://127.0.0.1:4100", "warning")],
)
def test_a_public_origin_for_which_browsers_make_no_passkeys_is_told(
    healthy: Shell, base_url: str, expected: str
) -> None:
    healthy.exported["GATELODGE_BASE_URL"] = base_url

    assert examine(healthy)[1]["passkeys"][0]["status"] == expected


@pytest.mark.parametrize(("mode", "expected"), [(0o600, "ok"), (0o640, "warning"), (0o644, "failed")])
def test_a_configuration_that_others_can_read_is_told(healthy: Shell, mode: int, expected: str) -> None:
    healthy.run("init")
    file = healthy.folder / "gatelodge.toml"
    file.chmod(mode)

    assert examine(healthy, "--config", str(file))[1]["files"][0]["status"] == expected


def test_a_master_key_beside_the_data_is_told(healthy: Shell) -> None:
    file = healthy.exported["GATELODGE_DATABASE_URL"].removeprefix("sqlite:///") + ".master-key"
    with open(os.open(file, os.O_WRONLY | os.O_CREAT, 0o644), "w") as stream:  # noqa: PTH123
        stream.write(healthy.exported.pop("GATELODGE_MASTER_KEY"))

    status, found = examine(healthy)

    assert status == 1
    assert [one["status"] for one in found["files"]] == ["failed", "warning"]
    assert found["master key"][0]["status"] == "ok"


def test_a_wrong_master_key_fails(healthy: Shell) -> None:
    healthy.exported["GATELODGE_MASTER_KEY"] = "w" * 43

    status, found = examine(healthy)

    assert (status, found["master key"][0]["status"]) == (1, "failed")


def test_a_master_key_that_is_being_changed_is_a_warning_until_the_end(healthy: Shell) -> None:
    old = healthy.exported["GATELODGE_MASTER_KEY"]
    healthy.exported |= {"GATELODGE_MASTER_KEY": "n" * 43, "GATELODGE_PREVIOUS_MASTER_KEYS": old}

    before = examine(healthy)[1]["master key"]
    healthy.run("keys", "rewrap")
    after = examine(healthy)[1]["master key"]

    assert "`gatelodge keys rewrap`" in before[1]["message"]
    assert "empty it" in after[1]["message"]


def test_the_data_key_of_a_new_database_is_not_made_by_looking(fresh_database: FreshDatabase, shell: Shell) -> None:
    new = production(fresh_database("sqlite"), shell.folder)
    new.run("doctor")

    new.exported["GATELODGE_MASTER_KEY"] = "o" * 43

    assert new.run("environments", "create", "production").status == 0


def test_an_absent_database_fails_and_is_not_made(shell: Shell) -> None:
    absent = production(f"sqlite:///{shell.folder}/absent.db", shell.folder)

    status, found = examine(absent)

    assert (status, found["database"][0]["status"]) == (1, "failed")
    assert not list(shell.folder.iterdir())


def test_a_lost_database_fails_without_its_password(shell: Shell) -> None:
    ran = production("postgresql://gate:geheim@127.0.0.1:9/gate", shell.folder).run("doctor")

    assert ran.status == 1
    assert "✗ database" in ran.out
    assert "geheim" not in ran.out + ran.err


def test_postgres_that_keeps_its_promises_passes_and_one_that_does_not_fails(
    durable_postgres_url: str, postgres_url: str, shell: Shell
) -> None:
    durable = examine(production(durable_postgres_url, shell.folder))[1]
    careless = examine(production(postgres_url, shell.folder))[1]

    assert durable["durability"][0]["status"] == durable["clocks"][0]["status"] == "ok"
    assert careless["durability"][0]["status"] == "failed"


def test_more_workers_than_cores_are_a_warning(healthy: Shell) -> None:
    assert examine(healthy)[1]["workers"][0]["status"] == "ok"
    healthy.exported["GATELODGE_WORKERS"] = "64"

    status, found = examine(healthy)

    assert (status, found["workers"][0]["status"]) == (0, "warning")


def test_a_clock_behind_the_last_write_fails(healthy: Shell) -> None:
    file = healthy.exported["GATELODGE_DATABASE_URL"].removeprefix("sqlite:///")
    later = os.stat(file).st_mtime + 86_400  # noqa: PTH116
    os.utime(file, (later, later))

    assert examine(healthy)[1]["clock"][0]["status"] == "failed"


def test_development_mode_by_variable_fails(healthy: Shell) -> None:
    healthy.exported["GATELODGE_DEVELOPMENT"] = "1"

    assert "--dev only" in examine(healthy)[1]["settings"][0]["message"]
