"""The harness keeps its promises: private, on loopback, gone afterwards, and never silent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from gatelodge.kit.database import open_database
from gatelodge.kit.migrate import pending
from tests.harness.chromium import open_chromium
from tests.harness.unavailable import Unavailable, bring

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Databases, Engine
    from tests.harness.postgres import Clusters

ROOT = Path(__file__).resolve().parents[2]


def test_the_private_postgres_listens_on_loopback_alone(clusters: Clusters, postgres_url: str) -> None:
    assert postgres_url
    process = psutil.Process(clusters.quick().process.pid)

    listening = {
        connection.laddr.ip for connection in process.net_connections() if connection.status == psutil.CONN_LISTEN
    }

    assert listening == {"127.0.0.1"}


def test_the_private_postgres_asks_for_the_password(postgres_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_url, password="guessed", connect_timeout=5)


def test_the_private_postgres_does_not_run_as_root(clusters: Clusters, postgres_url: str) -> None:
    assert postgres_url

    assert psutil.Process(clusters.quick().process.pid).uids().effective != 0


def test_fresh_databases_are_migrated_and_apart(engine: Engine, fresh_database: FreshDatabase) -> None:
    first, second = (open_database(fresh_database(engine)) for _ in range(2))
    try:
        assert pending(first) == []
        first.write(lambda queries: queries.run("create table apart (id text)"))
        absent = "select count(*) from information_schema.tables where table_name = 'apart'"
        if engine == "sqlite":
            absent = "select count(*) from sqlite_master where name = 'apart'"
        assert second.reads.one(absent) == (0,)
    finally:
        first.close()
        second.close()


def test_a_database_that_was_given_back_comes_again_as_new_without_whoever_held_it(databases: Databases) -> None:
    url = bring(lambda: databases.fresh("postgres"))
    with psycopg.connect(url, autocommit=True) as held:
        as_new = held.execute("select * from schema_migrations order by 1").fetchall()
        held.execute("insert into data_keys (id, sealed, created_at) values (1, 'x', 1)")
        held.execute("delete from schema_migrations")
        databases.drop(url)
        with pytest.raises(psycopg.OperationalError):
            held.execute("select 1")

    with psycopg.connect(databases.fresh("postgres")) as again:
        assert again.execute("select * from schema_migrations order by 1").fetchall() == as_new
        assert again.execute("select * from data_keys").fetchall() == []
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(url)


@pytest.mark.parametrize(
    "change",
    [
        "create table more (id text)",
        "alter table users add column more text",
        "alter table users disable trigger all",
        "create index more on users (email)",
    ],
)
def test_a_database_whose_tables_were_changed_does_not_come_again(databases: Databases, change: str) -> None:
    url = bring(lambda: databases.fresh("postgres"))
    with psycopg.connect(url, autocommit=True) as connection:
        [(changed,)] = connection.execute("select oid from pg_database where datname = current_database()").fetchall()
        connection.execute(change)

    databases.drop(url)

    with psycopg.connect(databases.fresh("postgres")) as connection:
        assert connection.execute("select from pg_database where oid = %s", [changed]).fetchall() == []


def test_a_killed_run_leaves_no_process_behind() -> None:
    program = (
        "import subprocess, sys, time\n"
        "from tests.harness.guard import Guard\n"
        "guard = Guard()\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        "guard.watch(child.pid)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with run:
        assert run.stdout is not None
        child = psutil.Process(int(run.stdout.readline()))

        run.send_signal(signal.SIGKILL)

        # It is nobody's child by then, and may stay a zombie where no init reaps it.
        deadline = time.monotonic() + 10
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_server_killed_with_its_workers_starts_again_on_its_data(server: StartServer, database_url: str) -> None:
    running = server(database_url=database_url)
    made = running.http().post("/user_management/users", json={"email": "ada@example.com"}).json()

    running.kill9()
    running.start_again()

    assert running.http().get(f"/user_management/users/{made['id']}").json() == made


def test_a_server_stops_when_asked(server: StartServer) -> None:
    assert server().stop() == 0


def test_a_development_server_needs_no_folder_of_its_own(server: StartServer, database_url: str) -> None:
    assert server(database_url=database_url).http().get("/health").status_code == 200


def test_a_production_server_starts_with_its_key_and_has_no_development_pages(
    server: StartServer, database_url: str
) -> None:
    running = server(database_url=database_url, development=False)

    assert running.http(api_key="").get("/_dev/clock").status_code == 404


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_what_cannot_be_brought_is_named_and_fails_a_ci_run(tmp_path: Path, ci: str, code: int) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_sessionfinish, pytest_terminal_summary\n")
    (tmp_path / "test_needy.py").write_text(
        "from tests.harness.unavailable import Unavailable, bring\n"
        "def moon():\n    raise Unavailable('the moon: too far; type: build a ladder')\n"
        "def test_first():\n    bring(moon)\n"
        "def test_second():\n    bring(moon)\n"
        "def test_plain():\n    pass\n"
    )

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "NOT BROUGHT  the moon: too far; type: build a ladder  (2 tests not run)" in done.stdout
    assert done.returncode == code


def test_a_browser_or_a_driver_that_does_not_run_here_is_named_with_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unavailable, match=r"sudo apt install chromium$"), open_chromium("http://localhost"):
        pass
    for name in ("chromium", "node"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(tmp_path / "node"))
    with pytest.raises(Unavailable, match=r"sudo apt install libatomic1$"), open_chromium("http://localhost"):
        pass
