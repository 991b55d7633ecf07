"""The engine in this process: a runtime on a fresh database, a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec

from gatelodge.doors import development, known
from gatelodge.doors.assemble import assemble, close, open_door
from gatelodge.doors.dispatch import Door
from gatelodge.doors.http import Request
from gatelodge.kit.hashing import CHEAPEST, PasswordHasher
from gatelodge.kit.settings import Settings
from gatelodge.kit.unit import Actor, Runtime, Unit
from gatelodge.testing import CountingEntropy, FrozenClock
from tests.harness.documented import find_undocumented

KEY = known.API_KEY
CLIENT = known.CLIENT_ID
ENVIRONMENT = "environment_development"
MASTER_KEY = "a master key of the tests, long enough"


@dataclass
class Answer:
    """What came back: status, headers in lower case, the JSON inside."""

    status: int
    headers: dict[str, str]
    json: Any
    body: bytes = field(repr=False)


class House:
    """A door to talk to as an HTTP client would, without a socket."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        values = {"development": True, "base_url": "http://localhost:4100", "master_key": MASTER_KEY}
        self.settings = Settings(database_url=database_url, **{**values, **settings})
        self.clock = FrozenClock()
        self.entropy = CountingEntropy()
        self.hasher = PasswordHasher(CHEAPEST, entropy=self.entropy)
        self.runtime: Runtime = assemble(self.settings, clock=self.clock, entropy=self.entropy, hasher=self.hasher)
        development.prepare(self.runtime)
        self.door: Door = open_door(self.runtime)

    def unit(self) -> Unit:
        """Open a unit as the environment's own backend."""
        return self.runtime.open_unit(Actor(environment_id=ENVIRONMENT, client_id=CLIENT, believed=True))

    def call(  # as many as an HTTP request has parts
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        key: str | None = KEY,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        address: str | None = "203.0.113.9",
    ) -> Answer:
        """Send one request and read the answer."""
        sent = {"content-type": "application/json", **(headers or {})}
        if key is not None:
            sent["authorization"] = f"Bearer {key}"
        request = Request(
            method=method,
            path=path,
            query=urlencode(query or {}, doseq=True),
            headers=sent,
            body=body if body is not None else b"" if json is None else msgspec.json.encode(json),
            address=address,
        )
        response = self.door.respond(request)
        is_json = ("content-type", "application/json") in response.headers
        answer = Answer(
            status=response.status,
            headers=dict(response.headers),
            json=msgspec.json.decode(response.body) if is_json else None,
            body=response.body,
        )
        # Whatever a test is about, a client that reads the document must find what it meets there.
        undocumented = find_undocumented(method, path, status=answer.status, body=answer.json)
        assert undocumented is None, undocumented
        return answer

    def get(self, path: str, **query: Any) -> Answer:
        """Get with the API key."""
        return self.call("GET", path, query=query)

    def post(self, path: str, json: object = None, **options: Any) -> Answer:
        """Post with the API key."""
        return self.call("POST", path, json, **options)

    def put(self, path: str, json: object = None, **options: Any) -> Answer:
        """Put with the API key."""
        return self.call("PUT", path, json, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """Delete with the API key."""
        return self.call("DELETE", path, **options)

    def create_user(self, email: str = "ada@example.com", **members: Any) -> dict[str, Any]:
        """Create a user who can sign in with `PASSWORD`."""
        members = {"password": PASSWORD, "email_verified": True, **members}
        answer = self.post("/user_management/users", {"email": email, **members})
        assert answer.status == 201, answer
        user: dict[str, Any] = answer.json
        return user

    def authenticate(self, grant_type: str, *, secret: str | None = KEY, **members: Any) -> Answer:
        """Post a grant as a confidential client does, or as a public one without a secret."""
        grant = {"client_id": CLIENT, "grant_type": grant_type, **members}
        if secret is not None:
            grant["client_secret"] = secret
        return self.post("/user_management/authenticate", grant, key=None)

    def sign_in(self, email: str = "ada@example.com", **members: Any) -> Answer:
        """Sign in with a password."""
        return self.authenticate("password", **{"email": email, "password": PASSWORD, **members})

    def events(self, *names: str) -> list[dict[str, Any]]:
        """List the events of these names, oldest first."""
        query = {"limit": 100} | ({"events": ",".join(names)} if names else {})
        found: list[dict[str, Any]] = self.get("/events", **query).json["data"]
        return found

    def close(self) -> None:
        """Close the database."""
        close(self.runtime)


PASSWORD = "correct horse 17"
