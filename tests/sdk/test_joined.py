"""The caller's own transaction: the tenant's row and the user, or neither."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from gatelodge import AsyncUserManagement, UserManagement, errors
from gatelodge.doors.assemble import ROUTES
from gatelodge.doors.joining import JOINS, may_join
from tests.harness.databases import Engine
from tests.harness.inprocess import CLIENT, MASTER_KEY

PASSWORD = "seventeen yellow herons"
ADA = "ada@example.com"
ROOT = Path(__file__).parents[2]


def connect(url: str) -> Any:
    """Open a connection of the host's own, as its documentation says."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("pragma foreign_keys = on")
        return connection
    return psycopg.connect(url)


@pytest.fixture
def um(database_url: str) -> Iterator[UserManagement]:
    with UserManagement.embedded(
        database_url, client_id=CLIENT, master_key=MASTER_KEY, base_url="https://auth.example.com"
    ) as client:
        yield client


@pytest.fixture
def host(database_url: str, um: UserManagement) -> Iterator[Any]:  # noqa: ARG001  # after the engine has migrated
    with contextlib.closing(connect(database_url)) as connection:
        connection.execute("create table tenants (name text primary key, user_id text)")
        connection.commit()
        yield connection


def tenants(host: Any) -> list[str]:
    found = [name for (name,) in host.execute("select name from tenants order by name").fetchall()]
    host.rollback()
    return found


def add_tenant(host: Any, name: str, user_id: str) -> None:
    mark = "?" if isinstance(host, sqlite3.Connection) else "%s"
    host.execute(f"insert into tenants values ({mark}, {mark})", (name, user_id))  # noqa: S608  # a mark of two


def test_a_tenant_and_its_user_are_committed_together(um: UserManagement, host: Any) -> None:
    with um.joined(host) as inside:
        organization = inside.create_organization("Acme")
        user = inside.create_user(ADA, password=PASSWORD, email_verified=True)
        inside.create_organization_membership(user.id, organization_id=organization.id)
        add_tenant(host, "acme", user.id)
        seen_inside = inside.get_user(user.id)
        seen_outside = um.list_users(ADA).data
        host.commit()

    assert seen_inside == user == um.get_user(user.id)
    assert seen_outside == []
    assert tenants(host) == ["acme"]
    assert um.authenticate_with_password(ADA, password=PASSWORD).organization_id == organization.id
    told = [event.event for event in um.list_events(["organization.created", "user.created"])]
    assert sorted(told) == ["organization.created", "user.created"]


def test_a_tenant_and_its_user_are_rolled_back_together(um: UserManagement, host: Any) -> None:
    with um.joined(host) as inside:
        organization = inside.create_organization("Acme")
        user = inside.create_user(ADA)
        inside.send_invitation("bob@example.com", organization_id=organization.id)
        add_tenant(host, "acme", user.id)
        host.rollback()

    with pytest.raises(errors.NotFound):
        um.get_user(user.id)
    assert [*um.list_users(), *um.list_invitations(), *um.list_organizations()] == []
    assert um.list_events().data == []
    assert tenants(host) == []
    assert um.create_user(ADA).id != user.id


def test_no_mail_of_a_transaction_leaves_before_it_or_without_it(
    um: UserManagement, host: Any, database_url: str
) -> None:
    def waiting() -> list[str]:
        with contextlib.closing(connect(database_url)) as other:
            return sorted(to for (to,) in other.execute("select recipient from outbox").fetchall())

    with um.joined(host) as inside:
        inside.send_invitation("bob@example.com")
        during = waiting()
        host.rollback()
    after_rollback = waiting()
    with um.joined(host) as inside:
        inside.send_invitation("eve@example.com")
        host.commit()

    assert during == after_rollback == []
    assert waiting() == ["eve@example.com"]


def test_a_call_that_is_refused_undoes_itself_alone(um: UserManagement, host: Any) -> None:
    um.create_user(ADA)

    with um.joined(host) as inside:
        first = inside.create_user("grace@example.com")
        with pytest.raises(errors.UserCreationError):
            inside.create_user(ADA)
        with pytest.raises(errors.NotFound):
            inside.update_user("user_unknown", first_name="X")
        second = inside.create_user("lin@example.com")
        add_tenant(host, "acme", first.id)
        host.commit()

    assert {user.email for user in um.list_users()} == {ADA, "grace@example.com", "lin@example.com"}
    assert um.get_user(second.id) == second
    assert tenants(host) == ["acme"]


def test_a_transaction_that_was_begun_before_is_joined_and_not_committed(um: UserManagement, host: Any) -> None:
    add_tenant(host, "acme", "nobody")

    with um.joined(host) as inside:
        inside.create_user(ADA)
    left_open = um.list_users(ADA).data
    host.rollback()

    assert left_open == []
    assert tenants(host) == []
    assert um.list_users(ADA).data == []


def test_rows_of_another_kind_on_the_callers_connection_do_not_matter(um: UserManagement, host: Any) -> None:
    host.row_factory = sqlite3.Row if isinstance(host, sqlite3.Connection) else dict_row

    with um.joined(host) as inside:
        user = inside.create_user(ADA, metadata={"tier": "gold"})
        read = inside.get_user(user.id)
        kept = host.row_factory
        host.commit()

    assert read == user
    assert kept in (sqlite3.Row, dict_row)


CANNOT_JOIN: dict[str, tuple[Any, ...]] = {
    "authenticate_with_refresh_token": ("x",),
    "create_magic_auth": (ADA,),
    "create_password_reset": (ADA,),
    "list_events": (),
    "send_verification_email": ("user_x",),
    "create_device_authorization": (),
}


def test_what_must_stand_on_its_own_says_so_and_does_nothing(um: UserManagement, host: Any) -> None:
    with um.joined(host) as inside:
        user = inside.create_user(ADA, password=PASSWORD, email_verified=True)
        for name, arguments in CANNOT_JOIN.items():
            with pytest.raises(errors.CannotJoin, match="must stand on its own"):
                getattr(inside, name)(*arguments)
        with pytest.raises(errors.CannotJoin, match="must stand on its own"):
            inside.authenticate_with_password(ADA, password=PASSWORD)
        host.commit()

    assert um.get_user(user.id) == user
    assert um.list_sessions(user.id).data == []


def test_every_operation_that_may_join_is_one_of_the_table() -> None:
    operations = {route.operation.name: route.operation for route in ROUTES}

    assert set(operations) >= JOINS
    assert not any(may_join(operations[name]) for name in ("authenticate", "logout", "list_events", "reset_password"))
    assert all(may_join(operations[name]) for name in ("get_user", "list_users", "create_user", "send_invitation"))


def test_after_the_block_or_the_transaction_nothing_can_be_called(um: UserManagement, host: Any) -> None:
    with um.joined(host) as inside:
        inside.create_user(ADA)
        host.commit()
        with pytest.raises(errors.CannotJoin, match="is over"):
            inside.create_user("grace@example.com")

    with pytest.raises(errors.CannotJoin, match="has been left"):
        inside.list_users()
    assert len(um.list_users()) == 1


def test_another_thread_is_refused(um: UserManagement, host: Any) -> None:
    caught: list[Exception] = []

    def call(inside: UserManagement) -> None:
        try:
            inside.create_user(ADA)
        except errors.CannotJoin as error:
            caught.append(error)

    with um.joined(host) as inside:
        thread = threading.Thread(target=call, args=(inside,))
        thread.start()
        thread.join()
        host.rollback()

    assert "thread" in str(caught[0])


def test_a_connection_that_will_not_do_is_refused_with_the_reason(
    um: UserManagement, host: Any, engine: Engine, tmp_path: Path, database_url: str
) -> None:
    def reason(connection: object) -> str:
        with pytest.raises(errors.CannotJoin) as caught, um.joined(connection):
            pass
        return str(caught.value)

    elsewhere = sqlite3.connect(tmp_path / "other.db")
    assert "neither" in reason(object())
    if engine == "sqlite":
        assert "another file" in reason(elsewhere)
        automatic: Any = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        assert "foreign keys" in reason(automatic)
        automatic.execute("pragma foreign_keys = on")
        assert "begin a transaction" in reason(automatic)
        automatic.close()
    else:
        assert "the engine's database is PostgreSQL" in reason(elsewhere)
        with psycopg.connect(database_url, autocommit=True) as automatic:
            assert "begin a transaction" in reason(automatic)
        assert "closed" in reason(automatic)
        with psycopg.connect(database_url.rpartition("/")[0] + "/postgres") as another:
            assert "another database" in reason(another)
        with pytest.raises(psycopg.Error):
            host.execute("select nothing from nowhere")
        assert "failed" in reason(host)
        host.rollback()
    elsewhere.close()


def test_a_transaction_that_was_begun_by_hand_is_joined(um: UserManagement, engine: Engine, database_url: str) -> None:
    if engine == "sqlite":
        connection: Any = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("pragma foreign_keys = on")
        connection.execute("begin")
    else:
        connection = psycopg.connect(database_url, autocommit=True)
        connection.execute("begin")

    with contextlib.closing(connection), um.joined(connection) as inside:
        inside.create_user(ADA)
        connection.execute("commit")

    assert len(um.list_users(ADA)) == 1


class Wrapped:
    """What SQLAlchemy and Django do: the driver's connection under another's."""

    def __init__(self, name: str, inner: object) -> None:
        setattr(self, name, inner)


@pytest.mark.parametrize("names", [["driver_connection"], ["connection", "driver_connection"], ["connection"]])
def test_the_connections_of_sqlalchemy_and_django_are_unwrapped(
    um: UserManagement, host: Any, names: list[str]
) -> None:
    wrapped = host
    for name in reversed(names):
        wrapped = Wrapped(name, wrapped)

    with um.joined(wrapped) as inside:
        inside.create_user(ADA)
        host.commit()

    assert len(um.list_users(ADA)) == 1


def test_a_site_of_django_joins_in_atomic_blocks(database_url: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.sdk.atomic", database_url],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "committed": [["acme"], ["ada"], 0],
        "undone": [["acme"], ["ada"], 0],
        "taken": "email_not_available",
        "half undone": [["acme", "outer"], ["ada", "outer"], 1],
        "without a transaction": True,
    }


def test_sign_ins_and_refreshes_go_on_beside_a_joined_transaction(um: UserManagement, host: Any) -> None:
    um.create_user("grace@example.com", password=PASSWORD, email_verified=True)
    begun = um.authenticate_with_password("grace@example.com", password=PASSWORD)
    renewed: list[Any] = []
    threads = [
        threading.Thread(target=lambda: renewed.append(um.authenticate_with_refresh_token(begun.refresh_token)))
        for _ in range(4)
    ]

    with um.joined(host) as inside:
        user = inside.create_user(ADA)
        for thread in threads:
            thread.start()
        # On SQLite they wait for this transaction, as any writer of the file does.
        threads[0].join(0.2)
        add_tenant(host, "acme", user.id)
        host.commit()
    for thread in threads:
        thread.join()

    assert len({answer.refresh_token for answer in renewed}) == 1
    assert len(renewed) == 4
    assert um.get_user(user.id).email == ADA


@pytest.mark.parametrize(("moment", "count"), [("before", 0), ("after", 1)])
def test_a_kill_leaves_both_or_neither(
    um: UserManagement, host: Any, database_url: str, moment: str, count: int
) -> None:
    # The code under test, wherever this test runs from.
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "tests.sdk.joining", database_url, moment]
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL
    assert len(tenants(host)) == len(um.list_users(ADA)) == count


def test_only_an_embedded_client_of_plain_functions_can_join(tmp_path: Path) -> None:
    remote = UserManagement("sk", client_id=CLIENT, base_url="http://127.0.0.1:9")
    with remote, pytest.raises(errors.CannotJoin, match="embedded"), remote.joined(object()):
        pass

    async def try_coroutines() -> None:
        async with AsyncUserManagement.embedded(f"sqlite:///{tmp_path}/app.db") as awaited:
            with pytest.raises(errors.CannotJoin, match="embedded"), awaited.joined(object()):
                pass

    asyncio.run(try_coroutines())
