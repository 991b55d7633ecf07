"""PostgreSQL: conflicts, bounded waits, prepared statements, and no secrets in errors."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database import CannotOpen, Queries, open_database
from tests.harness.ports import free_port
from tests.storage.accounts import ADD, add, balance, in_threads
from tests.storage.conftest import Opener


@pytest.fixture
def url(postgres_accounts_url: str) -> str:
    """Name the address shortly."""
    return postgres_accounts_url


def test_serialization_failures_are_run_again_until_they_succeed(url: str, opened: Opener) -> None:
    database = opened(f"{url}?options=-c%20default_transaction_isolation%3Dserializable")
    runs = 0

    def read_then_write(queries: Queries) -> None:
        nonlocal runs
        runs += 1
        row = queries.one("select balance from accounts where environment_id = 'e' and id = 'a'")
        assert row is not None
        queries.run("update accounts set balance = :balance where id = 'a'", balance=row[0] + 1)

    def work(_: int) -> None:
        for _ in range(10):
            database.write(read_then_write)

    errors = in_threads(4, work)

    # A loser of many rounds is told that it is busy; nobody's write is lost or done twice.
    assert all(isinstance(error, ServiceUnavailable) for error in errors)
    assert len(errors) <= 1
    assert runs > 40
    assert balance(database) >= 30
    if not errors:
        assert balance(database) == 40


def test_of_two_that_deadlock_both_succeed(url: str, opened: Opener) -> None:
    database = opened(url)
    met = threading.Barrier(2)
    runs = 0

    def cross(first: str, second: str) -> Callable[[Queries], None]:
        fresh = True

        def add_both(queries: Queries) -> None:
            nonlocal runs, fresh
            runs += 1
            queries.run(ADD, id=first)
            if fresh:
                fresh = False
                met.wait(10)
            queries.run(ADD, id=second)

        return add_both

    closures = [cross("a", "b"), cross("b", "a")]
    errors = in_threads(2, lambda number: database.write(closures[number]))

    assert errors == []
    assert runs == 3
    assert (balance(database, "a"), balance(database, "b")) == (2, 2)


def test_a_conflict_is_tried_again_even_when_the_closure_hides_it(url: str, opened: Opener) -> None:
    database = opened(f"{url}?options=-c%20default_transaction_isolation%3Drepeatable%5C%20read")
    rival = opened(url)
    runs = 0

    def hide(queries: Queries) -> None:
        nonlocal runs
        runs += 1
        queries.one("select balance from accounts where id = 'a'")
        if runs == 1:
            threading.Thread(target=lambda: rival.write(add("a"))).start()
            time.sleep(0.3)
        try:
            queries.run(ADD, id="a")
        except Exception as error:
            raise KeyError("hidden") from error

    database.write(hide)

    assert runs == 2
    assert balance(database) == 2


def test_a_row_that_somebody_keeps_locked_is_waited_for_a_bounded_time(url: str, opened: Opener) -> None:
    database = opened(url, patience=0.3)

    with psycopg.connect(url) as foreign:
        foreign.execute("select 1 from accounts where id = 'a' for update")
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            database.write(add("a"))
        assert 0.2 < time.monotonic() - began < 2
        assert balance(database) == 0

    assert database.write(add("a")) == 1


def test_connections_are_bounded_and_so_is_the_wait_for_one(url: str, opened: Opener) -> None:
    database = opened(url, pool_size=2, patience=0.3)
    release = threading.Event()
    inside = threading.Barrier(3)

    def hold(queries: Queries) -> None:
        queries.one("select 1")
        inside.wait(10)
        release.wait(10)

    holders = [threading.Thread(target=lambda: database.write(hold)) for _ in range(2)]
    for holder in holders:
        holder.start()
    inside.wait(10)
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        balance(database)
    waited = time.monotonic() - began
    release.set()
    for holder in holders:
        holder.join(10)

    assert 0.2 < waited < 2
    assert balance(database) == 0


def test_nothing_stays_open_on_the_server(url: str, opened: Opener) -> None:
    database = opened(url)

    def fail(queries: Queries) -> None:
        queries.run(ADD, id="a")
        raise LookupError

    for _ in range(5):
        with pytest.raises(LookupError):
            database.write(fail)
        balance(database)

    with psycopg.connect(url) as observer:
        mine = "where datname = current_database() and application_name = 'gatelodge'"
        states = observer.execute(f"select state from pg_stat_activity {mine}").fetchall()  # noqa: S608  # a constant
    assert states == [("idle",)]


def test_statements_are_prepared_unless_the_address_says_not(url: str, opened: Opener) -> None:
    prepared = "select count(*) from pg_prepared_statements where statement like '%balance%'"

    for suffix, expected in (("", 1), ("?prepared_statements=off", 0), ("?prepared_statements=on", 1)):
        database = opened(f"{url}{suffix}")
        for _ in range(4):
            balance(database)
        assert database.reads.one(prepared) == (expected,), suffix


def test_a_rolled_back_write_keeps_its_connection_and_prepared_statements(url: str, opened: Opener) -> None:
    database = opened(url)
    session = (
        "select pg_backend_pid(), (select count(*) from pg_prepared_statements where statement like 'select balance%')"
    )
    for _ in range(3):
        balance(database)
    before = database.reads.one(session)

    def fail(queries: Queries) -> None:
        queries.run("update owners set id = 'x'")
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            database.write(fail)

    assert before is not None
    assert before[1] == 1
    assert database.reads.one(session) == before


def test_prepared_statements_outlive_a_changed_table(url: str, opened: Opener) -> None:
    database = opened(url)
    everything = "select balance, notes from accounts where id = :id"
    for _ in range(3):
        database.reads.one(everything, id="a")

    with psycopg.connect(url, autocommit=True) as foreign:
        foreign.execute("alter table accounts alter column balance type integer")

    assert database.reads.one(everything, id="a") == (0, "{}")
    assert database.write(lambda queries: queries.one(everything, id="a")) == (0, "{}")


def test_a_queued_statement_whose_plan_is_stale_is_run_again(url: str, opened: Opener) -> None:
    database = opened(url)
    touch = "update accounts set balance = balance + 1 where id = :id returning balance"
    for _ in range(3):
        database.write(lambda queries: queries.queue(touch, id="a"))

    with psycopg.connect(url, autocommit=True) as foreign:
        foreign.execute("alter table accounts alter column balance type integer")
    database.write(lambda queries: queries.queue(touch, id="a"))

    assert balance(database) == 4


def test_the_server_keeps_a_bounded_number_of_statements(url: str, opened: Opener) -> None:
    database = opened(url)

    for number in range(1200):
        assert database.reads.one(f"select :number + {number}", number=1) == (1 + number,)  # a number

    row = database.reads.one("select count(*) from pg_prepared_statements")
    assert row is not None
    assert 256 <= row[0] <= 512


def test_a_statement_that_cannot_be_prepared_fails_alone(url: str, opened: Opener) -> None:
    database = opened(url)

    def write(queries: Queries) -> None:
        queries.queue(ADD, id="a")
        queries.queue("update nothing set balance = :balance", balance=1)
        queries.queue("update accounts set balance = :balance", balance=99)

    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            database.write(write)
    database.write(lambda queries: queries.queue("update accounts set balance = :balance", balance=99))

    assert balance(database) == 99


def test_an_address_may_not_choose_another_encoding(url: str, opened: Opener) -> None:
    database = opened(f"{url}?client_encoding=latin1")

    database.write(lambda queries: queries.run("update accounts set name = :name where id = 'a'", name="é 🔑"))

    assert opened(url).reads.one("select name from accounts where id = 'a'") == ("é 🔑",)


def test_a_server_that_forgot_its_prepared_statements_is_asked_again(url: str, opened: Opener) -> None:
    database = opened(url)
    for _ in range(2):
        assert balance(database) == 0
        database.write(lambda queries: queries.queue(ADD, id="a"))
        database.reads.run("deallocate all")
        database.write(lambda queries: queries.queue(ADD, id="a"))
        database.reads.run("deallocate all")
        assert balance(database) == 2
        database.write(lambda queries: queries.run("update accounts set balance = 0"))


def test_an_interrupted_statement_costs_its_connection_and_nothing_else(url: str, opened: Opener) -> None:
    database = opened(url)
    main = threading.main_thread().ident or 0

    def write(queries: Queries) -> None:
        queries.queue(ADD, id="a")
        timer = threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT))
        timer.start()
        queries.one("select pg_sleep(20), :number", number=1)

    with pytest.raises(KeyboardInterrupt):
        database.write(write)

    assert balance(database) == 0
    database.write(lambda queries: queries.queue(ADD, id="a"))
    assert balance(database) == 1


def test_an_answer_is_its_own_when_others_have_the_connection(url: str, opened: Opener) -> None:
    database = opened(url)
    ends, wrong = time.monotonic() + 2, []

    def write(number: int) -> None:
        while time.monotonic() < ends:
            queued = database.write(lambda queries: queries.queue("select cast(:n as bigint), 'writer'", n=number))
            wrong.append(queued.one() != (number, "writer"))

    def read(number: int) -> None:
        while time.monotonic() < ends:
            wrong.append(database.reads.one("select cast(:n as bigint), 'reader'", n=number) != (number, "reader"))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        errors = in_threads(8, lambda number: (write if number % 2 else read)(number))
    finally:
        sys.setswitchinterval(interval)

    assert (errors, any(wrong)) == ([], False)
    assert len(wrong) > 100


def test_a_text_with_a_nul_is_refused_and_never_cut_short(url: str, opened: Opener) -> None:
    database = opened(url)

    with pytest.raises(psycopg.DataError):
        database.write(lambda queries: queries.run("update accounts set name = :name", name="ab\0cd"))

    assert database.reads.one("select 1 from accounts where name like 'ab%'") is None


def test_one_text_takes_values_of_several_types(url: str, opened: Opener) -> None:
    database = opened(url)
    either = "select 1 from accounts where id = 'a' and balance = coalesce(:balance, balance)"

    for value in (None, 0, None, 1, 0):
        found = database.reads.one(either, balance=value)
        assert found == (None if value == 1 else (1,))


def test_the_servers_time_zone_and_encoding_do_not_matter(url: str, opened: Opener) -> None:
    database = opened(f"{url}?options=-c%20timezone%3DAsia/Kathmandu%20-c%20client_encoding%3DLATIN1")

    database.write(lambda queries: queries.run("update accounts set name = :name where id = 'a'", name="日本 🔑"))

    assert database.reads.one("select name from accounts where id = 'a'") == ("日本 🔑",)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:s3cr@t@127.0.0.1:1/d",
        "postgresql://u:s3cr/t@127.0.0.1:1/d",
        "postgresql://u:s3cr%zzt@127.0.0.1:1/d",
        "postgresql://u:s3cr?t@127.0.0.1:1/d?nonsense",
        "postgresql://u:s3cr@127.0.0.1:1/d?prepared_statements=s3cr",
        "postgresql://u:s3cr@127.0.0.1:1/d?nonsense=s3cr",
        "postgresql://u:s3cr@127.0.0.1:s3cr/d",
    ],
)
def test_a_wrong_address_is_refused_without_showing_its_password(address: str) -> None:
    with pytest.raises(CannotOpen) as caught:
        open_database(address)

    assert "s3cr" not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)


def test_a_password_may_hold_a_question_mark(url: str, opened: Opener) -> None:
    name = f"odd_{urlsplit(url).path.strip('/')}"
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(f"create role {name} login password 's3cr?t=&1'")
    place = url.partition("@")[2]

    database = opened(f"postgresql://{name}:s3cr?t=&1@{place}?prepared_statements=off")

    assert database.reads.one("select current_user::text") == (name,)
    database.close()
    with psycopg.connect(url, autocommit=True) as administrator:
        administrator.execute(f"drop role {name}")


def test_no_error_of_a_connection_shows_the_password(url: str, opened: Opener) -> None:
    wrong = url.replace(f":{urlsplit(url).password}@", ":s3cr%40t@")
    nobody = wrong.replace(f":{urlsplit(url).port}/", f":{free_port()}/")

    for address in (wrong, nobody):
        database = opened(address)
        for use in (lambda database=database: balance(database), lambda database=database: database.write(add("a"))):
            with pytest.raises(ServiceUnavailable) as caught:
                use()
            assert "s3cr" not in "".join(traceback.format_exception(caught.value))
