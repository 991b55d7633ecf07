"""A client of either face whose server is an issuer of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sdk.faces import CLIENT, Face
from tests.sdk.household import Household
from tests.sdk.sealing.issuing import PASSWORD, AsyncWatch, AsyncWay, Issuer, Watch, Way


@dataclass
class Place:
    """A client, what it asks, and the time it reads."""

    um: Household
    way: Way
    watch: Watch

    def judge(self, cookie: str | None) -> Any:
        """Give the verdict on a cookie."""
        return self.um.authenticate_with_session_cookie(cookie)


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """Make one key for all tests: making it takes a tenth of a second."""
    return Issuer()


@pytest.fixture(scope="session")
def other_issuer() -> Issuer:
    return Issuer(kid="key_2")


@pytest.fixture
def open_place(face: Face, issuer: Issuer) -> Iterator[Callable[..., Place]]:
    """Make a client: `open_place(keys=…, trusted=…, issuer=…)`."""
    opened: list[Household] = []

    def open_one(*, keys: list[Any] | None = None, trusted: bool = False, **options: Any) -> Place:
        kinds = (Way, Watch) if face == "sync" else (AsyncWay, AsyncWatch)
        way, watch = kinds[0](keys=[issuer.jwk] if keys is None else keys, trusted=trusted), kinds[1]()
        chosen = {"client_id": CLIENT, "cookie_password": PASSWORD, "base_url": "https://auth.example.com", **options}
        opened.append(Household(face, lambda kind: kind("", **chosen, retries=0, transport=way, timing=watch)))
        return Place(opened[-1], way, watch)

    yield open_one
    for household in opened:
        household.close()


@pytest.fixture
def place(open_place: Callable[..., Place]) -> Place:
    return open_place()
