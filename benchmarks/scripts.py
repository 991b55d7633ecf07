"""What the connections of a benchmark say."""

from __future__ import annotations

import itertools
import selectors
import socket
import time
from collections import deque

import msgspec

from benchmarks.conversation import Outcome, converse, write_request

AUTHENTICATE = "/user_management/authenticate"
USERS = "/user_management/users"
_MOST_SECONDS = 60.0


class Account(msgspec.Struct, frozen=True):
    """A client of the environment under test, with its secret."""

    client_id: str
    secret: str


class Repeat:
    """The same request, again and again."""

    def __init__(self, request: bytes) -> None:
        self._request = request

    def ask(self) -> bytes | None:
        """Give the request."""
        return self._request

    def hear(self, status: int, body: bytes) -> None:
        """Make nothing of the answer."""


class SignIn:
    """Sign in with a password, as one user after the other."""

    def __init__(self, account: Account, emails: list[str], password: str) -> None:
        self._account = account
        self._emails = itertools.cycle(emails)
        self._password = password
        self.tokens: list[str] = []

    def ask(self) -> bytes | None:
        """Give a sign-in of the next user."""
        return _post(self._account, grant_type="password", email=next(self._emails), password=self._password)

    def hear(self, status: int, body: bytes) -> None:
        """Keep the refresh token."""
        if status == 200:
            self.tokens.append(msgspec.json.decode(body)["refresh_token"])


class Refresh:
    """Refresh one session after the other."""

    def __init__(self, account: Account, tokens: list[str]) -> None:
        self._account = account
        self.tokens = deque(tokens)

    def ask(self) -> bytes | None:
        """Give the refresh of the session that waits longest."""
        if not self.tokens:
            return None
        return _post(self._account, grant_type="refresh_token", refresh_token=self.tokens.popleft())

    def hear(self, status: int, body: bytes) -> None:
        """Keep the new token."""
        if status == 200:
            self.tokens.append(msgspec.json.decode(body)["refresh_token"])


class CreateUsers:
    """Create one user after the other."""

    def __init__(self, account: Account, emails: list[str], password: str) -> None:
        self._account = account
        self._emails = iter(emails)
        self._password = password
        self.ids: list[str] = []

    def ask(self) -> bytes | None:
        """Give the creation of the next user."""
        email = next(self._emails, None)
        if email is None:
            return None
        user = {
            "email": email,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email_verified": True,
            "metadata": {"plan": "pro"},
            "password": self._password,
        }
        headers = {"Authorization": f"Bearer {self._account.secret}"}
        return write_request("POST", USERS, headers=headers, body=msgspec.json.encode(user))

    def hear(self, status: int, body: bytes) -> None:
        """Keep the id."""
        assert status == 201, body
        self.ids.append(msgspec.json.decode(body)["id"])


def create_users(port: int, account: Account, *, emails: list[str], password: str) -> list[str]:
    """Create users that all have one password; give their ids."""
    scripts = [CreateUsers(account, emails[number::8], password) for number in range(8)]
    converse(port, [*scripts], seconds=_MOST_SECONDS)
    created = [user_id for script in scripts for user_id in script.ids]
    assert len(created) == len(emails), f"{len(created)} of {len(emails)} users were created"
    return created


def _post(account: Account, **members: str) -> bytes:
    grant = {"client_id": account.client_id, "client_secret": account.secret, **members}
    return write_request("POST", AUTHENTICATE, body=msgspec.json.encode(grant))


def repeat(port: int, request: bytes, *, connections: int, seconds: float) -> Outcome:
    """Send the same request on every connection."""
    return converse(port, [Repeat(request) for _ in range(connections)], seconds=seconds)


def sign_in(
    port: int, account: Account, *, emails: list[str], password: str, connections: int, seconds: float
) -> tuple[Outcome, list[str]]:
    """Sign in on every connection; give the refresh tokens as well."""
    scripts = [SignIn(account, emails[number::connections], password) for number in range(connections)]
    outcome = converse(port, [*scripts], seconds=seconds)
    return outcome, [token for script in scripts for token in script.tokens]


def refresh(
    port: int, account: Account, *, tokens: list[str], connections: int, seconds: float
) -> tuple[Outcome, list[str]]:
    """Refresh on every connection; give the tokens that are live afterwards."""
    scripts = [Refresh(account, tokens[number::connections]) for number in range(connections)]
    outcome = converse(port, [*scripts], seconds=seconds)
    return outcome, [token for script in scripts for token in script.tokens]


def trickle(port: int, *, connections: int, seconds: float) -> int:
    """Send bodies one byte a second on every connection; give how many were cut off and begun again."""
    begun_again = 0
    head = write_request("POST", AUTHENTICATE, headers={"Content-Type": "application/json", "Content-Length": "1000"})
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            _begin(selector, port, head)
        while (now := time.monotonic()) < end:
            begun_again += sum(
                _go_on(selector, _socket(key.fileobj), port, head) for key in list(selector.get_map().values())
            )
            time.sleep(max(0.0, now + 1.0 - time.monotonic()))
        for key in list(selector.get_map().values()):
            selector.unregister(key.fileobj)
            _socket(key.fileobj).close()
    return begun_again


def _go_on(selector: selectors.BaseSelector, connection: socket.socket, port: int, head: bytes) -> int:
    """Send one byte, or begin again where that is no use; give how many were begun again."""
    if _send_byte(connection):
        return 0
    selector.unregister(connection)
    _begin(selector, port, head)
    return 1


def _begin(selector: selectors.BaseSelector, port: int, head: bytes) -> None:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(head)
    connection.settimeout(0)
    selector.register(connection, selectors.EVENT_READ)


def _send_byte(peer: socket.socket) -> bool:
    """Send one byte; False when the server has answered or closed instead of waiting."""
    try:
        if peer.recv(64) is not None:
            peer.close()
            return False
    except BlockingIOError:
        pass
    except OSError:
        peer.close()
        return False
    try:
        peer.send(b" ")
    except OSError:
        peer.close()
        return False
    return True


def _socket(connection: object) -> socket.socket:
    assert isinstance(connection, socket.socket)
    return connection
