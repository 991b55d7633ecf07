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


def test_a_preflight_lets_through_the_methods_of_its_path_and_headers_of_the_caller_s_own(strict: Server) -> None:
    client = strict.http(api_key="")
    asked = "Content-Type, Authorization, X-Tracing-Id, X-Bad:Name, cookie, x-"
    methods = {
        USERS: {"GET", "POST"},
        f"{USERS}/user_1": {"DELETE", "GET", "PUT"},
        "/authorization/organizations/org_1/roles/admin": {"DELETE", "GET", "PATCH"},
    }
    for path, expected in methods.items():
        headers = {"origin": OURS, **PREFLIGHT, "access-control-request-headers": asked}
        answer = client.options(path, headers=headers)
        assert set(answer.headers["access-control-allow-methods"].split(", ")) == expected
        allowed = answer.headers["access-control-allow-headers"].split(", ")
        assert {"content-type", "authorization", "x-tracing-id"} <= set(allowed)
        assert not {"x-bad:name", "cookie", "x-"} & set(allowed)


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


def test_a_browser_may_read_why_a_request_was_not_even_taken(shared: Server) -> None:
    client = shared.http(api_key="")
    too_large = b" " * 1_100_000
    client.post(AUTHENTICATE, json={}, headers={"origin": OURS})

    ours = client.post(AUTHENTICATE, content=too_large, headers={"origin": OURS})
    other = client.post(AUTHENTICATE, content=too_large, headers={"origin": "https://evil.example"})

    assert (ours.status_code, other.status_code) == (413, 413)
    assert ours.headers["access-control-allow-origin"] == OURS
    assert ours.headers["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in other.headers
    assert ours.headers["vary"] == other.headers["vary"] == "Origin"


def test_public_keys_may_be_read_from_anywhere_without_credentials(strict: Server) -> None:
    client = strict.http(api_key="")
    path = f"/sso/jwks/{DEVELOPMENT_CLIENT}"

    answer = client.get(path, headers={"origin": "https://any.example"})
    preflight = client.options(path, headers={"origin": "https://any.example", "access-control-request-method": "GET"})

    assert (answer.status_code, preflight.status_code) == (200, 204)
    assert preflight.headers["access-control-allow-methods"] == "GET"
    for one in (answer, preflight):
        assert one.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in one.headers
