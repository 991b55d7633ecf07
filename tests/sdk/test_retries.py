"""Which calls are sent again, when, and that they are carried out once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gatelodge import errors
from gatelodge.sdk.retry import choose_wait
from tests.harness.ports import free_port
from tests.sdk.faces import Client
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.shapes import USER

BUSY = Answer(status=503, body={"code": "service_unavailable", "message": "Busy."})


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_call_that_fails_in_passing_is_sent_again(client: Client, recorder: RecordingServer, status: int) -> None:
    recorder.answer(Answer(status=status), Answer(status=status), Answer(body=USER))

    assert client.get_user("user_01").id == "user_01"

    assert len(recorder.asked) == 3
    assert client.waits == [0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 501])
def test_a_call_that_is_refused_is_not_sent_again(client: Client, recorder: RecordingServer, status: int) -> None:
    recorder.answer(Answer(status=status))

    with pytest.raises(errors.GatelodgeError):
        client.get_user("user_01")

    assert len(recorder.asked) == 1


def test_the_tries_of_one_call_share_a_key_and_another_call_has_its_own(
    client: Client, recorder: RecordingServer
) -> None:
    recorder.answer(BUSY, BUSY, Answer(status=201, body=USER))

    client.create_user("ada@example.com")
    client.create_user("ada@example.com")

    keys = [asked.headers["idempotency-key"] for asked in recorder.asked]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert len(keys[0]) >= 32


def test_only_creating_calls_carry_a_key(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=USER))

    client.get_user("user_01")
    client.update_user("user_01", name="Ada")
    client.delete_user("user_01")

    assert not [asked for asked in recorder.asked if "idempotency-key" in asked.headers]


def test_an_answer_that_broke_off_is_asked_for_again(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(status=201, body=USER, drop=True), Answer(status=201, body=USER))

    assert client.create_user("ada@example.com").id == "user_01"

    first, second = (asked.headers["idempotency-key"] for asked in recorder.asked)
    assert first == second


def test_the_last_error_is_raised_when_all_tries_fail(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(BUSY)

    with pytest.raises(errors.ServiceUnavailable, match="Busy"):
        client.get_user("user_01")

    assert len(recorder.asked) == 4
    assert client.waits == [0.5, 1.0, 2.0]


def test_retries_can_be_switched_off(make_client: Callable[..., Client], recorder: RecordingServer) -> None:
    recorder.answer(BUSY)

    with pytest.raises(errors.ServiceUnavailable):
        make_client(retries=0).get_user("user_01")

    assert len(recorder.asked) == 1


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("3600", 60.0),
        ("Thu, 15 Jan 2026 12:00:09 GMT", 9.0),
        ("Thu, 15 Jan 2026 11:00:00 GMT", 0.0),
        ("Thu, 15 Jan 2026 14:00:00 GMT", 60.0),
        ("soon", 0.5),
        ("-1", 0.5),
    ],
)
def test_the_server_says_when_to_come_back_up_to_a_minute(
    client: Client, recorder: RecordingServer, header: str, wait: float
) -> None:
    recorder.answer(Answer(status=429, headers={"Retry-After": header}), Answer(body=USER))

    client.get_user("user_01")

    assert client.waits == [wait]


def test_a_refusal_tells_when_to_come_back(make_client: Callable[..., Client], recorder: RecordingServer) -> None:
    body = {"error": "too_many_requests", "error_description": "Slow down."}
    recorder.answer(Answer(status=429, body=body, headers={"Retry-After": "3600"}))

    with pytest.raises(errors.TooManyRequests) as caught:
        make_client(retries=0).authenticate_with_refresh_token("old")

    assert caught.value.retry_after == 3600


def test_a_server_that_is_away_is_an_error_of_its_own(make_client: Callable[..., Client]) -> None:
    client = make_client(base_url=f"http://127.0.0.1:{free_port()}")

    with pytest.raises(errors.ConnectionFailed, match="could not be reached"):
        client.get_user("user_01")

    assert len(client.waits) == 3


def test_a_server_that_does_not_answer_in_time_is_an_error_of_its_own(
    make_client: Callable[..., Client], recorder: RecordingServer
) -> None:
    recorder.answer(Answer(body=USER, delay=0.6))
    client = make_client(timeout=0.15, retries=1)

    with pytest.raises(errors.RequestTimedOut, match="did not answer in time"):
        client.get_user("user_01")

    assert len(recorder.asked) == 2


def test_waits_double_up_to_eight_seconds_and_chance_spreads_them_by_half() -> None:
    middle = [choose_wait(tries, retry_after=None, chance=0.5) for tries in range(1, 8)]
    ends = [choose_wait(2, retry_after=None, chance=chance) for chance in (0.0, 1.0)]

    assert middle == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert ends == [0.5, 1.5]
