"""What passkeys count for, who may use them, and when they go."""

from __future__ import annotations

import pyotp
import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from tests.harness.authenticator import Authenticator
from tests.harness.inprocess import ENVIRONMENT, House
from tests.harness.mails import mails
from tests.hosted.browser import Browser, last_code
from tests.hosted.passkeys import (
    ADA,
    ADD,
    SIGN_IN,
    add,
    arrive,
    ask,
    furnish,
    open_account,
    trade,
    use,
)


def _found(house: House) -> str:
    """Give an organization that holds the domain of ADA's address."""
    body = {"name": "Acme", "domain_data": [{"domain": "acme.example", "state": "verified"}]}
    organization_id: str = house.post("/organizations", body).json["id"]
    return organization_id


def test_a_passkey_counts_as_both_factors(house: House) -> None:
    user_id, _, device = furnish(house)
    enrolled = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json
    clock = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    challenge = enrolled["authentication_challenge"]["id"]
    house.post(f"/auth/challenges/{challenge}/verify", {"code": clock.at(house.clock.now() // 1000)})
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(mfa_required=True))

    by_password = Browser(house)
    by_password.authorize()

    assert "One more step" in by_password.sign_in(ADA).text
    assert trade(house, arrive(house, device)).status == 200


def test_a_session_begun_by_a_passkey_goes_on_where_a_second_factor_is_required(house: House) -> None:
    _, _, device = furnish(house)
    token = trade(house, arrive(house, device)).json["refresh_token"]
    by_password = house.sign_in(ADA).json["refresh_token"]

    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(mfa_required=True))

    refused = house.authenticate("refresh_token", secret=None, refresh_token=by_password)
    assert (refused.status, refused.json["error"]) == (400, "mfa_enrollment")
    assert house.authenticate("refresh_token", secret=None, refresh_token=token).status == 200


def test_an_environment_without_passkeys_neither_offers_nor_takes_nor_renews_any(house: House) -> None:
    _, _, device = furnish(house)
    token = trade(house, arrive(house, device)).json["refresh_token"]
    owner, late = Browser(house), Browser(house)
    owner.visit("/account")
    owner.sign_in(ADA)
    late.authorize()
    options = ask(late, SIGN_IN)
    form = late.page.form(SIGN_IN).fields

    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(passkey=False))

    browser = Browser(house)
    text = browser.authorize().text
    assert ("passkey" in text, "webauthn" in text, "<script" in text) == (False, False, False)
    assert late.send("POST", f"{SIGN_IN}/options", form=form).status == 403
    kept = late.send("POST", SIGN_IN, form={**form, "credential": device.sign(options)})
    assert dict(kept.headers)["location"] == "/sign-in"
    refused = house.authenticate("refresh_token", secret=None, refresh_token=token)
    assert (refused.status, refused.json["error"]) == (400, "invalid_grant")
    page = owner.visit(ADD)
    assert ("Passkeys are not in use here" in page.text, "Remove" in page.text) == (True, True)
    token_only = {"form_token": page.form(f"{ADD}/remove").fields["form_token"]}
    assert owner.send("POST", f"{ADD}/options", form=token_only).status == 403


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (OrganizationPolicy(methods=("Password", "MagicAuth")), "organization_authentication_methods_required"),
        (OrganizationPolicy(sso_required=True), "sso_required"),
    ],
)
def test_an_organization_that_allows_no_passkeys_refuses_them(
    house: House, policy: OrganizationPolicy, code: str
) -> None:
    user_id, _, device = furnish(house)
    organization_id = _found(house)
    member = {"user_id": user_id, "organization_id": organization_id}
    house.post("/user_management/organization_memberships", member)
    token = trade(house, arrive(house, device)).json["refresh_token"]

    organizations.set_policy(house.unit(), organization_id, policy)

    named, unnamed = Browser(house), Browser(house)
    assert SIGN_IN not in named.authorize(organization_id=organization_id).text
    unnamed.authorize()
    assert use(unnamed, device).status == 400
    refused = house.authenticate("refresh_token", secret=None, refresh_token=token)
    assert (refused.status, refused.json["error"]) == (400, code)
    organizations.set_policy(house.unit(), organization_id, OrganizationPolicy(methods=("Passkey",)))
    assert trade(house, arrive(house, device)).json["organization_id"] == organization_id
    assert house.authenticate("refresh_token", secret=None, refresh_token=token).status == 200


def test_a_governed_domain_without_passkeys_lets_its_users_add_none(house: House) -> None:
    browser = Browser(house)
    open_account(house, browser)
    organization_id = _found(house)
    browser.visit(ADD)
    form = {**browser.page.form(ADD).fields, "credential": Authenticator().make(ask(browser, ADD))}
    policy = OrganizationPolicy(methods=("Password",), governs_domains=True)
    organizations.set_policy(house.unit(), organization_id, policy)

    assert "Passkeys are not in use here" in browser.visit(ADD).text
    assert "/account/passkeys" not in browser.visit("/account").text
    assert browser.send("POST", ADD, form=form).status == 400
    assert house.unit().read.all("select id from passkeys") == []
    elsewhere = Browser(house)
    elsewhere.authorize(login_hint=ADA)
    assert SIGN_IN not in elsewhere.page.text


def test_an_address_that_is_not_proved_has_to_be_proved_after_the_passkey(house: House) -> None:
    user_id, _, device = furnish(house)
    house.put(f"/user_management/users/{user_id}", {"email_verified": False})
    browser = Browser(house)
    browser.authorize()

    assert "Confirm your address" in use(browser, device).text
    arrived = browser.submit("/sign-in/email", code=last_code(house, ADA))

    assert trade(house, arrived).json["user"]["email_verified"] is True


def test_the_first_proof_of_an_address_removes_passkeys_that_were_there_before(house: House) -> None:
    for claim in (_claim_by_code, _claim_by_reset):
        user_id, _, device = furnish(house, f"{claim.__name__}@example.com")
        house.put(f"/user_management/users/{user_id}", {"email_verified": False})

        claim(house, f"{claim.__name__}@example.com")

        assert "not known here any more" in arrive(house, device).text


def _claim_by_code(house: House, email: str) -> None:
    code = house.post("/user_management/magic_auth", {"email": email}).json["code"]
    grant = "urn:workos:oauth:grant-type:magic-auth:code"
    assert house.authenticate(grant, email=email, code=code).status == 200


def _claim_by_reset(house: House, email: str) -> None:
    token = house.post("/user_management/password_reset", {"email": email}).json["password_reset_token"]
    body = {"token": token, "new_password": "another horse 18"}
    assert house.post("/user_management/password_reset/confirm", body).status == 200


def test_a_reset_of_a_proved_account_leaves_its_passkeys_and_its_end_takes_them(house: House) -> None:
    user_id, _, device = furnish(house)
    _claim_by_reset(house, ADA)
    assert trade(house, arrive(house, device)).status == 200

    house.delete(f"/user_management/users/{user_id}")

    assert house.unit().read.all("select id from passkeys") == []
    assert "not known here any more" in arrive(house, device).text


def test_an_account_that_is_taken_back_keeps_the_passkeys_that_are_older_than_the_theft(house: House) -> None:
    user_id, _, old = furnish(house)
    house.clock.advance(minutes=1)
    path = f"/user_management/users/{user_id}/email_change"
    house.post(f"{path}/send", {"new_email": "eve@example.com"})
    house.post(f"{path}/confirm", {"code": last_code(house, "eve@example.com")})
    house.clock.advance(minutes=1)
    thief, new = Browser(house), Authenticator()
    thief.visit("/account")
    thief.sign_in("eve@example.com")
    add(thief, new)

    link = next(str(values["link"]) for _, values in reversed(mails(house, to=ADA)) if values.get("link"))
    owner = Browser(house)
    owner.visit("/" + link.split("/", 3)[3])
    owner.submit("/undo-email-change")

    assert "not known here any more" in arrive(house, new).text
    assert trade(house, arrive(house, old)).json["user"]["email"] == ADA


def test_a_passkey_brings_along_an_invitation_and_a_choice_of_organizations(house: House) -> None:
    user_id, _, device = furnish(house)
    made = [house.post("/organizations", {"name": name}).json["id"] for name in ("One", "Two")]
    invited = {"email": ADA, "organization_id": made[0]}
    token = house.post("/user_management/invitations", invited).json["token"]

    assert (
        trade(house, arrive(house, device, invitation_token=token, screen_hint="sign-in")).json["organization_id"]
        == made[0]
    )
    member = {"user_id": user_id, "organization_id": made[1]}
    house.post("/user_management/organization_memberships", member)
    browser = Browser(house)
    browser.authorize()
    assert "Choose an organization" in use(browser, device).text
    chosen = browser.submit("/sign-in/organization", organization_id=made[1])

    assert trade(house, chosen).json["organization_id"] == made[1]
