"""Bodies that are late, cut off, too large or in pieces: a JSON error, and nothing half done."""

from __future__ import annotations

import socket
import struct
import time

from tests.doors.accounts import USERS, new_email
from tests.doors.raw import AUTHORIZED, JSON, RawAnswer, request, talk
from tests.harness.servers import Server

LIMIT = 65_536
HEADERS = AUTHORIZED + JSON
CHUNKED = HEADERS + b"Transfer-Encoding: chunked\r\n"


def _length(number: int) -> bytes:
    return HEADERS + f"Content-Length: {number}\r\n".encode()


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def _body(email: str) -> bytes:
    return f'{{"email":"{email}"}}'.encode()


def _is_refused(answer: RawAnswer | None, status: int, code: str) -> bool:
    assert answer is not None
    assert answer.headers["x-request-id"]
    return (answer.status, answer.json["code"]) == (status, code)


def _has_user(server: Server, email: str) -> bool:
    return bool(server.http().get(USERS, params={"email": email}).json()["data"])


def test_a_body_that_is_cut_off_is_an_error_and_makes_nothing(strict: Server) -> None:
    email = new_email()
    whole = _body(email)

    for sent in (whole, whole[:-2], whole[:5], b""):
        answer = talk(strict, request("POST", USERS, _length(len(whole) + 10), sent), closes=True)
        assert _is_refused(answer, 400, "invalid_request_body")

    assert not _has_user(strict, email)


def test_a_body_in_chunks_is_read_and_one_without_its_end_is_not_taken_for_an_empty_one(strict: Server) -> None:
    email = new_email()
    whole = _body(email)

    for pieces in (b"", _chunk(whole[:-3]), b"zz\r\n", b"ffffffffffffffffff\r\n"):
        answer = talk(strict, request("POST", USERS, CHUNKED, pieces), closes=True)
        assert _is_refused(answer, 400, "invalid_request_body"), pieces
    assert not _has_user(strict, email)
    answer = talk(strict, request("POST", USERS, CHUNKED, _chunk(whole[:7]) + _chunk(whole[7:]) + b"0\r\n\r\n"))

    assert answer is not None
    assert answer.status == 201


def test_the_letter_case_of_a_media_type_means_nothing(strict: Server) -> None:
    form = b"grant_type=refresh_token&client_id=client_dev&refresh_token=unknown"
    for label in (b"Application/X-WWW-Form-URLEncoded", b"APPLICATION/X-WWW-FORM-URLENCODED ; charset=UTF-8"):
        headers = b"Content-Type: " + label + b"\r\nContent-Length: %d\r\n" % len(form)

        answer = talk(strict, request("POST", "/user_management/authenticate", headers, form))

        assert answer is not None
        assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


def test_a_form_in_chunks_is_not_read_since_its_end_cannot_be_seen(strict: Server) -> None:
    headers = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n"
    form = _chunk(b"grant_type=password&client_id=client_dev") + b"0\r\n\r\n"

    answer = talk(strict, request("POST", "/user_management/authenticate", headers, form))

    assert _is_refused(answer, 400, "invalid_request_body")


def test_a_client_that_vanishes_in_the_middle_of_its_body_makes_nothing(strict: Server) -> None:
    email = new_email()
    whole = _body(email)

    for headers, sent in ((_length(len(whole) + 1), whole), (CHUNKED, _chunk(whole[:-1])), (CHUNKED, b"")):
        with socket.create_connection(("127.0.0.1", strict.port)) as connection:
            connection.sendall(request("POST", USERS, headers, sent))
            time.sleep(0.1)
            # A reset instead of an orderly end.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    time.sleep(0.2)
    assert not _has_user(strict, email)


def test_a_body_that_does_not_come_in_time_is_given_up(strict: Server) -> None:
    email = new_email()
    whole = _body(email)
    trickle = [piece for byte in whole[:6] for piece in (bytes([byte]), 0.3)]

    started = time.monotonic()
    trickled = talk(strict, request("POST", USERS, _length(len(whole))), *trickle)
    silent = talk(strict, request("POST", USERS, _length(len(whole))))
    chunked = talk(strict, request("POST", USERS, CHUNKED, _chunk(whole)))

    assert _is_refused(trickled, 408, "request_timeout")
    assert _is_refused(silent, 408, "request_timeout")
    assert _is_refused(chunked, 408, "request_timeout")
    assert time.monotonic() - started < 15
    assert not _has_user(strict, email)


def test_a_body_past_the_limit_is_refused_before_it_is_read(strict: Server) -> None:
    announced = talk(strict, request("POST", USERS, _length(LIMIT + 1)))
    huge = talk(strict, request("POST", USERS, _length(10**15)))
    sent = talk(strict, request("POST", USERS, _length(LIMIT * 4), b"x" * (LIMIT * 4)))
    chunked = talk(strict, request("POST", USERS, CHUNKED, _chunk(b"x" * LIMIT * 2) + b"0\r\n\r\n"))
    many = talk(strict, request("POST", USERS, CHUNKED, _chunk(b" " * 1000) * 70 + b"0\r\n\r\n"))

    for answer in (announced, huge, sent, chunked, many):
        assert _is_refused(answer, 413, "request_body_too_large")


def test_a_body_of_just_the_limit_is_read(strict: Server) -> None:
    whole = _body(new_email())
    body = whole + b" " * (LIMIT - len(whole))

    answer = talk(strict, request("POST", USERS, _length(LIMIT), body))

    assert answer is not None
    assert answer.status == 201


def test_lengths_that_contradict_each_other_are_refused_and_smuggle_nothing(strict: Server) -> None:
    second = request("POST", USERS, _length(2), b"{}")
    both = HEADERS + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"
    for headers in (
        HEADERS + b"Content-Length: 2\r\nContent-Length: 3\r\n",
        HEADERS + b"Content-Length: -2\r\n",
        HEADERS + b"Content-Length: +2\r\n",
        HEADERS + b"Content-Length: 2, 2\r\n",
        HEADERS + b"Content-Length: 0x2\r\n",
        HEADERS + b"Transfer-Encoding: gzip, chunked, identity\r\nContent-Length: 2\r\n",
        both,
    ):
        answer = talk(strict, request("POST", USERS, headers, b"0\r\n\r\n" + second), closes=True)
        assert answer is None or answer.status in {400, 422}, headers
        # One answer and no second one behind it.
        assert answer is None or b"HTTP/1.1" not in answer.body


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(strict: Server) -> None:
    whole = _body(new_email())

    answer = talk(strict, request("POST", USERS, _length(len(whole)) + b"Expect: 100-continue\r\n"), 0.2, whole)

    assert answer is not None
    assert answer.status == 201


def test_get_and_delete_take_no_notice_of_a_body(strict: Server) -> None:
    for method in ("GET", "DELETE"):
        path = f"{USERS}/user_01KF0JQ6G0X4HT7K6SSMBV18BY"
        answer = talk(strict, request(method, path, _length(5), b"{nope"))
        assert answer is not None
        assert (answer.status, answer.json["code"]) == (404, "entity_not_found")


def test_a_client_that_is_still_sending_sees_why_its_body_is_refused(strict: Server) -> None:
    client = strict.http()

    for _ in range(10):
        answer = client.post(USERS, content=b" " * LIMIT * 32)
        assert (answer.status_code, answer.json()["code"]) == (413, "request_body_too_large")
