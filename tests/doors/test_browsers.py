"""Browsers of configured origins may call; others are told nothing by us (contract page 00 §11)."""

from __future__ import annotations

from tests.doors.accounts import AUTHENTICATE, USERS
from tests.harness.servers import DEVELOPMENT_CLIENT, Server

OURS = "http://localhost:3000"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


def test_a_preflight_of_a_configured_origin_is_let_through_with_credentials(strict: Server) -> None:
    answer = strict.http(api_key="").options(AUTHENTICATE, headers={"origin": OURS, **PREFLIGHT})

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == OURS
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert {"content-type", "accept"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    assert answer.headers["vary"] == "Origin"


def test_another_origin_gets_no_leave_and_never_a_wildcard(strict: Server) -> None:
    client = strict.http(api_key="")
    for origin in ("https://evil.example", f"{OURS}.evil.example", "http://localhost:3001", "https://localhost:3000",
                   "null", "*", OURS + "/", OURS.upper(), "", "x" * 5000):  # fmt: skip
        preflight = client.options(AUTHENTICATE, headers={"origin": origin, **PREFLIGHT})
        posted = client.post(AUTHENTICATE, json={}, headers={"origin": origin})
        for answer in (preflight, posted):
            assert "access-control-allow-origin" not in answer.headers, origin
            assert "access-control-allow-credentials" not in answer.headers


def test_a_browser_may_read_errors_as_well(strict: Server) -> None:
    client = strict.http(api_key="")
    grant = {"client_id": DEVELOPMENT_CLIENT, "grant_type": "refresh_token", "refresh_token": "unknown"}

    refused = client.post(AUTHENTICATE, json=grant, headers={"origin": OURS})
    stranger = client.get(USERS, headers={"origin": OURS})

    assert (refused.status_code, stranger.status_code) == (400, 401)
    for answer in (refused, stranger):
        assert answer.headers["access-control-allow-origin"] == OURS
        assert "X-Request-ID" in answer.headers["access-control-expose-headers"]


def test_public_keys_may_be_read_from_anywhere_without_credentials(strict: Server) -> None:
    answer = strict.http(api_key="").get(f"/sso/jwks/{DEVELOPMENT_CLIENT}", headers={"origin": "https://any.example"})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
