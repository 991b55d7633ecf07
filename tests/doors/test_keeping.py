"""Nobody on the way keeps what holds tokens or secrets; public keys may be kept for some minutes (contract page 12)."""

from __future__ import annotations

import httpx2

from tests.doors.accounts import AUTHENTICATE, PASSWORD, USERS, create_user, new_email, sign_in
from tests.doors.raw import request, talk
from tests.harness.servers import DEVELOPMENT_CLIENT, Server

JWKS = f"/sso/jwks/{DEVELOPMENT_CLIENT}"


def test_no_answer_of_the_api_is_kept_on_the_way(shared: Server) -> None:
    client = shared.http()
    user = create_user(client)
    path = f"{USERS}/{user['id']}"
    again = {"idempotency-key": new_email()}
    answers = {
        "signed in": sign_in(client, user),
        "wrong password": sign_in(client, user, password="not " + PASSWORD),
        "factor with its secret": client.post(f"{path}/auth_factors", json={"type": "totp"}),
        "code": client.post("/user_management/magic_auth", json={"email": user["email"]}),
        "reset link": client.post("/user_management/password_reset", json={"email": user["email"]}),
        "first": client.post(USERS, json={"email": new_email()}, headers=again),
        "user": client.get(path),
        "list": client.get(USERS),
        "stranger": shared.http(api_key="").get(path),
        "no route": client.get("/nowhere"),
        "wrong method": client.patch(USERS, json={}),
        "broken body": client.post(AUTHENTICATE, content=b"{"),
        "health": client.get("/health"),
        "deleted": client.delete(path),
    }
    cut_off = talk(shared, request("POST", USERS, b"Content-Length: 9\r\n", b"{"), closes=True)

    assert answers["factor with its secret"].json()["authentication_factor"]["totp"]["secret"]
    assert answers["code"].json()["code"]
    for name, answer in answers.items():
        assert answer.headers.get_list("cache-control") == ["no-store"], name
    assert cut_off is not None
    assert cut_off.headers["cache-control"] == "no-store"


def test_an_answer_given_again_is_not_kept_either(shared: Server) -> None:
    email, again = new_email(), {"idempotency-key": new_email()}
    client = shared.http()

    first, second = (client.post(USERS, json={"email": email}, headers=again) for _ in range(2))

    assert second.headers["idempotent-replayed"] == "true"
    assert [one.headers.get_list("cache-control") for one in (first, second)] == [["no-store"]] * 2


def test_public_keys_may_be_kept_for_less_time_than_a_new_key_is_published_ahead(shared: Server) -> None:
    answer = shared.http(api_key="").get(JWKS)

    public, seconds = answer.headers["cache-control"].split(", max-age=")
    assert public == "public"
    assert 60 <= int(seconds) < 600
    # A cache gives the same answer to pages of every origin.
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "vary" not in answer.headers


def test_who_has_the_public_keys_already_is_told_that_they_are_unchanged(shared: Server) -> None:
    client = shared.http(api_key="")
    first = client.get(JWKS)
    tag = first.headers["etag"]

    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        unchanged = client.get(JWKS, headers={"if-none-match": known})
        assert (unchanged.status_code, unchanged.content) == (304, b""), known
        assert unchanged.headers["etag"] == tag
        assert unchanged.headers["cache-control"] == first.headers["cache-control"]
        assert "content-type" not in unchanged.headers
    for other in ('"other"', tag.strip('"'), ""):
        assert client.get(JWKS, headers={"if-none-match": other}).json() == first.json()


def test_nobody_keeps_that_there_are_no_such_keys(shared: Server) -> None:
    answer = shared.http(api_key="").get("/sso/jwks/client_unknown", headers={"if-none-match": "*"})

    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert "etag" not in answer.headers


def test_documents_may_be_kept_for_some_minutes(shared: Server) -> None:
    client = shared.http(api_key="")

    answers: list[httpx2.Response] = [
        client.get(path) for path in ("/openapi.json", "/docs/api", "/docs/reference.css")
    ]

    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=300"}
