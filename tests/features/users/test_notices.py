"""Mail that tells the owner of an account what happened to it, at the address as it was."""

from __future__ import annotations

import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.users.notices import tell_account_exists
from tests.harness.inprocess import ENVIRONMENT, House
from tests.harness.mails import mails

ADA, LINK = "ada@example.com", "https://app.example.com/sign-in"


def test_an_address_that_a_backend_replaces_is_told_and_the_new_one_is_not(house: House) -> None:
    user = house.create_user()

    answer = house.put(f"/user_management/users/{user['id']}", {"email": "ada@new.example"})

    assert answer.status == 200, answer
    assert mails(house, to=ADA) == [("email_change_notice", {"new_email": "ada@new.example", "done": 1})]
    assert mails(house, to="ada@new.example") == []


def test_whoever_changes_address_and_password_at_once_tells_the_old_address_both(house: House) -> None:
    user = house.create_user()

    house.put(f"/user_management/users/{user['id']}", {"email": "m@evil.example", "password": "another horse 18"})

    assert [template for template, _ in mails(house, to=ADA)] == ["password_changed", "email_change_notice"]


@pytest.mark.parametrize(
    "change", [{"email": "ADA@example.com"}, {"first_name": "Ada"}, {"email": ADA, "email_verified": True}]
)
def test_another_spelling_of_an_address_is_no_change_of_it(house: House, change: dict[str, object]) -> None:
    user = house.create_user()

    assert house.put(f"/user_management/users/{user['id']}", change).status == 200

    assert mails(house) == []


def test_an_address_that_nobody_proved_is_not_told_of_another(house: House) -> None:
    user = house.create_user(email_verified=False)

    house.put(f"/user_management/users/{user['id']}", {"email": "ada@new.example"})

    assert mails(house) == []


def test_a_sign_up_with_a_taken_address_is_told_to_its_owner_alone(house: House) -> None:
    house.create_user()

    for email in ("Ada@Example.com", "nobody@example.com"):
        tell_account_exists(house.unit(), email, link=LINK)

    assert mails(house) == [("account_exists", {"link": LINK})]
    [mail] = house.get("/_dev/inbox", to=ADA).json["data"]
    assert mail["subject"] == "You already have an account at Gatelodge"
    assert LINK in mail["text"]


def test_an_owner_is_not_flooded_with_such_mails_and_nobody_hears_of_the_limit(limited_house: House) -> None:
    limited_house.create_user()

    for _ in range(30):
        tell_account_exists(limited_house.unit(), ADA, link=LINK)

    allowed = int(limited_house.settings.limit_per_code_send.partition("/")[0])
    assert len(mails(limited_house)) == allowed


def test_an_environment_that_sends_its_own_mail_sends_none_of_ours(house: House) -> None:
    user = house.create_user()
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(sends_mail=False))

    tell_account_exists(house.unit(), ADA, link=None)
    house.put(f"/user_management/users/{user['id']}", {"email": "ada@new.example"})

    assert mails(house) == []
