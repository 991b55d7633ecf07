"""Two servers, one membership that ends: no session keeps the right to its organization (rows 49, 51)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx2
import pytest

from tests.doors.accounts import AUTHENTICATE, create_user, refresh, sessions_of, sign_in
from tests.harness.servers import DEVELOPMENT_CLIENT, Server

MEMBERSHIPS = "/user_management/organization_memberships"
ROUNDS = 6

End = Callable[[httpx2.Client, str, dict[str, Any]], httpx2.Response]


def deactivate(client: httpx2.Client, membership: str, _: dict[str, Any]) -> httpx2.Response:
    return client.put(f"{MEMBERSHIPS}/{membership}/deactivate")


def remove(client: httpx2.Client, membership: str, _: dict[str, Any]) -> httpx2.Response:
    return client.delete(f"{MEMBERSHIPS}/{membership}")


def delete_organization(client: httpx2.Client, _: str, organization: dict[str, Any]) -> httpx2.Response:
    return client.delete(f"/organizations/{organization['id']}")


def join(client: httpx2.Client, user: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make an organization with this member; give the id of the membership, and the organization."""
    organization = client.post("/organizations", json={"name": "Acme"}).json()
    body = {"user_id": user["id"], "organization_id": organization["id"]}
    made = client.post(MEMBERSHIPS, json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"], organization


def at_once(one: Callable[[], httpx2.Response], other: Callable[[], httpx2.Response]) -> list[httpx2.Response]:
    """Send two requests at the same instant, each to its own server."""
    start = threading.Barrier(2)

    def send(ask: Callable[[], httpx2.Response]) -> httpx2.Response:
        start.wait(timeout=10)
        return ask()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, (one, other)))


def go_over(client: httpx2.Client, token: str, organization_id: str) -> httpx2.Response:
    """Refresh into another organization, as a public client does."""
    members = {"client_id": DEVELOPMENT_CLIENT, "grant_type": "refresh_token", "refresh_token": token}
    return client.post(AUTHENTICATE, json={**members, "organization_id": organization_id})


@pytest.mark.parametrize("end", [deactivate, remove, delete_organization], ids=lambda end: end.__name__)
def test_a_refresh_that_races_with_the_end_of_a_membership_gives_nothing_that_outlives_it(
    pair: tuple[Server, Server], end: End
) -> None:
    client, other = pair[0].http(), pair[1].http()
    for _ in range(ROUNDS):
        user = create_user(client)
        membership, organization = join(client, user)
        first = sign_in(client, user).json()

        refreshed, ended = at_once(
            partial(refresh, client, first["refresh_token"]),
            partial(end, other, membership, organization),
        )

        assert first["organization_id"] == organization["id"]
        assert ended.is_success
        given = [refreshed.json()["refresh_token"]] if refreshed.is_success else []
        for token in (first["refresh_token"], *given):
            for door in (client, other):
                assert refresh(door, token).json()["error"] == "invalid_grant"
        assert sessions_of(client, user) == []


@pytest.mark.parametrize("end", [deactivate, remove], ids=lambda end: end.__name__)
def test_nobody_goes_over_to_an_organization_that_they_are_just_leaving(pair: tuple[Server, Server], end: End) -> None:
    client, other = pair[0].http(), pair[1].http()
    for _ in range(ROUNDS):
        user = create_user(client)
        first = sign_in(client, user).json()
        membership, organization = join(client, user)

        moved, ended = at_once(
            partial(go_over, client, first["refresh_token"], organization["id"]),
            partial(end, other, membership, organization),
        )

        assert "organization_id" not in first
        assert ended.is_success
        if moved.is_success:
            assert refresh(client, moved.json()["refresh_token"]).json()["error"] == "invalid_grant"
            assert sessions_of(client, user) == []
        else:
            assert moved.json()["error"] == "organization_membership_not_found"
            assert "organization_id" not in refresh(client, first["refresh_token"]).json()
            assert len(sessions_of(client, user)) == 1


@pytest.mark.parametrize("end", [deactivate, remove], ids=lambda end: end.__name__)
def test_nobody_signs_in_to_an_organization_that_they_are_just_leaving(pair: tuple[Server, Server], end: End) -> None:
    client, other = pair[0].http(), pair[1].http()
    for _ in range(ROUNDS):
        user = create_user(client)
        membership, organization = join(client, user)

        signed_in, ended = at_once(
            partial(sign_in, client, user),
            partial(end, other, membership, organization),
        )

        assert ended.is_success
        assert signed_in.is_success or signed_in.json()["error"] == "organization_membership_not_found"
        bound = signed_in.is_success and signed_in.json().get("organization_id") == organization["id"]
        if bound:
            assert refresh(client, signed_in.json()["refresh_token"]).json()["error"] == "invalid_grant"
        assert [one for one in sessions_of(client, user) if one.get("organization_id")] == []
