"""Listing the social identities of a user."""

from __future__ import annotations

from gatelodge.kit.database import Queries
from tests.harness.inprocess import ENVIRONMENT, House


def test_a_user_without_social_sign_ins_has_an_empty_list(house: House) -> None:
    user = house.create_user()

    answer = house.get(f"/user_management/users/{user['id']}/identities")

    assert (answer.status, answer.json) == (200, [])


def test_an_unknown_user_is_not_found(house: House) -> None:
    answer = house.get("/user_management/users/user_01ARZ3NDEKTSV4RRFFQ69G5FAV/identities")

    assert (answer.status, answer.json["code"]) == (404, "entity_not_found")


def test_identities_are_listed_oldest_first_in_the_spelling_of_this_endpoint(house: House) -> None:
    user, other = house.create_user(), house.create_user("bob@example.com")
    for number, (owner, provider) in enumerate(
        [(user, "GoogleOAuth"), (user, "GitHubOAuth"), (other, "AppleOAuth")], start=1
    ):
        _link(house, owner["id"], provider=provider, number=number)

    answer = house.get(f"/user_management/users/{user['id']}/identities")

    assert answer.json == [
        {"idp_id": "subject-1", "type": "OAuth", "provider": "GoogleOAuth"},
        {"idp_id": "subject-2", "type": "OAuth", "provider": "GithubOAuth"},
    ]


def _link(house: House, user_id: str, *, provider: str, number: int) -> None:
    def write(queries: Queries) -> None:
        queries.run(
            "insert into identities (environment_id, id, user_id, provider, subject, created_at, updated_at)"
            " values (:environment_id, :id, :user_id, :provider, :subject, :now, :now)",
            environment_id=ENVIRONMENT,
            id=f"identity_{number}",
            user_id=user_id,
            provider=provider,
            subject=f"subject-{number}",
            now=number,
        )

    house.runtime.database.write(write)
