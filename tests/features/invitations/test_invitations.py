"""Invitations: sent, found, accepted once, resent, revoked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.harness.inprocess import Answer, House

PATH = "/user_management/invitations"
MEMBERSHIPS = "/user_management/organization_memberships"


def _organization(house: House, name: str = "Acme") -> str:
    organization_id: str = house.post("/organizations", {"name": name}).json["id"]
    return organization_id


def _invite(house: House, email: str = "ada@example.com", **members: object) -> dict[str, Any]:
    answer = house.post(PATH, {"email": email, **members})
    assert answer.status == 201, answer
    invitation: dict[str, Any] = answer.json
    return invitation


def test_an_invitation_has_a_link_with_its_token(house: House) -> None:
    invitation = _invite(house, "Ada@Example.com")

    link = urlsplit(invitation["accept_invitation_url"])
    assert parse_qs(link.query) == {"invitation_token": [invitation["token"]]}
    assert (invitation["state"], invitation["email"]) == ("pending", "Ada@Example.com")
    assert house.get(f"{PATH}/{invitation['id']}").json == invitation
    assert house.get(f"{PATH}/by_token/{invitation['token']}").json == invitation
    assert house.get(f"{PATH}/by_token/unknown").status == 404


def test_the_event_of_an_invitation_holds_no_secret(house: House) -> None:
    invitation = _invite(house)

    event = house.events("invitation.created")[0]

    assert event["data"]["id"] == invitation["id"]
    assert invitation["token"] not in str(event)


@pytest.mark.parametrize(("days", "code"), [(0, "expires_in_days_too_short"), (31, "expires_in_days_too_long")])
def test_a_term_outside_a_month_is_refused(house: House, days: int, code: str) -> None:
    answer = house.post(PATH, {"email": "ada@example.com", "expires_in_days": days})

    assert (answer.status, answer.json["code"]) == (400, code)


@pytest.mark.parametrize(("member", "value"), [("email", "nonsense"), ("locale", "xx"), ("email", None)])
def test_a_malformed_member_is_refused(house: House, member: str, value: object) -> None:
    answer = house.post(PATH, {"email": "ada@example.com", member: value})

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, member)


def test_an_address_is_invited_once_at_a_time(house: House) -> None:
    organization_id = _organization(house)
    _invite(house)
    _invite(house, organization_id=organization_id)

    again = house.post(PATH, {"email": "ADA@example.com"})
    there = house.post(PATH, {"email": "ada@example.com", "organization_id": organization_id})

    assert again.json["code"] == "email_already_invited"
    assert there.json["code"] == "email_already_invited_to_organization"


def test_twenty_racers_send_one_invitation(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.post(PATH, {"email": "ada@example.com"}), range(20)))

    assert [answer.status for answer in answers].count(201) == 1
    assert len(house.get(PATH).json["data"]) == 1


def test_an_expired_invitation_makes_room_for_another(house: House) -> None:
    first = _invite(house, expires_in_days=1)

    house.clock.advance(days=1)
    _invite(house)

    assert house.get(f"{PATH}/{first['id']}").json["state"] == "expired"


def test_whoever_is_there_already_is_not_invited(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    house.post(MEMBERSHIPS, {"user_id": user["id"], "organization_id": organization_id})

    application = house.post(PATH, {"email": "ada@example.com"})
    organization = house.post(PATH, {"email": "ada@example.com", "organization_id": organization_id})

    assert application.json["code"] == "user_already_exists"
    assert organization.json["code"] == "user_already_organization_member"


def test_unknown_names_are_refused(house: House) -> None:
    organization_id = _organization(house)

    role = house.post(PATH, {"email": "a@example.com", "organization_id": organization_id, "role_slug": "x"})
    organization = house.post(PATH, {"email": "a@example.com", "organization_id": "org_x"})
    inviter = house.post(PATH, {"email": "a@example.com", "inviter_user_id": "user_x"})

    assert (role.status, role.json["code"]) == (400, "invalid_role")
    assert (organization.status, inviter.status) == (404, 404)


def _accept(house: House, invitation: dict[str, Any]) -> Answer:
    return house.call("POST", f"{PATH}/{invitation['id']}/accept", body=b"")


def test_accepting_makes_the_owner_of_the_address_a_member(house: House) -> None:
    user = house.create_user()
    invitation = _invite(house, organization_id=_organization(house), role_slug="admin")
    pending = house.get(MEMBERSHIPS, user_id=user["id"], statuses="pending").json["data"]

    accepted = _accept(house, invitation)

    assert [each["status"] for each in pending] == ["pending"]
    assert (accepted.status, accepted.json["state"]) == (200, "accepted")
    assert accepted.json["accepted_user_id"] == user["id"]
    member = house.get(MEMBERSHIPS, user_id=user["id"]).json["data"][0]
    assert (member["id"], member["role"]) == (pending[0]["id"], {"slug": "admin"})


def test_an_invitation_of_nobody_is_not_accepted_by_the_api(house: House) -> None:
    answer = _accept(house, _invite(house))

    assert (answer.status, answer.json["code"]) == (400, "invalid_invite")


def test_an_invitation_is_accepted_once(house: House) -> None:
    house.create_user()
    invitation = _invite(house, organization_id=_organization(house))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _accept(house, invitation), range(20)))

    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.json["code"] for answer in answers if answer.status != 200} <= {
        "invite_has_accepted_user_id",
        "invite_not_pending",
    }
    assert len(house.events("invitation.accepted")) == 1


def test_a_revoked_invitation_is_closed(house: House) -> None:
    user = house.create_user()
    invitation = _invite(house, organization_id=_organization(house))

    revoked = house.call("POST", f"{PATH}/{invitation['id']}/revoke", body=b"")

    assert (revoked.status, revoked.json["state"]) == (200, "revoked")
    assert _accept(house, invitation).json["code"] == "invite_not_pending"
    assert house.post(f"{PATH}/{invitation['id']}/revoke").json["code"] == "invite_not_pending"
    assert house.post(f"{PATH}/{invitation['id']}/resend").json["code"] == "invite_revoked"
    assert house.get(MEMBERSHIPS, user_id=user["id"], statuses="pending").json["data"] == []


def test_a_resent_invitation_keeps_its_token_and_begins_its_term_again(house: House) -> None:
    invitation = _invite(house)

    house.clock.advance(days=3)
    resent = house.post(f"{PATH}/{invitation['id']}/resend", {}).json

    assert resent["token"] == invitation["token"]
    assert resent["expires_at"] > invitation["expires_at"]
    assert len(house.events("invitation.resent")) == 1


def test_a_sign_in_accepts_the_invitation_it_brings(house: House) -> None:
    house.create_user()
    organization_id = _organization(house)
    invitation = _invite(house, organization_id=organization_id, role_slug="admin")

    answer = house.sign_in(invitation_token=invitation["token"])
    again = house.sign_in(invitation_token=invitation["token"])

    assert (answer.status, answer.json["organization_id"]) == (200, organization_id)
    assert house.get(f"{PATH}/{invitation['id']}").json["state"] == "accepted"
    assert (again.status, again.json["error"]) == (400, "invitation_invalid")


def test_twenty_sign_ins_with_one_invitation_make_one_membership(house: House) -> None:
    house.create_user()
    invitation = _invite(house, organization_id=_organization(house))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.sign_in(invitation_token=invitation["token"]), range(20)))

    assert [answer.status for answer in answers].count(200) == 1
    assert len(house.events("session.created")) == 1


def test_an_invitation_of_another_address_is_not_spent(house: House) -> None:
    house.create_user("eve@example.com")
    invitation = _invite(house, organization_id=_organization(house))

    answer = house.sign_in("eve@example.com", invitation_token=invitation["token"])

    assert (answer.status, answer.json["error"]) == (400, "invitation_cannot_be_used_for_email")
    assert house.get(f"{PATH}/{invitation['id']}").json["state"] == "pending"


def test_an_unfinished_sign_in_does_not_spend_the_invitation(house: House) -> None:
    house.create_user(email_verified=False)
    invitation = _invite(house, organization_id=_organization(house))

    asked = house.sign_in(invitation_token=invitation["token"])

    assert asked.json["code"] == "email_verification_required"
    assert house.get(f"{PATH}/{invitation['id']}").json["state"] == "pending"


def test_a_list_is_narrowed_by_address_and_organization(house: House) -> None:
    organization_id = _organization(house)
    first = _invite(house, organization_id=organization_id)
    second = _invite(house, "grace@example.com")

    by_email = house.get(PATH, email="GRACE@example.com").json["data"]
    by_organization = house.get(PATH, organization_id=organization_id).json["data"]

    assert [each["id"] for each in by_email] == [second["id"]]
    assert [each["id"] for each in by_organization] == [first["id"]]


def test_the_mail_of_an_invitation_leads_to_its_link_in_the_language_asked_for(house: House) -> None:
    invitation = _invite(house, organization_id=_organization(house), locale="de")

    answer = house.call("GET", "/_dev/inbox", query={"to": "ada@example.com"}, key=None)

    mail = answer.json["data"][0]
    assert invitation["accept_invitation_url"] in mail["text"]
    assert "Acme" in mail["html"]
    assert "eingeladen" in mail["subject"] + mail["text"]


def test_the_invitations_of_a_deleted_organization_are_gone(house: House) -> None:
    organization_id = _organization(house)
    invitation = _invite(house, organization_id=organization_id)

    house.delete(f"/organizations/{organization_id}")

    assert house.get(f"{PATH}/{invitation['id']}").status == 404
