"""One account for an address, however it is spelled; and what is no address makes none."""

from __future__ import annotations

import unicodedata

import email_validator
from hypothesis import example, given
from hypothesis import strategies as st

from gatelodge.features.users.rules import LONGEST_EMAIL, find_email_form
from tests.features.neighbours import move_in
from tests.harness.inprocess import House

# Spellings of one mailbox: letter case, full-width signs, a composed and a decomposed letter, a Unicode domain.
SPELLINGS = [
    ("Ada@Example.com", "ada@example.com"),
    ("ada@EXAMPLE.COM", "ada@example.com"),
    ("\uff41\uff44\uff41@example.com", "ada@example.com"),
    ("ad\u00e4@example.com", "ada\u0308@example.com"),
    ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
    ("ada@B\u00dcCHER.example", "ada@b\u00fccher.example"),
    ("ada@example\u3002com", "ada@example.com"),
    ("  ada@example.com \t", "ada@example.com"),
    ("ADA+Tag@example.com", "ada+tag@example.com"),
]
DIFFERENT = [
    ("ada+tag@example.com", "ada@example.com"),
    ("a.da@example.com", "ada@example.com"),
    ("ada@example.org", "ada@example.com"),
    ("ada@fa\u00df.example", "ada@fass.example"),
]
NO_ADDRESSES = [
    "",
    " ",
    "ada",
    "ada@",
    "@example.com",
    "ada@example@com",
    "ada example@example.com",
    "ada@exam ple.com",
    "ada@-example.com",
    "ada@example..com",
    ".ada@example.com",
    "Ada <ada@example.com>",
    "ada@example.com, bob@example.com",
    "ada@example.com\nbcc: bob@example.com",
    "ada@example.com\r\nBcc: bob@example.com",
    "ada\u202e@example.com",
    "ada@" + "a" * 250 + ".com",
    "ada@[127.0.0.1]",
]


def test_two_spellings_of_one_address_make_one_user(house: House) -> None:
    for first, second in SPELLINGS:
        user = house.create_user(first)

        again = house.post("/user_management/users", {"email": second})
        found = house.get("/user_management/users", email=second).json["data"]

        assert (again.status, again.json["code"]) == (400, "user_creation_error"), (first, second)
        assert [error["code"] for error in again.json["errors"]] == ["email_not_available"]
        assert [one["id"] for one in found] == [user["id"]]
        assert house.sign_in(second).json["user"]["id"] == user["id"]
        house.delete(f"/user_management/users/{user['id']}")


def test_two_addresses_make_two_users(house: House) -> None:
    addresses = {address for pair in DIFFERENT for address in pair}

    for address in addresses:
        assert house.post("/user_management/users", {"email": address}).status == 201


def test_an_address_is_kept_as_it_was_given_but_for_outer_spaces(house: House) -> None:
    user = house.create_user("  Ada.Lovelace@Example.com ")

    assert user["email"] == "Ada.Lovelace@Example.com"
    assert house.get(f"/user_management/users/{user['id']}").json["email"] == "Ada.Lovelace@Example.com"


def test_what_is_no_address_makes_no_user(house: House) -> None:
    for text in NO_ADDRESSES:
        answer = house.post("/user_management/users", {"email": text})
        assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters"), text
        assert [error["field"] for error in answer.json["errors"]] == ["email"]

    assert house.get("/user_management/users").json["data"] == []
    assert house.events() == []


def test_what_is_no_address_does_not_become_one_by_a_change(house: House) -> None:
    user = house.create_user()

    for text in NO_ADDRESSES:
        answer = house.put(f"/user_management/users/{user['id']}", {"email": text})
        assert (answer.status, answer.json["code"]) == (400, "invalid_email"), text

    assert house.get(f"/user_management/users/{user['id']}").json == user


def test_a_new_address_is_unproved_and_another_spelling_stays_proved(house: House) -> None:
    user = house.create_user("ada@example.com")
    path = f"/user_management/users/{user['id']}"

    respelled = house.put(path, {"email": "ADA@example.com"}).json
    moved = house.put(path, {"email": "ada@example.org"}).json
    vouched = house.put(path, {"email": "ada@example.net", "email_verified": True}).json

    assert (respelled["email"], respelled["email_verified"]) == ("ADA@example.com", True)
    assert (moved["email"], moved["email_verified"]) == ("ada@example.org", False)
    assert (vouched["email"], vouched["email_verified"]) == ("ada@example.net", True)


def test_an_address_that_was_left_is_free_and_one_that_is_taken_is_refused(house: House) -> None:
    ada, bob = house.create_user("ada@example.com"), house.create_user("bob@example.com")

    taken = house.put(f"/user_management/users/{bob['id']}", {"email": "ADA@example.com"})
    house.put(f"/user_management/users/{ada['id']}", {"email": "lovelace@example.com"})
    free = house.put(f"/user_management/users/{bob['id']}", {"email": "ADA@example.com"})

    assert (taken.status, taken.json["code"]) == (400, "email_not_available")
    assert (free.status, free.json["email"]) == (200, "ADA@example.com")


def test_each_environment_has_its_own_addresses(house: House) -> None:
    neighbour = move_in(house)

    assert house.create_user("ada@example.com")["id"] != neighbour.create_user("ada@example.com")["id"]


_LOCALS = st.text("aZ0._+-'\u00e4", max_size=68)
_LABELS = st.text("aZ09-\u00e4", max_size=66) | st.sampled_from(
    ["com", "xn--bcher-kva", "xn--a", "ab--cd", "1", "test"]
)


@given(_LOCALS, st.lists(_LABELS, min_size=1, max_size=5))
@example("a" * 64, ["example", "com"])
@example("a" * 65, ["example", "com"])
@example("ada", ["a" * 63, "com"])
@example("ada", ["a" * 64, "com"])
@example("ada", ["example", "a" * 63])
@example("ada", ["example", "a" * 64])
@example("ada", ["example", "c0m"])
@example("ada", ["xn--a", "com"])
@example("ada", ["a--b", "com"])
@example("ada", ["local"])
@example("ada", ["example", "invalid"])
def test_the_short_way_for_plain_addresses_leads_where_the_library_does(local: str, labels: list[str]) -> None:
    email = f"{local}@{'.'.join(labels)}"
    try:
        checked = email_validator.validate_email(email, check_deliverability=False, globally_deliverable=False)
        expected = unicodedata.normalize("NFKC", checked.local_part).casefold() + "@" + checked.ascii_domain.lower()
    except (email_validator.EmailNotValidError, UnicodeError):
        expected = None

    assert find_email_form(email) == (expected if len(email) <= LONGEST_EMAIL else None)
