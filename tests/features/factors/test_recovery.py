"""The rules of recovery codes, below the pages: made, judged, and spent by one of many."""

from __future__ import annotations

import re

import pyotp
import pytest

from gatelodge.contract.errors import OneTimeCodeInvalid, OneTimeCodeUsed
from gatelodge.contract.users import User
from gatelodge.features.factors import recovery
from gatelodge.features.factors.rules import fold_recovery_code, write_recovery_code
from gatelodge.features.users import actions as users
from tests.harness.inprocess import House
from tests.harness.mails import mails

ADA = "ada@example.com"


def _protected(house: House, email: str = ADA) -> User:
    """Give a user who has a second factor."""
    user_id: str = house.create_user(email)["id"]
    enrolled = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json
    clock = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    answer = {"code": clock.at(house.clock.now() // 1000)}
    assert house.post(f"/auth/challenges/{enrolled['authentication_challenge']['id']}/verify", answer).json["valid"]
    user = users.find_user(house.unit(), user_id)
    assert user is not None
    return user


def test_ten_codes_of_eighty_bits_are_made_and_none_is_stored(house: House) -> None:
    user = _protected(house)

    codes = recovery.issue_codes(house.unit(), user.id)

    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", code) for code in codes)
    rows = house.runtime.database.reads.all("select * from recovery_codes")
    assert not any(code in str(rows) or code.replace("-", "") in str(rows) for code in codes)
    assert recovery.count_codes(house.unit(), user.id).left == 10


def test_of_two_that_were_both_right_with_one_code_the_later_is_refused(house: House) -> None:
    user = _protected(house)
    code = recovery.issue_codes(house.unit(), user.id)[0]
    unit = house.unit()
    first, second = recovery.judge(unit, user, code), recovery.judge(unit, user, code)

    unit.write(lambda queries: recovery.spend(queries, unit, first))
    with pytest.raises(OneTimeCodeUsed):
        unit.write(lambda queries: recovery.spend(queries, unit, second))

    assert [template for template, _ in mails(house, to=ADA)].count("recovery_code_used") == 1
    assert recovery.count_codes(unit, user.id).left == 9


def test_a_code_that_was_right_is_void_when_new_ones_are_made_before_it_is_spent(house: House) -> None:
    user = _protected(house)
    unit = house.unit()
    judged = recovery.judge(unit, user, recovery.issue_codes(unit, user.id)[0])

    recovery.issue_codes(unit, user.id)

    with pytest.raises(OneTimeCodeUsed):
        unit.write(lambda queries: recovery.spend(queries, unit, judged))


def test_without_a_factor_codes_are_neither_made_nor_taken(house: House) -> None:
    user = _protected(house)
    code = recovery.issue_codes(house.unit(), user.id)[0]
    unit = house.unit()

    unit.write(lambda queries: queries.run("delete from factors where environment_id <> ''"))

    with pytest.raises(OneTimeCodeInvalid):
        recovery.judge(unit, user, code)
    with pytest.raises(OneTimeCodeInvalid):
        recovery.issue_codes(unit, user.id)


def test_a_code_of_one_user_is_wrong_for_another(house: House) -> None:
    ada, bob = _protected(house), _protected(house, "bob@example.com")
    unit = house.unit()
    code = recovery.issue_codes(unit, ada.id)[0]
    recovery.issue_codes(unit, bob.id)

    with pytest.raises(OneTimeCodeInvalid):
        recovery.judge(unit, bob, code)
    with pytest.raises(OneTimeCodeInvalid):
        recovery.judge(unit, ada, "")


@pytest.mark.parametrize(
    ("chance", "code", "typed"),
    [
        (bytes(10), "0000-0000-0000-0000", "OOOO oooo 0000 \uff10\uff10\uff10\uff10"),
        (b"\xff" * 10, "zzzz-zzzz-zzzz-zzzz", " ZZZZzzzz-ZZZZ.zzzz "),
        (bytes.fromhex("08421084210842108421"), "1111-1111-1111-1111", "IiLl-1111 1111 1111"),
    ],
)
def test_a_code_is_read_however_it_is_typed(chance: bytes, code: str, typed: str) -> None:
    assert write_recovery_code(chance) == code
    assert fold_recovery_code(typed) == code.replace("-", "")
