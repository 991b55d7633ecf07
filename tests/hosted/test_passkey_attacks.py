"""What may be tried with passkeys and must not work: each case of it, where the right thing works beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.browser_sessions import actions as browser_sessions
from tests.features.neighbours import move_in
from tests.harness.authenticator import Authenticator, Held, read_bytes, write_bytes
from tests.harness.inprocess import ENVIRONMENT, House
from tests.harness.mails import mails
from tests.hosted.browser import Browser
from tests.hosted.passkeys import (
    ADA,
    ADD,
    BOB,
    SIGN_IN,
    add,
    ask,
    codes,
    furnish,
    is_in,
    use,
    visit,
)

WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": "http://localhost:4101"},
    "another scheme": {"origin": "https://localhost:4100"},
    "a host that begins alike": {"origin": "http://localhost.evil.example:4100"},
    "another party": {"party": "evil.example"},
    "a user who was not verified": {"verifies_user": False},
    "a frame in another site": {"cross_origin": True},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_was_signed_for_another_place_or_without_the_user_is_refused(house: House, case: str) -> None:
    _, _, device = furnish(house)
    honest = (device.origin, device.party, device.verifies_user, device.cross_origin)
    for name, value in WRONG[case].items():
        setattr(device, name, value)

    refused = use(visit(house), device)

    assert (refused.status, "did not work here" in refused.text) == (400, True)
    assert codes(house) == ["passkey_invalid"]
    device.origin, device.party, device.verifies_user, device.cross_origin = honest
    assert is_in(use(visit(house), device))


@pytest.mark.parametrize("case", WRONG)
def test_what_was_made_for_another_place_or_without_the_user_is_not_kept(house: House, case: str) -> None:
    _, browser, _ = furnish(house)
    device = Authenticator(**WRONG[case])

    refused = add(browser, device)

    assert (refused.status, "did not work here" in refused.text) == (400, True)
    assert len(house.unit().read.all("select id from passkeys")) == 1


def _spoil(credential: str, change: Callable[[dict[str, Any]], None]) -> str:
    decoded = json.loads(credential)
    change(decoded)
    return json.dumps(decoded)


def _say_it_was_made(credential: dict[str, Any]) -> None:
    said = json.loads(read_bytes(credential["response"]["clientDataJSON"])) | {"type": "webauthn.create"}
    credential["response"]["clientDataJSON"] = write_bytes(json.dumps(said).encode())


def _count_up(credential: dict[str, Any]) -> None:
    signed = bytearray(read_bytes(credential["response"]["authenticatorData"]))
    signed[-1] += 1
    credential["response"]["authenticatorData"] = write_bytes(bytes(signed))


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no signature": lambda credential: credential["response"].update(signature=""),
    "another signature": lambda credential: credential["response"].update(signature=write_bytes(bytes(70))),
    "another count": _count_up,
    "another purpose": _say_it_was_made,
    "no user": lambda credential: credential["response"].pop("userHandle"),
    "another raw id": lambda credential: credential.update(rawId="AAAA"),
    "another type": lambda credential: credential.update(type="password"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_an_answer_that_was_changed_on_the_way_is_refused(house: House, case: str) -> None:
    _, _, device = furnish(house)
    browser = visit(house)
    signed = device.sign(ask(browser, SIGN_IN))

    refused = browser.submit(SIGN_IN, credential=_spoil(signed, SPOILT[case]))

    assert (refused.status, codes(house)) == (400, ["passkey_invalid"])
    assert is_in(use(browser, device))


def test_a_challenge_is_good_once_also_when_its_answer_was_refused(house: House) -> None:
    _, _, device = furnish(house)
    browser = visit(house)
    signed = device.sign(ask(browser, SIGN_IN))
    wrong = _spoil(signed, SPOILT["another signature"])

    assert browser.submit(SIGN_IN, credential=wrong).status == 400
    replayed = browser.submit(SIGN_IN, credential=signed)

    assert (replayed.status, "took too long" in replayed.text) == (400, True)
    assert codes(house) == ["passkey_invalid", "passkey_challenge_expired"]
    assert is_in(use(browser, device))


def test_an_answer_that_signed_in_signs_in_nobody_again(house: House) -> None:
    _, _, device = furnish(house)
    browser = visit(house)
    form = browser.page.form(SIGN_IN).fields
    signed = device.sign(ask(browser, SIGN_IN))
    before = dict(browser.cookies)
    assert is_in(browser.submit(SIGN_IN, credential=signed))

    assert browser.send("POST", SIGN_IN, form={**form, "credential": signed}).status == 403
    browser.cookies = before
    assert browser.send("POST", SIGN_IN, form={**form, "credential": signed}).status == 410
    again = visit(house)

    assert again.submit(SIGN_IN, credential=signed).status == 400


def test_of_racing_answers_to_one_challenge_one_goes_through(house: House) -> None:
    _, _, device = furnish(house)
    browser = visit(house)
    form = {**browser.page.form(SIGN_IN).fields, "credential": device.sign(ask(browser, SIGN_IN))}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: browser.send("POST", SIGN_IN, form=form), range(16)))

    assert sum("code=" in dict(answer.headers).get("location", "") for answer in answers) == 1
    assert len(house.events("authentication.passkey_succeeded")) == 1


def test_a_challenge_is_good_for_five_minutes(house: House) -> None:
    _, _, device = furnish(house)
    browser = visit(house)
    early, late = ask(browser, SIGN_IN), ask(browser, SIGN_IN)

    house.clock.advance(minutes=5)
    refused = browser.submit(SIGN_IN, credential=device.sign(early))
    assert (refused.status, codes(house)) == (400, ["passkey_challenge_expired"])
    in_time = ask(browser, SIGN_IN)
    house.clock.advance(minutes=4, seconds=59)

    assert browser.submit(SIGN_IN, credential=device.sign(late)).status == 400
    assert is_in(browser.submit(SIGN_IN, credential=device.sign(in_time)))


def test_a_challenge_of_another_browser_or_for_another_purpose_is_refused(house: House) -> None:
    _, owner, device = furnish(house)
    browser, other = visit(house), visit(house)
    to_other, to_add = ask(other, SIGN_IN), ask(owner, ADD)
    new = Authenticator()
    to_sign_in = {**to_add, "challenge": ask(browser, SIGN_IN)["challenge"]}

    assert browser.submit(SIGN_IN, credential=device.sign(to_other)).status == 400
    assert browser.submit(SIGN_IN, credential=device.sign(to_add)).status == 400
    assert owner.submit(ADD, credential=new.make(to_sign_in)).status == 400

    assert codes(house) == ["passkey_challenge_expired"] * 2
    assert is_in(other.submit(SIGN_IN, credential=device.sign(to_other)))


def test_a_passkey_that_was_made_for_one_user_is_kept_for_no_other(house: House) -> None:
    _, ada, device = furnish(house)
    _, bob, _ = furnish(house, BOB)
    for browser in (ada, bob):
        browser.visit(ADD)

    stolen = bob.submit(ADD, credential=Authenticator().make(ask(ada, ADD)))
    assert (stolen.status, "took too long" in stolen.text) == (400, True)
    taken = bob.submit(
        ADD, credential=Authenticator().make(ask(bob, ADD), held=Held(device.held[0].key, device.held[0].credential_id))
    )

    assert (taken.status, "registered already" in taken.text) == (400, True)
    assert is_in(use(visit(house), device))
    assert len(house.unit().read.all("select id from passkeys")) == 2


def test_a_passkey_of_one_user_does_not_sign_in_another(house: House) -> None:
    ada_id, _, adas = furnish(house)
    bob_id, _, bobs = furnish(house, BOB)
    browser = visit(house)
    browser.submit("/sign-in", email=ADA)

    refused = use(browser, bobs)
    assert (refused.status, "for another account" in refused.text) == (400, True)
    posing = use(browser, bobs, user_handle=ada_id.encode())
    assert (posing.status, "did not work here" in posing.text) == (400, True)
    assert codes(house) == ["passkey_of_other_user", "passkey_invalid"]

    assert is_in(use(browser, adas))
    assert house.events("authentication.passkey_succeeded")[-1]["data"]["user_id"] == ada_id
    assert bob_id not in {event["data"]["user_id"] for event in house.events("authentication.passkey_succeeded")}


def test_an_account_page_that_asks_again_takes_no_passkey_of_another(house: House) -> None:
    _, ada, _ = furnish(house)
    _, _, bobs = furnish(house, BOB)
    house.clock.advance(minutes=11)
    ada.visit("/account/password")

    refused = use(ada, bobs)

    assert (refused.status, codes(house)) == (400, ["passkey_of_other_user"])
    assert ada.visit("/account/password").path == "/sign-in"


def test_a_passkey_of_one_environment_is_unknown_in_another(house: House) -> None:
    _, _, device = furnish(house)
    neighbour = move_in(house)
    callback = "http://localhost:3000/there"
    applications.allow_redirect(house.unit(), neighbour.environment_id, callback)
    neighbour.create_user(ADA, email_verified=True)
    there, here = Browser(house), visit(house)
    there.authorize(client_id=neighbour.client_id, redirect_uri=callback)

    assert "not known here" in use(there, device).text
    assert there.submit(SIGN_IN, credential=device.sign(ask(here, SIGN_IN))).status == 400
    assert here.submit(SIGN_IN, credential=device.sign(ask(there, SIGN_IN))).status == 400

    assert codes(house) == ["passkey_challenge_expired"]
    assert is_in(use(here, device))


def test_a_passkey_of_another_user_can_be_neither_renamed_nor_removed(house: House) -> None:
    _, ada, adas = furnish(house)
    _, bob, _ = furnish(house, BOB)
    theirs = ada.visit(ADD).form(f"{ADD}/remove").fields["passkey_id"]
    token = {"form_token": bob.visit(ADD).form(f"{ADD}/remove").fields["form_token"]}

    for verb in ("remove", "rename"):
        bob.send("POST", f"{ADD}/{verb}", form={**token, "passkey_id": theirs, "name": "Mine"})

    assert "Mine" not in ada.visit(ADD).text
    assert is_in(use(visit(house), adas))
    assert [template for template, _ in mails(house, to=ADA)] == ["passkey_added"]


def test_a_passkey_that_is_removed_while_it_signs_lets_nobody_in(house: House) -> None:
    _, owner, device = furnish(house)
    browser = visit(house)
    signed = device.sign(ask(browser, SIGN_IN))

    owner.visit(ADD)
    owner.submit(f"{ADD}/remove")

    assert "not known here" in browser.submit(SIGN_IN, credential=signed).text


def test_whoever_was_shut_out_of_an_account_adds_no_passkey_to_it(house: House) -> None:
    user_id, thief, _ = furnish(house)
    made = Authenticator().make(ask(thief, ADD))
    form = {**thief.page.form(ADD).fields, "credential": made}

    unit = house.unit()
    unit.write(lambda queries: browser_sessions.end_all(queries, unit, user_id))

    assert dict(thief.send("POST", ADD, form=form).headers)["location"] == "/sign-in"
    assert len(house.unit().read.all("select id from passkeys")) == 1


@pytest.mark.parametrize("action", [ADD, f"{ADD}/options", f"{ADD}/remove", f"{ADD}/rename"])
def test_passkeys_are_looked_after_with_a_sign_in_of_the_last_ten_minutes_only(house: House, action: str) -> None:
    _, owner, device = furnish(house)
    form = {**owner.visit(ADD).form(f"{ADD}/remove").fields, "name": "Mine"}

    house.clock.advance(minutes=11)
    answer = owner.send("POST", action, form=form)

    assert (answer.status, dict(answer.headers)["location"]) == (302, "/sign-in")
    assert is_in(use(visit(house), device))


def test_the_options_tell_nobody_whether_an_address_has_passkeys(house: House) -> None:
    furnish(house)
    asked = []
    for email in (ADA, "nobody@example.com"):
        browser = visit(house)
        browser.submit("/sign-in", email=email)
        asked.append({**ask(browser, SIGN_IN), "challenge": ""})

    assert asked[0] == asked[1]
    assert "allowCredentials" not in asked[0]


def test_a_policy_that_refuses_takes_the_challenge_and_nothing_else(house: House) -> None:
    _, _, device = furnish(house)
    browser = visit(house)
    signed = device.sign(ask(browser, SIGN_IN))

    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(passkey=False))
    assert browser.submit(SIGN_IN, credential=signed).path == "/sign-in"
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy())

    browser.visit("/sign-in")
    assert is_in(use(browser, device))


@pytest.mark.parametrize("screen", ["verify_email", "organization"])
def test_no_passkey_counts_once_the_sign_in_is_at_a_later_step(house: House, screen: str) -> None:
    _, _, device = furnish(house)
    bob = house.create_user(BOB, email_verified=screen != "verify_email")
    for name in ("One", "Two"):
        organization_id = house.post("/organizations", {"name": name}).json["id"]
        house.post(
            "/user_management/organization_memberships", {"user_id": bob["id"], "organization_id": organization_id}
        )
    browser = visit(house)
    signed = device.sign(ask(browser, SIGN_IN))
    form = browser.page.form(SIGN_IN).fields

    browser.sign_in(BOB)
    answer = browser.send("POST", SIGN_IN, form={**form, "credential": signed})

    assert (answer.status, dict(answer.headers)["location"]) == (303, "/sign-in")
    assert house.events("authentication.passkey_succeeded") == []


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"id":"A","response":{}}',
        '{"id":"é","response":{"clientDataJSON":"e30"}}',
        "\0",
        "9" * 40_000,
    ],
)
def test_what_is_no_answer_at_all_is_refused(house: House, credential: str) -> None:
    _, owner, device = furnish(house)
    browser = visit(house)
    owner.visit(ADD)

    assert (browser.submit(SIGN_IN, credential=credential).status, codes(house)) == (400, ["passkey_invalid"])
    assert owner.submit(ADD, credential=credential).status == 400

    assert is_in(use(browser, device))
