"""Paths, methods and headers that nobody serves: always a JSON object, never more than that."""

from __future__ import annotations

import httpx2
import pytest

from tests.doors.accounts import USERS, create_user
from tests.doors.raw import AUTHORIZED, RawAnswer, request, talk
from tests.harness.servers import Server

SOME_ID = "user_01KF0JQ6G0X4HT7K6SSMBV18BY"


def _get(server: Server, path: str, headers: bytes = b"", *, method: str = "GET") -> RawAnswer:
    answer = talk(server, request(method, path, AUTHORIZED + headers))
    assert answer is not None
    return answer


def _is_error(answer: RawAnswer, status: int, code: str) -> bool:
    assert isinstance(answer.json, dict)
    assert "error" not in answer.json
    assert answer.headers["x-request-id"]
    return (answer.status, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    "path",
    ["/", "//", "/nothing", USERS + "/", "/" + USERS, USERS.upper(), f"{USERS}/{SOME_ID}/", f"{USERS}/{SOME_ID}/x",
     f"/x/..{USERS}", f"{USERS}/./{SOME_ID}", f"{USERS}/../users", f"{USERS}/%2e%2e/users", f"{USERS};x=1",
     "/user_management", f"{USERS}/external_id", f"{USERS}/external_id/", "/_dev", "/_dev/", "/.git/config",
     "/" + "a" * 60_000, "/%00", "/%ff", "/\\", "*"],
)  # fmt: skip
def test_a_path_that_nobody_serves_is_not_found(strict: Server, path: str) -> None:
    assert _is_error(_get(strict, path), 404, "not_found")


def test_an_unknown_path_is_told_to_strangers_as_well_and_repeats_little_of_itself(strict: Server) -> None:
    answer = talk(strict, request("GET", "/%3Cscript%3E" + "x" * 5000))

    assert answer is not None
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert len(answer.body) < 500


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", f"{USERS}/{SOME_ID}", {"DELETE", "GET", "PUT"}),
        ("DELETE", USERS, {"GET", "POST"}),
        ("GET", "/user_management/authenticate", {"POST"}),
        ("POST", "/events", {"GET"}),
        ("POST", "/health", {"GET", "HEAD"}),
        ("HEAD", "/user_management/sessions/logout", {"GET"}),
        ("TRACE", USERS, {"GET", "POST"}),
        ("BREW", USERS, {"GET", "POST"}),
        ("get", USERS, {"GET", "POST"}),
    ],
)
def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes(
    strict: Server, method: str, path: str, allowed: set[str]
) -> None:
    answer = _get(strict, path, method=method)

    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.headers["content-type"] == "application/json"
    assert answer.body == b"" if method == "HEAD" else _is_error(answer, 405, "method_not_allowed")


def test_head_asks_a_page_whether_it_is_there(strict: Server) -> None:
    for path in ("/health", "/ready", "/docs/api", "/openapi.json"):
        answer = _get(strict, path, method="HEAD")
        assert (answer.status, answer.body) == (200, b"")
        assert int(answer.headers["content-length"]) > 0


def test_options_of_a_path_is_answered_without_a_body_or_a_key(strict: Server) -> None:
    answer = talk(strict, request("OPTIONS", USERS))
    nowhere = talk(strict, request("OPTIONS", "/nothing"))

    assert answer is not None
    assert (answer.status, answer.body) == (204, b"")
    assert "content-type" not in answer.headers
    assert nowhere is not None
    assert nowhere.status == 404


def test_a_path_is_decoded_once(strict: Server) -> None:
    client = strict.http()
    user = create_user(client, external_id="a/b%2Fc")

    found = client.get(httpx2.URL(f"{strict.base_url}{USERS}/external_id/a%2Fb%252Fc"))
    twice = client.get(httpx2.URL(f"{strict.base_url}{USERS}/external_id/a%252Fb%25252Fc"))

    assert (found.status_code, found.json()) == (200, user)
    assert twice.status_code == 404


def test_a_request_keeps_the_id_it_brings_and_gets_one_when_it_brings_none_that_is_fit(strict: Server) -> None:
    kept = _get(strict, "/health", b"X-Request-ID: trace-17/a b\r\n")
    assert kept.headers["x-request-id"] == "trace-17/a b"

    for unfit in (b"", b"x" * 129, b"\xc3\xa9", b"a\tb"):
        answer = _get(strict, "/health", b"X-Request-ID: " + unfit + b"\r\n")
        assert answer.headers["x-request-id"].startswith("req_")
        assert len(answer.headers["x-request-id"]) == 30


def test_what_is_no_http_gets_no_further_and_leaves_the_server_well(strict: Server) -> None:
    for nonsense in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0" * 1000 + b"\r\n\r\n",
        request("GET", "/health", b"X-A: b\r\n folded: c\r\n"),
        request("GET", "/health", b"X-A : b\r\n"),
        request("GET", "/health", b"X-A: a\0b\r\n"),
        request("GET", "/health", b"X-A: " + b"a" * 500_000 + b"\r\n"),
        request("GET", "/health", b"".join(b"X-%d: a\r\n" % number for number in range(400))),
        request("GET", "/" + "a" * 70_000),
        request("GET", "/\xff\xfe"),
    ):
        answer = talk(strict, nonsense, closes=True)
        assert answer is None or 400 <= answer.status < 500, nonsense[:60]

    assert _get(strict, "/health").status == 200


def test_header_bytes_that_are_no_text_are_no_fault(strict: Server) -> None:
    odd = b"User-Agent: \xff\xfe\r\nX-Forwarded-For: \xff\r\nOrigin: \xff\r\nIdempotency-Key: \xff\r\nX-\x7e: \xfe\r\n"

    assert _get(strict, f"{USERS}?limit=1", odd).status == 200


def test_every_success_that_has_no_body_has_no_label_for_one(strict: Server) -> None:
    client = strict.http()
    user = create_user(client)

    answer = client.delete(f"{USERS}/{user['id']}")

    assert (answer.status_code, answer.content) == (200, b"")
    assert "content-type" not in answer.headers
