"""Which passwords may be set."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatelodge.contract.errors import PasswordStrengthError
from gatelodge.features.passwords.rules import check_password
from gatelodge.kit.hashing import CHEAPEST, PasswordHasher

if TYPE_CHECKING:
    from gatelodge.features.passwords.rules import Profile

EMAIL = "marcelina@example.com"
# Letters of which no two neighbours, repetitions or names make a common password.
FILLER = "zq7-vk2_wj9=xh4+" * 70


def accept(password: str, profile: Profile = "default", **options: Any) -> None:
    check_password(password, profile=profile, email=options.pop("email", EMAIL), **options)


def refuse(password: str, profile: Profile = "default", **options: Any) -> list[str]:
    with pytest.raises(PasswordStrengthError) as refused:
        accept(password, profile, **options)
    assert all(fault.message for fault in refused.value.errors)
    return [fault.code for fault in refused.value.errors]


@pytest.mark.parametrize(
    ("profile", "second_factor", "shortest"),
    [("default", False, 10), ("default", True, 10), ("nist", False, 15), ("nist", True, 8)],
)
def test_the_shortest_password_of_each_profile(profile: Profile, second_factor: bool, shortest: int) -> None:  # noqa: FBT001 (a column of the table)
    accept(FILLER[:shortest], profile, second_factor=second_factor)

    assert refuse(FILLER[: shortest - 1], profile, second_factor=second_factor) == ["password_too_short"]


@pytest.mark.parametrize("profile", ["default", "nist"])
@pytest.mark.parametrize("length", [64, 128, 255, 256])
def test_long_passwords_are_welcome(profile: Profile, length: int) -> None:
    accept(FILLER[:length], profile)


@pytest.mark.parametrize("length", [257, 1024, 1025])
def test_a_password_above_256_characters_is_refused(length: int) -> None:
    assert refuse(FILLER[:length]) == ["password_too_long"]


def test_characters_are_counted_and_not_bytes_or_marks() -> None:
    accept("🔑🗝🚪🏠🌍🌕🐈🐕🌵🍋")
    assert refuse("🔑🗝🚪🏠🌍🌕🐈🐕🌵") == ["password_too_short"]
    assert refuse("e\u0301a\u0301u\u0300o\u0301i\u0300n\u0303c\u0327") == ["password_too_short"]
    accept("".join(f"{letter}\u0302\u0301" for letter in "aeoAEO") * 42 + "wxyz")


def test_every_password_that_may_be_set_can_be_hashed() -> None:
    password = "\U0001f511\U0001f5dd\U0001f6aa\U0001f3e0\U0001f30d" * 51 + "\U0001f335"
    hasher = PasswordHasher(CHEAPEST)

    accept(password)

    assert not hasher.verify(hasher.hash(password), password).needs_rehash


@given(st.text(max_size=400))
def test_what_may_be_set_can_be_hashed_whatever_it_is(password: str) -> None:
    try:
        accept(password)
    except PasswordStrengthError:
        return
    hasher = PasswordHasher(CHEAPEST)
    assert not hasher.verify(hasher.hash(password), password).needs_rehash


@pytest.mark.parametrize(
    "password",
    ["password123", "PassWord123", " password123 ", "1q2w3e4r5t", "iloveyou123", "qwertyuiop123", "christopher"],
)
def test_a_common_password_is_refused_in_any_case(password: str) -> None:
    assert refuse(password) == ["password_pwned"]


def test_every_fault_is_told_the_length_first() -> None:
    assert refuse("password") == ["password_too_short", "password_pwned"]
    assert refuse("") == ["password_too_short"]


@pytest.mark.parametrize(
    "password",
    [
        "marcelina@example.com",
        "MARCELINA@Example.COM",
        "marcelina1",
        "Marcelina2026!",
        "1marcelinamarcelina",
        "gatelodge1",
        "GateLodge2026",
        "marcelinagatelodge",
    ],
)
def test_a_password_made_of_the_address_or_the_product_is_refused(password: str) -> None:
    assert refuse(password) == ["password_too_weak"]


def test_a_tag_in_the_address_does_not_hide_its_name() -> None:
    assert refuse("marcelina2026", email="marcelina+work@example.com") == ["password_too_weak"]


@pytest.mark.parametrize("password", ["marcelina likes the quiet lighthouse", "no gatelodge without a wall"])
def test_a_name_within_a_password_that_stands_without_it_is_welcome(password: str) -> None:
    accept(password)


def test_a_short_name_or_no_address_forbids_nothing() -> None:
    accept("al-zq7vk2w", email="al@example.com")
    accept("zq7vk2w-jx", email="")
    accept("zq7vk2w-jx", email="@")


@pytest.mark.parametrize(
    "password", ["aaaaaaaaaa", "ababababab", "xyzxyzxyzxyzx", "0123456789", "jihgfedcba", "AaAaAaAaAa"]
)
def test_a_few_characters_over_and_over_are_refused(password: str) -> None:
    assert "password_too_weak" in refuse(password)


@pytest.mark.parametrize("character", ["\0", "\n", "\r", "\x1b", "\x7f", "\x85", "\ud83d"])
def test_control_characters_are_refused(character: str) -> None:
    assert refuse(f"zq7-v{character}k2_wj9") == ["password_too_weak"]


@pytest.mark.parametrize("password", [" zq7-vk2_w ", "\tzq7-vk2_w\t", "correct horse battery staple", "pässwörter-für"])
def test_spaces_tabs_and_letters_of_any_script_are_welcome(password: str) -> None:
    accept(password)


@pytest.mark.parametrize("character", ["a", "e\u0301", "🔑", "\0"])
def test_a_password_of_a_megabyte_is_refused_at_once(character: str) -> None:
    password = character * 1_000_000

    began = time.perf_counter()
    codes = refuse(password)

    assert codes == ["password_too_long"]
    assert time.perf_counter() - began < 0.05
