"""An issuer of access tokens with keys of its own, and the ways to it that a client may be given."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from gatelodge import SealedSession, User, errors, seal_session
from gatelodge.sdk.wire import WireRequest, WireResponse
from tests.sdk.faces import CLIENT, NOW

PASSWORD = "correct horse battery staple 4711"
USER = User(id="user_01", email="ada@example.com", email_verified=True, created_at="", updated_at="")
CLAIMS: dict[str, Any] = {
    "iss": f"https://auth.example.com/user_management/{CLIENT}",
    "sub": USER.id,
    "sid": "session_01",
    "jti": "01",
    "client_id": CLIENT,
    "iat": int(NOW) - 5,
    "exp": int(NOW) + 300,
    "auth_time": int(NOW) - 5,
}


def encode(content: bytes | dict[str, Any]) -> str:
    """Write a segment of a token."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Issuer:
    """Signs what it is told to, and publishes what it chooses."""

    kid: str = "key_1"
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))

    @property
    def jwk(self) -> dict[str, Any]:
        numbers = self.key.public_key().public_numbers()
        members = {name: encode(value.to_bytes((value.bit_length() + 7) // 8, "big")) for name, value in
                   (("n", numbers.n), ("e", numbers.e))}  # fmt: skip
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.kid, **members}

    def sign(self, claims: dict[str, Any] | bytes | None = None, **header: Any) -> str:
        """Make a token; a header member of None is left out."""
        members = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}
        head = encode({name: value for name, value in members.items() if value is not None})
        return self.sign_text(f"{head}.{encode(CLAIMS if claims is None else claims)}")

    def sign_text(self, signed: str) -> str:
        return f"{signed}.{encode(self.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def seal(token: str, **members: Any) -> str:
    """Put a token into a cookie, as an honest program would that got it from somewhere."""
    session = SealedSession(**{"access_token": token, "refresh_token": "r_1", "user": USER, **members})
    return seal_session(session, cookie_password=PASSWORD)


@dataclass
class Way:
    """A transport that serves a key set and counts how often it is asked."""

    keys: list[Any]
    trusted: bool = False
    asked: int = 0
    away: bool = False
    hold: Callable[[], None] = lambda: None

    def send(self, request: WireRequest) -> WireResponse:
        self.asked += 1
        self.hold()
        return self.answer(request)

    def answer(self, request: WireRequest) -> WireResponse:
        assert request.path == f"/sso/jwks/{CLIENT}"
        if self.away:
            raise errors.ConnectionFailed
        return WireResponse(status=200, headers={}, body=json.dumps({"keys": self.keys}).encode())

    def close(self) -> None:
        """Have nothing to let go of."""


class AsyncWay(Way):
    async def send(self, request: WireRequest) -> WireResponse:  # type: ignore[override]  # the same, awaited
        self.asked += 1
        await asyncio.to_thread(self.hold)
        return self.answer(request)

    async def close(self) -> None:  # type: ignore[override]  # the same, awaited
        """Have nothing to let go of."""


@dataclass
class Watch:
    """A timing that is moved by hand."""

    instant: float = NOW

    def now(self) -> float:
        return self.instant

    def chance(self) -> float:
        return 0.5

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing waits here for {seconds} s")


class AsyncWatch(Watch):
    async def sleep(self, seconds: float) -> None:  # type: ignore[override]  # the same, awaited
        raise AssertionError(f"nothing waits here for {seconds} s")


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does, five seconds at most."""
    for _ in range(500):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not come to pass")
