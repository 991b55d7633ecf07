"""Fixtures that every test may ask for; what they stand on is in tests/harness."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.harness.clients import Clients
from tests.harness.databases import ENGINES, Databases, Engine
from tests.harness.furnished import Furnished
from tests.harness.guard import Guard
from tests.harness.pairs import Pairs
from tests.harness.postgres import Clusters
from tests.harness.servers import Server, start_server
from tests.harness.unavailable import PREFIX, bring, tally

FreshDatabase: TypeAlias = Callable[[Engine], str]
StartServer: TypeAlias = Callable[..., Server]


@pytest.fixture(scope="session")
def guard() -> Iterator[Guard]:
    """Ends what this run started, even if the run is killed."""
    with Guard() as guard:
        yield guard


@pytest.fixture(scope="session")
def clusters(guard: Guard) -> Iterator[Clusters]:
    """Keep private PostgreSQL clusters; every test worker has its own."""
    clusters = Clusters(guard)
    yield clusters
    clusters.stop()


@pytest.fixture(scope="session")
def postgres_url(clusters: Clusters) -> str:
    """Give the address of a private PostgreSQL; it does not sync."""
    return bring(clusters.quick).url()


@pytest.fixture(scope="session")
def durable_postgres_url(clusters: Clusters) -> str:
    """Give the address of a private PostgreSQL that syncs as an operator's does, for kill -9 tests."""
    return bring(clusters.durable).url()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, clusters: Clusters) -> Iterator[Databases]:
    """Make databases of either engine."""
    databases = Databases(tmp_path_factory.mktemp("databases"), clusters)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def furnished(databases: Databases) -> Iterator[Furnished]:
    """Lend databases that have the environment of development mode."""
    furnished = Furnished(databases)
    yield furnished
    furnished.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Run the test once on SQLite and once on PostgreSQL."""
    chosen: Engine = request.param
    return chosen


@pytest.fixture
def fresh_database(databases: Databases) -> Iterator[FreshDatabase]:
    """Make a migrated, empty database: `fresh_database(engine)` gives its address."""
    made: list[str] = []

    def fresh(engine: Engine) -> str:
        made.append(bring(lambda: databases.fresh(engine)))
        return made[-1]

    yield fresh
    for url in made:
        databases.drop(url)


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[FreshDatabase]:
    """Make a database in which nothing was ever made: `empty_database(engine)` gives its address."""
    made: list[str] = []

    def empty(engine: Engine) -> str:
        made.append(bring(lambda: databases.empty(engine)))
        return made[-1]

    yield empty
    for url in made:
        databases.drop(url)


@pytest.fixture
def database_url(engine: Engine, fresh_database: FreshDatabase) -> str:
    """Give the address of a migrated, empty database, on each engine in turn."""
    return fresh_database(engine)


@pytest.fixture
def furnished_database(engine: Engine, furnished: Furnished) -> Iterator[str]:
    """Give the address of a database that has the environment of development mode, on each engine in turn."""
    with ExitStack() as lent:
        yield bring(lambda: lent.enter_context(furnished.lend(engine)))


@pytest.fixture
def server(guard: Guard, tmp_path: Path, databases: Databases) -> Iterator[StartServer]:
    """Start real servers: `server(database_url=…, arguments=(…), settings={…}, development=True)`."""
    started: list[Server] = []

    def start(
        *,
        database_url: str | None = None,
        arguments: tuple[str, ...] = (),
        settings: dict[str, str] | None = None,
        development: bool = True,
    ) -> Server:
        started.append(
            start_server(
                guard,
                tmp_path,
                database_url=database_url or databases.fresh("sqlite"),
                arguments=arguments,
                settings=settings,
                development=development,
            )
        )
        return started[-1]

    yield start
    for running in started:
        running.end()


@pytest.fixture(scope="session")
def pairs(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairs]:
    """Keep the servers of this test worker."""
    pairs = Pairs(guard, databases, tmp_path_factory)
    yield pairs
    pairs.end()


@pytest.fixture
def pair(engine: Engine, pairs: Pairs) -> Iterator[tuple[Server, Server]]:
    """Give two servers on one database, on each engine in turn; other tests use them, too."""
    pair = pairs.of(engine)
    yield pair
    # Each test asks through clients of its own, of fifty connections and more.
    for server in pair:
        server.close_clients()


@pytest.fixture(scope="session")
def clients() -> Clients:
    """Bring the official SDKs, from the cache when they were brought before."""
    return Clients()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the tests that share a pair of servers to one test worker for each engine, where it is started once."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        if "pairs" in getattr(item, "fixturenames", ()) and callspec is not None:
            item.add_marker(pytest.mark.xdist_group(f"servers-{callspec.params.get('engine', '')}"))


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """Name each reason for which tests were not run, in one line at the very end."""
    yield
    for reason, number in sorted(tally(terminalreporter.stats.get("skipped", [])).items()):
        what = f"NOT BROUGHT  {reason.removeprefix(PREFIX)}" if reason.startswith(PREFIX) else f"SKIPPED  {reason}"
        terminalreporter.write_line(f"{what}  ({number} tests not run)", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a CI run in which something could not be brought: there, not run is not passed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    if any(reason.startswith(PREFIX) for reason in tally(reporter.stats.get("skipped", []))):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
