"""Whoever refreshes one session at the same time shares one request, at a real server."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatelodge import AsyncUserManagement, RefreshedSession, UserManagement, errors
from gatelodge.sdk._async.session_desk import RENEWAL_KEPT
from gatelodge.sdk._async.transport import AsyncHttpTransport
from gatelodge.sdk._sync.transport import HttpTransport
from gatelodge.sdk.flights import AsyncFlights, Flights
from gatelodge.sdk.wire import WireRequest, WireResponse
from tests.harness.databases import Databases
from tests.harness.guard import Guard
from tests.harness.servers import Server, start_server
from tests.sdk.sealing.issuing import AsyncWatch, Watch, until

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
EMAIL, PASSWORD = "ada@example.com", "seventeen yellow herons"
MANY = 50


class Counting(HttpTransport):
    """Counts the refreshes that reach the network."""

    refreshes = 0

    def send(self, request: WireRequest) -> WireResponse:
        self.refreshes += b"refresh_token" in request.body
        return super().send(request)


class AsyncCounting(AsyncHttpTransport):
    refreshes = 0

    async def send(self, request: WireRequest) -> WireResponse:
        self.refreshes += b"refresh_token" in request.body
        return await super().send(request)


@pytest.fixture(scope="module")
def running(guard: Guard, tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    server = start_server(guard, tmp_path_factory.mktemp("refreshes"), database_url=databases.fresh("sqlite"))
    with UserManagement(server.api_key, client_id=server.client_id, base_url=server.base_url) as um:
        um.create_user(EMAIL, password=PASSWORD, email_verified=True)
    yield server
    server.end()


def options(running: Server) -> dict[str, Any]:
    return {
        "api_key": running.api_key,
        "client_id": running.client_id,
        "base_url": running.base_url,
        "cookie_password": KEY,
    }


def test_fifty_threads_send_one_refresh(running: Server) -> None:
    way = Counting(running.base_url, timeout=30)
    together = threading.Barrier(MANY)
    with UserManagement(**options(running), transport=way) as um:
        begun = um.authenticate_with_password(EMAIL, password=PASSWORD, session={"seal_session": True})

        def refresh(_: int) -> Any:
            session = um.load_sealed_session(begun.sealed_session)
            together.wait(20)
            return session.refresh()

        with ThreadPoolExecutor(MANY) as threads:
            verdicts = list(threads.map(refresh, range(MANY)))

        assert way.refreshes == 1
        assert {verdict.session.refresh_token for verdict in verdicts} != {begun.refresh_token}
        assert len({verdict.session.refresh_token for verdict in verdicts}) == 1
        assert all(um.authenticate_with_session_cookie(verdict.sealed_session).authenticated for verdict in verdicts)


def test_fifty_tasks_send_one_refresh_though_the_first_of_them_is_cancelled(running: Server) -> None:
    async def main() -> None:
        way = AsyncCounting(running.base_url, timeout=30)
        async with AsyncUserManagement(**options(running), transport=way) as um:
            begun = await um.authenticate_with_password(EMAIL, password=PASSWORD, session={"seal_session": True})
            await um.authenticate_with_session_cookie(begun.sealed_session)
            tasks = [asyncio.create_task(um.load_sealed_session(begun.sealed_session).refresh()) for _ in range(MANY)]
            await asyncio.sleep(0)
            tasks[0].cancel()
            cancelled, *verdicts = await asyncio.gather(*tasks, return_exceptions=True)

            assert isinstance(cancelled, asyncio.CancelledError)
            assert way.refreshes == 1
            tokens = {verdict.session.refresh_token for verdict in verdicts if isinstance(verdict, RefreshedSession)}
            assert len(verdicts) == MANY - 1
            assert len(tokens) == 1
            assert tokens != {begun.refresh_token}

    asyncio.run(main())


def test_refreshes_for_different_organizations_are_not_one(running: Server) -> None:
    way = Counting(running.base_url, timeout=30)
    with UserManagement(**options(running), transport=way) as um:
        um.create_user("grace@example.com", password=PASSWORD, email_verified=True)
        begun = um.authenticate_with_password("grace@example.com", password=PASSWORD, session={"seal_session": True})
        organization = um.create_organization("Analytical Engines")
        um.create_organization_membership(user_id=begun.user.id, organization_id=organization.id)

        own = um.load_sealed_session(begun.sealed_session).refresh()
        chosen = um.load_sealed_session(begun.sealed_session).refresh(organization_id=organization.id)

        assert own.authenticated
        assert chosen.authenticated
        assert (own.organization_id, chosen.organization_id) == (None, organization.id)
        assert way.refreshes == 2


def test_an_answer_is_given_again_for_some_seconds_and_a_failure_is_not() -> None:
    watch = Watch()
    flights: Flights[int] = Flights(watch, keep=RENEWAL_KEPT)
    answers = iter(range(10))

    assert [flights.share("key", lambda: next(answers)) for _ in range(3)] == [0, 0, 0]
    assert flights.share("other", lambda: next(answers)) == 1
    watch.instant += RENEWAL_KEPT
    assert flights.share("key", lambda: next(answers)) == 2
    for _ in range(2):
        with pytest.raises(errors.ConnectionFailed):
            flights.share("third", _fail)
    assert flights.share("third", lambda: next(answers)) == 3


def test_no_more_than_a_bounded_number_of_answers_is_kept() -> None:
    flights: Flights[int] = Flights(Watch(), keep=RENEWAL_KEPT)
    for number in range(3000):
        flights.share(number, lambda: 1)

    assert len(flights._skies.look_up().kept._answers) == 1024


def test_all_who_wait_for_a_failure_are_told_of_it() -> None:
    flights: Flights[int] = Flights(Watch())
    begun, may_fail = threading.Event(), threading.Event()

    def fail() -> int:
        begun.set()
        may_fail.wait(5)
        raise errors.ConnectionFailed

    with ThreadPoolExecutor(5) as threads:
        asked = [threads.submit(flights.share, "key", fail)]
        begun.wait(5)
        asked += [threads.submit(flights.share, "key", _never) for _ in range(4)]
        until(lambda: sum(thread.name.startswith("ThreadPool") for thread in threading.enumerate()) >= 5)
        threading.Event().wait(0.1)
        may_fail.set()

        assert all(isinstance(each.exception(5), errors.ConnectionFailed) for each in asked)
    assert not flights.is_under_way("key")


def test_what_stops_one_thread_does_not_stop_those_who_wait() -> None:
    flights: Flights[int] = Flights(Watch())
    begun, may_stop = threading.Event(), threading.Event()

    def stop() -> int:
        begun.set()
        may_stop.wait(5)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(flights.share, "key", stop)
        begun.wait(5)
        second = threads.submit(flights.share, "key", _never)
        threading.Event().wait(0.1)
        may_stop.set()

        assert isinstance(first.exception(5), KeyboardInterrupt)
        assert isinstance(second.exception(5), errors.ConnectionFailed)


@pytest.mark.parametrize("failure", [errors.ConnectionFailed, RuntimeError])
def test_a_call_that_nobody_waits_for_fails_in_silence(failure: type[Exception]) -> None:
    def fail() -> int:
        raise failure

    async def fail_later() -> int:
        raise failure

    async def main() -> None:
        flights: AsyncFlights[int] = AsyncFlights(AsyncWatch())
        flights.start("key", fail_later)
        for _ in range(10):
            await asyncio.sleep(0)
        assert not flights.is_under_way("key")

    plain: Flights[int] = Flights(Watch())
    plain.start("key", fail)
    until(lambda: all(thread.name != "gatelodge-fetch" for thread in threading.enumerate()))
    asyncio.run(main())


def _fail() -> int:
    raise errors.ConnectionFailed


def _never() -> int:
    raise AssertionError("the call is made by another")
