"""Every policy bites at every grant, also one that comes into force in the middle of a sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pyotp
import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.authentication.rules import Progress
from gatelodge.features.authorization import actions as authorization
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from tests.harness.devices import approve
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, Answer, House
from tests.harness.mails import last_code

ADA = "ada@acme.example"
USERS = "/user_management/users"
GRANT = "urn:workos:oauth:grant-type:"
Finish = Callable[[], Answer]
Way = Callable[[House, dict[str, Any], str], Finish]


def by_password(house: House, _user: dict[str, Any], _organization: str) -> Finish:
    return lambda: house.sign_in(ADA)


def by_magic_auth(house: House, _user: dict[str, Any], _organization: str) -> Finish:
    code = house.post("/user_management/magic_auth", {"email": ADA}).json["code"]
    return lambda: house.authenticate(f"{GRANT}magic-auth:code", email=ADA, code=code)


def progress_of(user: dict[str, Any]) -> str:
    progress = Progress(user_id=user["id"], client_id=CLIENT, method="Password", email_proved=True)
    return msgspec.json.encode(progress).decode()


def by_authorization_code(house: House, user: dict[str, Any], _organization: str) -> Finish:
    unit = house.unit()
    code = unit.write(
        lambda queries: authorization.issue_code(
            queries, unit, user_id=user["id"], client_id=CLIENT, state=progress_of(user), code_challenge=None
        )
    )
    return lambda: house.authenticate("authorization_code", secret=KEY, code=code)


def by_device(house: House, user: dict[str, Any], _organization: str) -> Finish:
    begun = house.post("/user_management/authorize/device", {"client_id": CLIENT}, key=None).json
    assert approve(house.unit(), begun["user_code"], user_id=user["id"], state=progress_of(user))
    device_code = begun["device_code"]
    return lambda: house.authenticate(
        "urn:ietf:params:oauth:grant-type:device_code", secret=None, device_code=device_code
    )


def by_verification(house: House, user: dict[str, Any], _organization: str) -> Finish:
    house.put(f"{USERS}/{user['id']}", {"email_verified": False})
    pending = house.sign_in(ADA).json["pending_authentication_token"]
    code = last_code(house, "email_verification", to=ADA)
    return lambda: house.authenticate(
        f"{GRANT}email-verification:code", code=code, pending_authentication_token=pending
    )


def by_factor(house: House, user: dict[str, Any], _organization: str) -> Finish:
    enrolled = house.post(f"{USERS}/{user['id']}/auth_factors", {"type": "totp"}).json
    factor_id = enrolled["authentication_factor"]["id"]
    totp = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    seconds = house.clock.now() // 1000
    first = enrolled["authentication_challenge"]["id"]
    assert house.post(f"/auth/challenges/{first}/verify", {"code": totp.at(seconds - 30)}).json["valid"]
    pending = house.sign_in(ADA).json["pending_authentication_token"]
    challenge = house.post(f"/auth/factors/{factor_id}/challenge", {}).json["id"]
    return lambda: house.authenticate(
        f"{GRANT}mfa-totp",
        code=totp.at(seconds),
        pending_authentication_token=pending,
        authentication_challenge_id=challenge,
    )


def by_selection(house: House, user: dict[str, Any], organization: str) -> Finish:
    other = house.post("/organizations", {"name": "Other"}).json["id"]
    body = {"user_id": user["id"], "organization_id": other}
    assert house.post("/user_management/organization_memberships", body).status == 201
    asked = house.sign_in(ADA).json
    assert asked["code"] == "organization_selection_required"
    pending = asked["pending_authentication_token"]
    return lambda: house.authenticate(
        f"{GRANT}organization-selection", organization_id=organization, pending_authentication_token=pending
    )


def by_refresh(house: House, _user: dict[str, Any], _organization: str) -> Finish:
    token = house.sign_in(ADA).json["refresh_token"]
    return lambda: house.authenticate("refresh_token", refresh_token=token)


WAYS: dict[str, Way] = {
    "password": by_password,
    "magic auth": by_magic_auth,
    "authorization code": by_authorization_code,
    "device code": by_device,
    "email verification": by_verification,
    "second factor": by_factor,
    "selection": by_selection,
    "refresh": by_refresh,
}

Policy = EnvironmentPolicy | OrganizationPolicy
Refusal = tuple[int, str]

# What each policy answers; at some ways it has another word, and a factor answered satisfies a demand for one.
POLICIES: dict[str, tuple[Policy, Refusal, dict[str, Refusal | None]]] = {
    "no passwords here": (
        EnvironmentPolicy(password=False),
        (403, "email_password_auth_disabled"),
        {"magic auth": None, "refresh": (400, "invalid_grant")},
    ),
    "no magic auth here": (
        EnvironmentPolicy(magic_auth=False),
        (200, ""),
        {"magic auth": (403, "authentication_method_not_allowed")},
    ),
    "a factor here": (
        EnvironmentPolicy(mfa_required=True),
        (403, "mfa_enrollment"),
        {"second factor": None, "refresh": (400, "mfa_enrollment")},
    ),
    "another method there": (
        OrganizationPolicy(methods=("GoogleOAuth",)),
        (400, "organization_authentication_methods_required"),
        {},
    ),
    "single sign-on there": (OrganizationPolicy(sso_required=True), (400, "sso_required"), {}),
    "a factor there": (
        OrganizationPolicy(mfa_required=True),
        (403, "mfa_enrollment"),
        {"second factor": None, "refresh": (400, "mfa_enrollment")},
    ),
    "single sign-on for the domain": (
        OrganizationPolicy(sso_required=True, governs_domains=True),
        (400, "sso_required"),
        {},
    ),
}


def outcome(answer: Answer) -> Refusal:
    if answer.status == 200:
        return 200, ""
    return answer.status, answer.json.get("error") or answer.json["code"]


@pytest.fixture
def furnished_house(house: House) -> tuple[House, dict[str, Any], str]:
    """Give a house whose one user is a member of the organization that holds the domain of the user's address."""
    user = house.create_user(ADA)
    body = {"name": "Acme", "domain_data": [{"domain": "acme.example", "state": "verified"}]}
    organization: str = house.post("/organizations", body).json["id"]
    member = {"user_id": user["id"], "organization_id": organization}
    assert house.post("/user_management/organization_memberships", member).status == 201
    return house, user, organization


@pytest.mark.parametrize("way", WAYS)
def test_without_a_policy_every_way_leads_in(furnished_house: tuple[House, dict[str, Any], str], way: str) -> None:
    house, user, organization = furnished_house

    answer = WAYS[way](house, user, organization)()

    assert (answer.status, answer.json["organization_id"]) == (200, organization)


@pytest.mark.parametrize("way", WAYS)
def test_a_policy_that_comes_in_the_middle_bites_at_the_end_and_lifted_leaves_the_sign_in_as_it_was(
    furnished_house: tuple[House, dict[str, Any], str], way: str
) -> None:
    house, user, organization = furnished_house

    for name, (policy, refusal, others) in POLICIES.items():
        finish = WAYS[way](house, user, organization)
        before = len(house.unit().read.all("select id from sessions"))

        put(house, organization, policy)
        answer = finish()
        put(house, organization, type(policy)())

        assert outcome(answer) == (others.get(way, refusal) or (200, "")), name
        opened = len(house.unit().read.all("select id from sessions")) - before
        assert opened == int(answer.status == 200 and way != "refresh"), name
        if answer.status != 200 and "pending_authentication_token" not in answer.json:
            # Where a step is asked for, what was right is spent, and the sign-in goes on.
            assert outcome(finish()) == (200, ""), name


def put(house: House, organization: str, policy: Policy) -> None:
    """Put a policy in force, of the environment or of the organization."""
    if isinstance(policy, EnvironmentPolicy):
        applications.set_policy(house.unit(), ENVIRONMENT, policy)
    else:
        organizations.set_policy(house.unit(), organization, policy)


@pytest.mark.parametrize(
    ("sign_up", "invited", "status"),
    [
        ("open", False, 201),
        ("open", True, 201),
        ("invitation", False, 400),
        ("invitation", True, 201),
        ("closed", False, 400),
        ("closed", True, 201),
    ],
)
def test_an_unknown_address_signs_up_where_that_is_open_or_it_is_invited(
    house: House, sign_up: str, *, invited: bool, status: int
) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, msgspec.convert({"sign_up": sign_up}, EnvironmentPolicy))
    token = house.post("/user_management/invitations", {"email": ADA}).json["token"] if invited else None

    asked = house.post("/user_management/magic_auth", {"email": ADA, "invitation_token": token})

    assert asked.status == status
    if status == 201:
        code = asked.json["code"]
        answer = house.authenticate(f"{GRANT}magic-auth:code", email=ADA, code=code, invitation_token=token)
        assert answer.status == 200
    else:
        assert asked.json["error"] == "sign_up_not_allowed"
        assert house.get(USERS).json["data"] == []
