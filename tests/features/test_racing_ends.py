"""Whatever is made of something that is deleted in the same moment is made or refused; it is no fault of ours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.harness.inprocess import Answer, House

USERS = "/user_management/users"
INVITATIONS = "/user_management/invitations"
MEMBERSHIPS = "/user_management/organization_memberships"
ROUNDS = 12


def at_once(*asks: Callable[[], Answer]) -> list[int]:
    """Ask all of it at the same instant; give the statuses."""
    start = threading.Barrier(len(asks))

    def send(ask: Callable[[], Answer]) -> int:
        start.wait(timeout=10)
        return ask().status

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(send, asks))


def test_an_organization_that_is_deleted_is_invited_to_or_not_found(house: House) -> None:
    for number in range(ROUNDS):
        organization = house.post("/organizations", {"name": "Acme"}).json["id"]
        members = [house.create_user(f"member{number}-{each}@example.com") for each in range(2)]
        invited = [member["email"] for member in members] + [f"stranger{number}@example.com"]
        bodies = [{"email": email, "organization_id": organization} for email in invited]

        deleted, *sent = at_once(
            partial(house.delete, f"/organizations/{organization}"),
            *(partial(house.post, INVITATIONS, body) for body in bodies),
        )

        assert (deleted, set(sent) <= {201, 404}) == (202, True), sent
        for member in members:
            assert house.get(MEMBERSHIPS, user_id=member["id"], statuses="pending,active").json["data"] == []


def test_a_factor_is_asked_or_not_found_while_it_is_deleted(house: House) -> None:
    user = house.create_user()
    for _ in range(ROUNDS):
        enrolled = house.post(f"{USERS}/{user['id']}/auth_factors", {"type": "totp"}).json
        path = f"/auth/factors/{enrolled['authentication_factor']['id']}"

        deleted, *asked = at_once(partial(house.delete, path), *[partial(house.post, f"{path}/challenge", {})] * 3)

        assert (deleted, set(asked) <= {201, 404}) == (204, True), asked


def test_a_user_who_is_deleted_gets_a_factor_or_is_not_found(house: House) -> None:
    for number in range(ROUNDS):
        path = f"{USERS}/{house.create_user(f'user{number}@example.com')['id']}"
        enroll = partial(house.post, f"{path}/auth_factors", {"type": "totp"})

        deleted, *enrolled = at_once(partial(house.delete, path), *[enroll] * 3)

        assert (deleted, set(enrolled) <= {201, 404}) == (200, True), enrolled


def test_an_address_that_its_user_leaves_gets_its_code_all_the_same(house: House) -> None:
    for number in range(ROUNDS):
        email = f"user{number}@example.com"
        path = f"{USERS}/{house.create_user(email)['id']}"
        send = partial(house.post, "/user_management/magic_auth", {"email": email})

        deleted, *sent = at_once(partial(house.delete, path), *[send] * 3)

        assert (deleted, set(sent)) == (200, {201})
