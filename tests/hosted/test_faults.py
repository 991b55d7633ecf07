"""A person is told by a page what a program is told on the wire, even when nothing works."""

from __future__ import annotations

import pytest

from gatelodge.contract.errors import BodyTooLarge, GatelodgeError, ServerError, ServiceUnavailable
from gatelodge.doors.http import Request
from tests.harness.inprocess import House

HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ServiceUnavailable(retry_after=3), "Too much is going on at once"),
        (ServerError(), "Something went wrong on our side"),
        (BodyTooLarge(), "That did not work"),
    ],
)
def test_a_page_that_cannot_be_had_says_so_in_the_readers_language(
    house: House, error: GatelodgeError, told: str
) -> None:
    def ask(method: str, path: str, accept: str, language: str) -> tuple[int, dict[str, str], str]:
        headers = {"accept": accept, "accept-language": language}
        answer = house.door.refuse(Request(method=method, path=path, headers=headers), error)
        return answer.status, dict(answer.headers), answer.body.decode()

    for method, path in (("GET", "/sign-in"), ("POST", "/sign-in/password"), ("GET", "/user_management/authorize")):
        status, headers, text = ask(method, path, HTML, "en")
        assert (status, headers["content-type"]) == (error.status, "text/html; charset=utf-8")
        assert told in text
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "set-cookie" not in headers
        assert headers["cache-control"] == "no-store, private"
        assert headers.get("retry-after") == (str(error.retry_after) if error.retry_after else None)
        assert told not in ask(method, path, HTML, "fr")[2]
        assert ask(method, path, "application/json", "en")[1]["content-type"] == "application/json"
    assert ask("GET", "/user_management/users", HTML, "en")[1]["content-type"] == "application/json"
