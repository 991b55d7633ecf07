"""Fifty refreshes at once with one token, through two servers on one database (rows 41, 42)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2

from gatelodge.kit.database import open_database
from tests.doors.accounts import AUTHENTICATE, create_user, refresh, sessions_of, sign_in
from tests.harness.servers import DEVELOPMENT_CLIENT, Server

NUMBER = 50


def _at_once(pair: tuple[Server, Server], token: str) -> list[httpx2.Response]:
    clients = [server.http(api_key="") for server in pair]
    start = threading.Barrier(NUMBER)

    def send(number: int) -> httpx2.Response:
        start.wait(timeout=30)
        return refresh(clients[number % 2], token)

    with ThreadPoolExecutor(NUMBER) as pool:
        return list(pool.map(send, range(NUMBER)))


def _tokens_of(server: Server, session_id: str) -> tuple[int, int]:
    """Count the retired and the live refresh tokens of a session."""
    database = open_database(server.database_url)
    try:
        of_session = "from refresh_tokens t join sessions s on s.id = t.session_id where s.id = :id"
        (retired,) = database.reads.one(
            f"select count(*) {of_session} and t.token_hash <> s.live_token",
            id=session_id,
        ) or (-1,)
        (live,) = database.reads.one(
            f"select count(*) {of_session} and t.token_hash = s.live_token",
            id=session_id,
        ) or (-1,)
    finally:
        database.close()
    return retired, live


def test_fifty_refreshes_through_two_servers_give_one_pair_and_rotate_one_row(pair: tuple[Server, Server]) -> None:
    client = pair[0].http()
    user = create_user(client)
    token = sign_in(client, user).json()["refresh_token"]
    (session,) = sessions_of(client, user)

    for rotation in range(1, 4):
        answers = _at_once(pair, token)

        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert _tokens_of(pair[0], session["id"]) == (rotation, 1)
        token = answers[0].json()["refresh_token"]
    assert [one["id"] for one in sessions_of(client, user)] == [session["id"]]
    assert refresh(pair[1].http(api_key=""), token).status_code == 200


def test_many_sessions_refreshed_through_both_servers_at_once_are_all_kept(pair: tuple[Server, Server]) -> None:
    client = pair[0].http()
    tokens = [sign_in(client, create_user(client)).json()["refresh_token"] for _ in range(12)]
    clients = [server.http(api_key="") for server in pair]

    def live(number: int) -> list[int]:
        token, seen = tokens[number], []
        for step in range(10):
            answers = [refresh(clients[(number + step + again) % 2], token) for again in range(2)]
            seen += [answer.status_code for answer in answers]
            assert answers[0].content == answers[1].content
            token = answers[1].json()["refresh_token"]
        return seen

    with ThreadPoolExecutor(len(tokens)) as pool:
        statuses = [status for seen in pool.map(live, range(len(tokens))) for status in seen]

    assert statuses == [200] * (len(tokens) * 20)


def test_a_refresh_on_one_server_races_a_revocation_on_the_other_and_loses(pair: tuple[Server, Server]) -> None:
    client, other = pair[0].http(), pair[1].http()
    user = create_user(client)
    for _ in range(6):
        token = sign_in(client, user).json()["refresh_token"]
        session = sessions_of(client, user)[0]
        start = threading.Barrier(2)

        def revoke(session_id: str = session["id"], start: threading.Barrier = start) -> httpx2.Response:
            start.wait(timeout=10)
            return other.post("/user_management/sessions/revoke", json={"session_id": session_id})

        with ThreadPoolExecutor(1) as pool:
            revoked = pool.submit(revoke)
            start.wait(timeout=10)
            refreshed = refresh(client, token)
            assert revoked.result().status_code == 200

        given = [refreshed.json()["refresh_token"]] if refreshed.status_code == 200 else []
        for tried in (token, *given):
            grant = {"client_id": DEVELOPMENT_CLIENT, "grant_type": "refresh_token", "refresh_token": tried}
            for door in (client, other):
                assert door.post(AUTHENTICATE, json=grant).json()["error"] == "invalid_grant"
