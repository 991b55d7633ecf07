"""Signing keys are fetched when they are needed, kept, and never waited for when they are known (security case 78)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatelodge import AsyncUserManagement, UserManagement, errors
from tests.sdk.faces import CLIENT, NOW
from tests.sdk.sealing.conftest import Place
from tests.sdk.sealing.issuing import CLAIMS, PASSWORD, AsyncWatch, AsyncWay, Issuer, Watch, Way, seal, until

LASTING = {**CLAIMS, "exp": int(NOW) + 86_400}


def test_keys_are_fetched_once_and_not_before_they_are_needed(place: Place, issuer: Issuer) -> None:
    place.um.load_sealed_session(seal(issuer.sign()))
    assert [place.judge(bad).authenticated for bad in ("", "x", None, seal("x.y.z"))] == [False] * 4
    assert place.way.asked == 0

    assert all(place.judge(seal(issuer.sign({**CLAIMS, "jti": str(number)}))).authenticated for number in range(5))
    assert place.way.asked == 1


def test_an_unknown_key_is_looked_for_once_a_minute(place: Place, issuer: Issuer, other_issuer: Issuer) -> None:
    known, unknown = seal(issuer.sign(LASTING)), seal(other_issuer.sign(LASTING))
    assert place.judge(known).authenticated

    assert [place.judge(unknown).reason for _ in range(5)] == ["invalid_jwt"] * 5
    assert place.way.asked == 1
    place.watch.instant += 61
    assert [place.judge(unknown).reason for _ in range(5)] == ["invalid_jwt"] * 5
    assert place.way.asked == 2

    place.way.keys = [issuer.jwk, other_issuer.jwk]
    place.watch.instant += 61
    assert [place.judge(cookie).authenticated for cookie in (unknown, known, unknown)] == [True] * 3
    assert place.way.asked == 3


def test_a_clock_that_steps_back_does_not_stop_the_looking(place: Place, issuer: Issuer, other_issuer: Issuer) -> None:
    assert place.judge(seal(issuer.sign(LASTING))).authenticated
    place.way.keys = [other_issuer.jwk]
    place.watch.instant -= 3600

    assert place.judge(seal(other_issuer.sign({**LASTING, "iat": 0}))).authenticated


def test_a_server_that_is_away_matters_only_while_no_key_is_known(
    place: Place, issuer: Issuer, other_issuer: Issuer
) -> None:
    place.way.away = True
    with pytest.raises(errors.ConnectionFailed):
        place.judge(seal(issuer.sign(LASTING)))
    assert place.judge("x").reason == "invalid_session_cookie"

    place.way.away = False
    assert place.judge(seal(issuer.sign(LASTING))).authenticated

    place.way.away = True
    for _ in range(3):
        place.watch.instant += 301
        assert place.judge(seal(issuer.sign(LASTING))).authenticated
        assert place.judge(seal(other_issuer.sign(LASTING))).reason == "invalid_jwt"


def test_an_old_set_serves_until_the_new_one_is_there(place: Place, issuer: Issuer, other_issuer: Issuer) -> None:
    known, later = seal(issuer.sign(LASTING)), seal(other_issuer.sign(LASTING))
    assert place.judge(known).authenticated
    arrived = threading.Event()
    place.way.hold = lambda: None if arrived.wait(5) else pytest.fail("a known key was waited for")
    place.way.keys = [other_issuer.jwk]

    place.watch.instant += 301
    assert [place.judge(known).authenticated for _ in range(20)] == [True] * 20
    until(lambda: place.judge(known).authenticated and place.way.asked == 2)

    arrived.set()
    until(lambda: bool(place.judge(known).reason == "invalid_jwt") if place.judge(later).authenticated else False)
    assert place.way.asked == 2


def test_a_key_that_was_withdrawn_verifies_nothing_any_more(
    open_place: Callable[..., Place], issuer: Issuer, other_issuer: Issuer
) -> None:
    place = open_place(trusted=True)
    cookie = seal(issuer.sign(LASTING))
    assert place.judge(cookie).authenticated

    # The same name, another key.
    place.way.keys = [{**other_issuer.jwk, "kid": issuer.kid}]
    place.watch.instant += 301

    assert place.judge(cookie).reason == "invalid_jwt"
    assert place.judge(seal(other_issuer.sign(LASTING, kid=issuer.kid))).authenticated


def test_in_the_servers_own_process_a_new_key_is_known_at_once(
    open_place: Callable[..., Place], issuer: Issuer, other_issuer: Issuer
) -> None:
    place = open_place(trusted=True)
    assert place.judge(seal(issuer.sign())).authenticated
    place.way.keys = [issuer.jwk, other_issuer.jwk]

    assert place.judge(seal(other_issuer.sign())).authenticated


def test_a_set_without_a_usable_key_is_not_asked_for_again_and_again(
    open_place: Callable[..., Place], issuer: Issuer
) -> None:
    place = open_place(keys=[])

    assert [place.judge(seal(issuer.sign())).reason for _ in range(5)] == ["invalid_jwt"] * 5
    assert place.way.asked == 1


def test_a_client_without_an_id_says_so(open_place: Callable[..., Place], issuer: Issuer) -> None:
    with pytest.raises(errors.ClientIdRequired):
        open_place(client_id="").judge(seal(issuer.sign()))


def test_fifty_threads_that_begin_together_fetch_the_keys_once(issuer: Issuer) -> None:
    together = threading.Barrier(50)
    way = Way(keys=[issuer.jwk])
    cookie = seal(issuer.sign())
    with UserManagement(
        "", client_id=CLIENT, base_url="https://auth.example.com", transport=way, timing=Watch(), retries=0
    ) as um:

        def judge(_: int) -> bool:
            together.wait(20)
            return um.authenticate_with_session_cookie(cookie, cookie_password=PASSWORD).authenticated

        with ThreadPoolExecutor(50) as threads:
            verdicts = list(threads.map(judge, range(50)))

    assert all(verdicts)
    assert way.asked == 1


def test_fifty_threads_with_a_token_of_an_unknown_key_look_for_it_once_a_minute(
    issuer: Issuer, other_issuer: Issuer
) -> None:
    together, watch, way = threading.Barrier(50), Watch(), Way(keys=[issuer.jwk])
    unknown = seal(other_issuer.sign(LASTING, kid="key_of_nobody"))
    with UserManagement(
        "", client_id=CLIENT, base_url="https://auth.example.com", transport=way, timing=watch, retries=0
    ) as um:

        def judge(_: int) -> bool:
            together.wait(20)
            return um.authenticate_with_session_cookie(unknown, cookie_password=PASSWORD).authenticated

        with ThreadPoolExecutor(50) as threads:
            for minute in range(1, 6):
                watch.instant += 61
                assert not any(threads.map(judge, range(50)))
                assert way.asked == minute


def test_while_keys_are_fetched_the_loop_goes_on(issuer: Issuer) -> None:
    way = AsyncWay(keys=[issuer.jwk])
    turned = threading.Event()
    way.hold = lambda: None if turned.wait(5) else pytest.fail("the loop stood still")
    cookie = seal(issuer.sign())

    async def turn() -> None:
        for _ in range(10):
            await asyncio.sleep(0)
        turned.set()

    async def main() -> None:
        async with AsyncUserManagement(
            "", client_id=CLIENT, base_url="https://auth.example.com", transport=way, timing=AsyncWatch(), retries=0
        ) as um:
            judged = (um.authenticate_with_session_cookie(cookie, cookie_password=PASSWORD) for _ in range(50))
            *verdicts, _ = await asyncio.gather(*judged, turn())
            assert all(verdict.authenticated for verdict in verdicts if verdict)

    asyncio.run(main())

    assert way.asked == 1
