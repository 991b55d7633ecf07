"""Sessions bound to organizations: chosen, switched, lost."""

from __future__ import annotations

import base64
import json
from typing import Any

import pyotp
import pytest

from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from tests.harness.inprocess import Answer, House

SELECTION = "urn:workos:oauth:grant-type:organization-selection"
MEMBERSHIPS = "/user_management/organization_memberships"


def _organization(house: House, name: str = "Acme", **members: object) -> str:
    answer = house.post("/organizations", {"name": name, **members})
    assert answer.status == 201, answer
    organization_id: str = answer.json["id"]
    return organization_id


def _join(house: House, user: dict[str, Any], organization_id: str, **members: object) -> str:
    body = {"user_id": user["id"], "organization_id": organization_id, **members}
    membership_id: str = house.post(MEMBERSHIPS, body).json["id"]
    return membership_id


def _claims(answer: Answer) -> dict[str, Any]:
    payload = answer.json["access_token"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _refresh(house: House, answer: Answer, **members: Any) -> Answer:
    return house.authenticate("refresh_token", refresh_token=answer.json["refresh_token"], **members)


def _demand(house: House, organization_id: str, **policy: Any) -> None:
    organizations.set_policy(house.unit(), organization_id, OrganizationPolicy(**policy))


def test_the_only_organization_is_chosen_by_itself(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    _join(house, user, organization_id, role_slug="admin")

    answer = house.sign_in()

    assert answer.json["organization_id"] == organization_id
    claims = _claims(answer)
    assert (claims["org_id"], claims["role"], claims["roles"]) == (organization_id, "admin", ["admin"])
    assert claims["permissions"] == []


def test_a_user_without_organization_has_a_session_without(house: House) -> None:
    house.create_user()

    answer = house.sign_in()

    assert "organization_id" not in answer.json
    assert "org_id" not in _claims(answer)


def test_several_organizations_are_chosen_from(house: House) -> None:
    user = house.create_user()
    first, second = _organization(house), _organization(house, "Beta")
    _join(house, user, first)
    house.clock.advance(seconds=1)
    _join(house, user, second)

    asked = house.sign_in()
    done = house.authenticate(
        SELECTION,
        pending_authentication_token=asked.json["pending_authentication_token"],
        organization_id=second,
    )

    assert (asked.status, asked.json["code"]) == (403, "organization_selection_required")
    assert asked.json["organizations"] == [{"id": first, "name": "Acme"}, {"id": second, "name": "Beta"}]
    assert asked.json["user"]["id"] == user["id"]
    assert (done.status, done.json["organization_id"]) == (200, second)
    assert done.json["authentication_method"] == "Password"


def test_a_wrong_choice_leaves_the_pending_token_alive(house: House) -> None:
    user = house.create_user()
    first, second, foreign = _organization(house), _organization(house, "Beta"), _organization(house, "Gamma")
    _join(house, user, first)
    _join(house, user, second)
    token = house.sign_in().json["pending_authentication_token"]

    def choose(organization_id: str) -> Answer:
        return house.authenticate(SELECTION, pending_authentication_token=token, organization_id=organization_id)

    unknown, other, right, again = (choose(each) for each in ("org_unknown", foreign, first, first))
    assert unknown.status == 404
    assert (other.status, other.json["error"]) == (400, "organization_membership_not_found")
    assert right.status == 200
    assert again.json["code"] == "invalid_pending_authentication_token"


def test_an_inactive_member_does_not_enter(house: House) -> None:
    user = house.create_user()
    membership_id = _join(house, user, _organization(house))

    house.put(f"{MEMBERSHIPS}/{membership_id}/deactivate")

    assert "organization_id" not in house.sign_in().json


def test_a_refresh_switches_the_organization(house: House) -> None:
    user = house.create_user()
    first, second = _organization(house), _organization(house, "Beta")
    _join(house, user, first)
    session = house.sign_in()
    _join(house, user, second, role_slug="admin")

    switched = _refresh(house, session, organization_id=second)
    kept = _refresh(house, switched)

    assert switched.json["organization_id"] == kept.json["organization_id"] == second
    assert _claims(kept)["role"] == "admin"
    sessions = house.get(f"/user_management/users/{user['id']}/sessions").json["data"]
    assert [each["organization_id"] for each in sessions] == [second]


@pytest.mark.parametrize(
    ("organization_id", "member", "code"),
    [
        ("nonsense", "code", "invalid_organization_id"),
        ("org_01KF0RDQG060RK4CSM6MV3EE1S", "error", "organization_not_found"),
        ("foreign", "error", "organization_membership_not_found"),
    ],
)
def test_a_switch_elsewhere_is_refused_and_the_session_lives(
    house: House, organization_id: str, member: str, code: str
) -> None:
    house.create_user()
    foreign = _organization(house)
    session = house.sign_in()

    refused = _refresh(house, session, organization_id=foreign if organization_id == "foreign" else organization_id)

    assert (refused.status, refused.json[member]) == (400, code)
    assert _refresh(house, session).status == 200


@pytest.mark.parametrize("verb", ["deactivate", "delete"])
def test_losing_the_membership_ends_the_sessions_bound_to_it(house: House, verb: str) -> None:
    user = house.create_user()
    membership_id = _join(house, user, _organization(house))
    session = house.sign_in()

    path = f"{MEMBERSHIPS}/{membership_id}"
    house.delete(path) if verb == "delete" else house.put(f"{path}/deactivate")

    assert _refresh(house, session).json["error"] == "invalid_grant"
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []


def test_changed_roles_are_in_the_next_refresh(house: House) -> None:
    user = house.create_user()
    membership_id = _join(house, user, _organization(house))
    session = house.sign_in()
    house.post("/authorization/permissions", {"slug": "posts:write", "name": "Write posts"})
    house.post("/authorization/roles/admin/permissions", {"slug": "posts:write"})

    house.put(f"{MEMBERSHIPS}/{membership_id}", {"role_slug": "admin"})

    claims = _claims(_refresh(house, session))
    assert (claims["role"], claims["permissions"]) == ("admin", ["posts:write"])


def test_an_organization_that_requires_sso_takes_no_password(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    _join(house, user, organization_id)
    session = house.sign_in()

    _demand(house, organization_id, sso_required=True)

    for answer in (house.sign_in(), _refresh(house, session)):
        assert (answer.status, answer.json["error"]) == (400, "sso_required")
        assert (answer.json["email"], answer.json["connection_ids"]) == ("ada@example.com", [])


def test_an_organization_says_which_methods_it_takes(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    _join(house, user, organization_id)

    _demand(house, organization_id, methods=("MagicAuth",))

    answer = house.sign_in()
    assert (answer.status, answer.json["error"]) == (400, "organization_authentication_methods_required")
    assert answer.json["auth_methods"]["magic_auth"] is True
    assert answer.json["auth_methods"]["password"] is False


def test_an_organization_that_requires_a_factor_has_one_enrolled(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    _join(house, user, organization_id)
    session = house.sign_in()

    _demand(house, organization_id, mfa_required=True)

    assert house.sign_in().json["code"] == "mfa_enrollment"
    refused = _refresh(house, session)
    assert (refused.status, refused.json["error"]) == (400, "mfa_enrollment")


def test_a_factor_that_was_enrolled_since_lets_no_older_session_in(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    _join(house, user, organization_id)
    # It may be in the hands of whoever the factor is to keep out.
    older = house.sign_in()
    _demand(house, organization_id, mfa_required=True)
    enrolled = house.post(f"/user_management/users/{user['id']}/auth_factors", {"type": "totp"}).json
    totp = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    factor_id, first = enrolled["authentication_factor"]["id"], enrolled["authentication_challenge"]["id"]
    seconds = house.clock.now() // 1000
    assert house.post(f"/auth/challenges/{first}/verify", {"code": totp.at(seconds - 30)}).json["valid"]

    refused = _refresh(house, older)
    begun = house.sign_in().json
    challenge = house.post(f"/auth/factors/{factor_id}/challenge", {}).json["id"]
    newer = house.authenticate(
        "urn:workos:oauth:grant-type:mfa-totp",
        code=totp.at(seconds),
        pending_authentication_token=begun["pending_authentication_token"],
        authentication_challenge_id=challenge,
    )

    assert (refused.status, refused.json["error"]) == (400, "mfa_enrollment")
    assert begun["code"] == "mfa_challenge"
    refreshed = _refresh(house, newer)
    assert refreshed.json["organization_id"] == organization_id
    house.delete(f"/auth/factors/{factor_id}")
    assert _refresh(house, refreshed).json["error"] == "mfa_enrollment"


def test_whoever_has_an_address_in_a_governed_domain_meets_its_demands(house: House) -> None:
    house.create_user("ada@acme.example")
    domain = {"domain": "acme.example", "state": "verified"}
    organization_id = _organization(house, domain_data=[domain])

    _demand(house, organization_id, sso_required=True, governs_domains=True)

    assert house.sign_in("ada@acme.example").json["error"] == "sso_required"


def test_an_unverified_domain_governs_nobody(house: House) -> None:
    house.create_user("ada@acme.example")
    organization_id = _organization(house, domain_data=[{"domain": "acme.example", "state": "pending"}])

    _demand(house, organization_id, sso_required=True, governs_domains=True, joins_by_domain=True)

    answer = house.sign_in("ada@acme.example")
    assert answer.status == 200
    assert "organization_id" not in answer.json


def test_a_proved_address_joins_by_its_domain(house: House) -> None:
    user = house.create_user("ada@acme.example")
    organization_id = _organization(house, domain_data=[{"domain": "acme.example", "state": "verified"}])
    _demand(house, organization_id, joins_by_domain=True)

    answer = house.sign_in("ada@acme.example")

    assert (answer.json["organization_id"], _claims(answer)["role"]) == (organization_id, "member")
    membership = house.get(MEMBERSHIPS, user_id=user["id"]).json["data"][0]
    house.put(f"{MEMBERSHIPS}/{membership['id']}/deactivate")
    assert "organization_id" not in house.sign_in("ada@acme.example").json
