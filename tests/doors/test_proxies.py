"""An end user's address is what the connection says, or what the trusted proxies say, and nobody else (row 123)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doors.accounts import AUTHENTICATE, PASSWORD, create_user, sessions_of
from tests.doors.raw import request, talk
from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY, Server

if TYPE_CHECKING:
    from tests.conftest import StartServer

FORGED = "203.0.113.66"


def _address_of_a_sign_in(server: Server, headers: bytes, members: str = "") -> str:
    """Sign a user in with these headers, and give the address that its session shows."""
    client = server.http()
    user = create_user(client)
    body = (
        f'{{"client_id":"{DEVELOPMENT_CLIENT}","client_secret":"{DEVELOPMENT_KEY}","grant_type":"password",'
        f'"email":"{user["email"]}","password":"{PASSWORD}"{members}}}'
    ).encode()
    answer = talk(server, request("POST", AUTHENTICATE, headers + b"Content-Length: %d\r\n" % len(body), body))
    assert answer is not None
    assert answer.status == 200, answer.body
    (session,) = sessions_of(client, user)
    return str(session["ip_address"])


def test_without_trusted_proxies_no_header_moves_the_address(strict: Server) -> None:
    for header in (
        "X-Forwarded-For",
        "X_Forwarded_For",
        "X-Real-IP",
        "Forwarded",
        "True-Client-IP",
        "CF-Connecting-IP",
    ):
        assert _address_of_a_sign_in(strict, f"{header}: {FORGED}\r\n".encode()) == "127.0.0.1", header


def test_a_keyed_caller_tells_the_address_of_its_user(strict: Server) -> None:
    assert _address_of_a_sign_in(strict, b"", f',"ip_address":"{FORGED}"') == FORGED


def test_behind_trusted_proxies_the_address_is_counted_from_the_right(server: StartServer) -> None:
    one = server(settings={"GATELODGE_TRUSTED_PROXIES": "1"})
    two = server(settings={"GATELODGE_TRUSTED_PROXIES": "2"})
    user, proxy = "198.51.100.7", "192.0.2.1"

    for header, behind_one, behind_two in (
        (f"X-Forwarded-For: {user}\r\n", user, user),
        (f"X-Forwarded-For: {FORGED}, {user}\r\n", user, FORGED),
        (f"X-Forwarded-For: {FORGED}, {user}, {proxy}\r\n", proxy, user),
        (f"X-Forwarded-For: {FORGED}\r\nX-Forwarded-For: {user}\r\n", user, FORGED),
        (f"X-Forwarded-For: {FORGED}, {user}\r\nX-Forwarded-For: {proxy}\r\n", proxy, user),
        (f"x_forwarded_for: {FORGED}\r\nX-Forwarded-For: {user}\r\n", user, user),
        (f"X-Forwarded-For:  , {user} ,\r\n", user, user),
        ("X-Forwarded-For:\r\n", "127.0.0.1", "127.0.0.1"),
        ("", "127.0.0.1", "127.0.0.1"),
    ):
        assert _address_of_a_sign_in(one, header.encode()) == behind_one, header
        assert _address_of_a_sign_in(two, header.encode()) == behind_two, header
