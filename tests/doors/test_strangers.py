"""Whoever has no key gets a 401 that tells nothing, whatever they ask and wherever they put their key."""

from __future__ import annotations

import pytest

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.operations import OPERATIONS
from tests.doors.accounts import AUTHENTICATE, USERS
from tests.doors.raw import request, talk
from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY, Server

KEYED = [operation for operation in OPERATIONS if operation.access is Access.API_KEY]


def _path(operation: Operation) -> str:
    return "/".join("x" if part.startswith("{") else part for part in operation.path.split("/"))


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer sk_wrong", f"Basic {DEVELOPMENT_KEY}", DEVELOPMENT_KEY,
     f"Bearer {DEVELOPMENT_KEY}x", f"Bearer {DEVELOPMENT_KEY[:-1]}", f"Bearer {DEVELOPMENT_KEY.upper()}",
     f"Bearer x {DEVELOPMENT_KEY}", "Bearer " + "x" * 50_000, "Bearer \xff", "Bearer ' or 1=1 --"],
)  # fmt: skip
def test_without_a_key_every_keyed_operation_answers_the_same(strict: Server, header: str | None) -> None:
    headers = b"" if header is None else b"Authorization: " + header.encode("latin-1") + b"\r\n"
    for operation in KEYED[:: max(1, len(KEYED) // 6)]:
        answer = talk(strict, request(operation.method, _path(operation), headers))
        assert answer is not None
        assert (answer.status, answer.json) == (401, {"code": "unauthorized", "message": "Unauthorized."}), operation


@pytest.mark.parametrize("operation", KEYED, ids=lambda operation: operation.name)
def test_every_keyed_operation_asks_for_the_key_before_it_reads_anything(strict: Server, operation: Operation) -> None:
    headers = b"Content-Type: application/json\r\nContent-Length: 1\r\n"

    answer = talk(strict, request(operation.method, _path(operation), headers, b"{"))

    assert answer is not None
    assert (answer.status, answer.json["code"]) == (401, "unauthorized")


def test_a_key_in_the_query_or_the_body_is_not_a_key(strict: Server) -> None:
    client = strict.http(api_key="")

    for name in ("api_key", "key", "access_token", "client_secret", "authorization"):
        assert client.get(USERS, params={name: DEVELOPMENT_KEY}).status_code == 401
        assert client.post(USERS, json={"email": "a@example.com", name: DEVELOPMENT_KEY}).status_code == 401


def test_the_password_grant_is_refused_without_a_secret_or_with_a_wrong_one(strict: Server) -> None:
    client = strict.http(api_key="")
    grant = {"grant_type": "password", "email": "a@example.com", "password": "correct horse 17"}

    public = client.post(AUTHENTICATE, json={"client_id": DEVELOPMENT_CLIENT, **grant})
    null = client.post(AUTHENTICATE, json={"client_id": DEVELOPMENT_CLIENT, "client_secret": None, **grant})
    wrong = client.post(AUTHENTICATE, json={"client_id": DEVELOPMENT_CLIENT, "client_secret": "sk_wrong", **grant})
    unknown = client.post(AUTHENTICATE, json={"client_id": "client_x", "client_secret": DEVELOPMENT_KEY, **grant})
    nobody = client.post(AUTHENTICATE, json={"client_secret": DEVELOPMENT_KEY, **grant})
    bearer = client.post(
        AUTHENTICATE,
        json={"client_id": DEVELOPMENT_CLIENT, "client_secret": "sk_wrong", **grant},
        headers={"authorization": f"Bearer {DEVELOPMENT_KEY}"},
    )

    assert (public.status_code, public.json()["error"]) == (400, "unauthorized_client")
    assert (null.status_code, null.json()["error"]) == (400, "unauthorized_client")
    for answer in (wrong, unknown, bearer):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert (nobody.status_code, nobody.json()["error"]) == (400, "invalid_request")


def test_an_empty_bearer_token_counts_as_none_for_a_public_client(strict: Server) -> None:
    grant = {"client_id": DEVELOPMENT_CLIENT, "grant_type": "refresh_token", "refresh_token": "unknown"}

    answer = strict.http(api_key="").post(AUTHENTICATE, json=grant, headers={"authorization": "Bearer"})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_wrong_bearer_key_is_refused_even_where_none_is_needed(strict: Server) -> None:
    grant = {"client_id": DEVELOPMENT_CLIENT, "grant_type": "refresh_token", "refresh_token": "unknown"}

    assert strict.http(api_key="sk_wrong").post(AUTHENTICATE, json=grant).status_code == 401
