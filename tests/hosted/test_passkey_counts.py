"""Counts of signatures and of tries."""

from __future__ import annotations

from tests.harness.authenticator import Authenticator, Held
from tests.harness.inprocess import House
from tests.harness.mails import mails
from tests.hosted.passkeys import (
    ADA,
    ADD,
    add,
    codes,
    furnish,
    is_in,
    use,
    visit,
)


def test_a_count_that_goes_back_bars_the_passkey_and_tells_its_owner_once(house: House) -> None:
    user_id, owner, device = furnish(house, counts=True)
    copy = Held(device.held[0].key, device.held[0].credential_id, device.held[0].user_handle)
    for _ in range(3):
        assert is_in(use(visit(house), device))

    refused = use(visit(house), device, held=copy)
    assert (refused.status, "may be a copy" in refused.text) == (400, True)
    ahead = [use(visit(house), device, held=copy) for _ in range(4)]

    # A copy that is used often enough gets ahead of the count, so refusing it once would not do.
    assert copy.count == 5
    assert [seen.status for seen in ahead] == [400] * 4
    assert use(visit(house), device).status == 400
    assert codes(house) == ["passkey_copied"] * 6
    assert mails(house, to=ADA)[1:] == [("passkey_copied", {})]
    assert "There may be a copy of it" in owner.visit(ADD).text
    owner.submit(f"{ADD}/remove")
    assert "It is added" in add(owner, device, held=Held()).text
    assert is_in(use(visit(house), device))
    assert house.get(f"/user_management/users/{user_id}").status == 200


def test_a_stranger_cannot_make_a_passkey_look_copied(house: House) -> None:
    _, _, device = furnish(house, counts=True)
    assert is_in(use(visit(house), device))
    known = device.held[0]
    forger = Authenticator(counts=False, held=[Held(credential_id=known.credential_id, user_handle=known.user_handle)])

    assert use(visit(house), forger).status == 400

    assert codes(house) == ["passkey_invalid"]
    assert [template for template, _ in mails(house, to=ADA)] == ["passkey_added"]
    assert is_in(use(visit(house), device))


def test_a_passkey_that_never_counts_is_no_copy(house: House) -> None:
    _, _, device = furnish(house)

    assert [is_in(use(visit(house), device)) for _ in range(3)] == [True] * 3


def test_a_flood_of_wrong_passwords_does_not_keep_a_passkey_out(limited_house: House) -> None:
    _, _, device = furnish(limited_house)
    flood = visit(limited_house)
    flood.submit("/sign-in", email=ADA)
    assert [flood.submit("/sign-in/password", password="wrong horse 99").status for _ in range(11)][-1] == 429

    assert is_in(use(visit(limited_house), device))


def test_wrong_answers_are_limited_from_one_place_and_right_ones_are_given_back(limited_house: House) -> None:
    _, _, device = furnish(limited_house)
    browser = visit(limited_house)
    assert all(is_in(use(visit(limited_house), device)) for _ in range(11))
    device.verifies_user = False

    tries = [use(browser, device).status for _ in range(11)]
    unknown = [use(visit(limited_house), Authenticator(held=[Held()])).status for _ in range(11)]

    assert (tries, unknown) == ([400] * 10 + [429], [400] * 10 + [429])
    device.verifies_user = True
    limited_house.clock.advance(seconds=61)
    assert is_in(use(browser, device))
