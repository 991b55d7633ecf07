"""The official SDKs, unchanged, keep organizations and members on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.refusals import (
    CONFLICT,
    NOT_FOUND,
    UNPROCESSABLE,
    assert_invalid_grant,
    challenged,
    refused,
    refused_by_oauth,
    refused_with,
)

if TYPE_CHECKING:
    from tests.clients.journeys import Journey


def slugs(membership: dict[str, Any]) -> list[str]:
    """Name the roles of a membership."""
    return [role["slug"] for role in membership["roles"]]


def test_a_created_organization_has_all_that_was_given(journey: Journey) -> None:
    acme = journey.value("org_create")

    assert acme["id"].startswith("org_")
    assert acme["name"] == "Acme"
    assert acme["external_id"] == "crm-acme"
    assert acme["metadata"] == {"plan": "gold", "region": "us"}
    assert [(domain["domain"], domain["state"]) for domain in acme["domains"]] == [("acme.example", "verified")]


@pytest.mark.parametrize("step", ["org_get", "org_get_by_external_id"])
def test_an_organization_is_found_again(journey: Journey, step: str) -> None:
    assert journey.value(step) == journey.value("org_create")


def test_a_taken_external_id_is_refused(journey: Journey) -> None:
    refused_with(journey, "org_create_with_taken_external_id", "external_id_already_used")


def test_pages_of_organizations_follow_each_other_forward_and_back(journey: Journey) -> None:
    first, second, back = map(journey.value, ("org_list_first", "org_list_second", "org_list_back"))

    assert first["items"] == ["Vault", "Acme"]
    assert first["before"] is None
    assert first["after"] == journey.value("org_create")["id"]
    assert second["items"] == ["Beta", "Gamma"]
    assert second["before"] is not None
    assert second["after"] is None
    assert back == first


def test_organizations_are_filtered_by_domain(journey: Journey) -> None:
    assert journey.value("org_list_by_domain")["items"] == ["Acme"]


def test_an_update_of_an_organization_changes_what_it_names(journey: Journey) -> None:
    before, after = journey.value("org_create"), journey.value("org_update")

    assert after["name"] == "Acme Works"
    assert after["metadata"] == {"plan": "gold", "stage": "live"}
    assert after["external_id"] == before["external_id"]
    assert after["domains"] == before["domains"]
    assert after["updated_at"] > before["updated_at"]


def test_a_deleted_organization_is_gone(journey: Journey) -> None:
    journey.value("org_delete")

    refused(journey, "org_get_deleted", NOT_FOUND)


def test_a_role_gets_its_permissions(journey: Journey) -> None:
    assert journey.value("permission_create")["slug"] == "reports:read"
    assert journey.value("role_create")["permissions"] == []
    assert journey.value("role_set_permissions")["permissions"] == ["reports:read"]


def test_a_new_member_is_active_with_the_default_role(journey: Journey) -> None:
    membership = journey.value("member_create")

    assert membership["id"].startswith("om_")
    assert membership["status"] == "active"
    assert membership["organization_id"] == journey.value("org_create")["id"]
    assert membership["organization_name"] == "Acme Works"
    assert membership["directory_managed"] is False
    assert membership["role"]["slug"] == "member"
    assert slugs(membership) == ["member"]
    assert journey.value("member_get") == membership


def test_a_user_is_a_member_once(journey: Journey) -> None:
    assert refused(journey, "member_create_again", CONFLICT)["status"] == 409


def test_there_are_no_members_of_nothing_and_nobody_is_one(journey: Journey) -> None:
    refused(journey, "member_create_unknown_user", NOT_FOUND)
    refused(journey, "member_create_unknown_organization", NOT_FOUND)


def test_a_member_signs_in_to_the_organization(journey: Journey) -> None:
    answer, organization = journey.value("member_signs_in"), journey.value("org_create")["id"]

    assert answer["organization_id"] == organization
    assert answer["claims"]["org_id"] == organization
    assert answer["claims"]["role"] == "member"
    assert answer["claims"]["roles"] == ["member"]
    assert answer["claims"]["permissions"] == []


def test_a_new_role_is_in_the_token_after_the_next_refresh(journey: Journey) -> None:
    before, after = (journey.value(step)["claims"] for step in ("member_signs_in", "member_refreshes_promoted"))

    assert slugs(journey.value("member_update")) == ["editor"]
    assert (after["role"], after["roles"]) == ("editor", ["editor"])
    assert after["permissions"] == ["reports:read"]
    assert after["sid"] == before["sid"]
    assert after["auth_time"] == before["auth_time"]


def test_several_roles_are_led_by_the_one_of_highest_priority(journey: Journey) -> None:
    membership = journey.value("member_update_several")

    assert membership["role"]["slug"] == "member"
    assert slugs(membership) == ["member", "editor"]


def test_a_role_that_is_none_is_refused(journey: Journey) -> None:
    error = refused(journey, "member_update_unknown_role", UNPROCESSABLE)

    assert (error["status"], error["code"]) == (422, "invalid_role")


def test_a_session_cookie_tells_organization_roles_and_permissions(journey: Journey) -> None:
    session = journey.value("member_cookie")

    assert session["authenticated"] is True
    assert session["organization_id"] == journey.value("org_create")["id"]
    assert session["role"] == "member"
    assert session["roles"] == ["member", "editor"]
    assert session["permissions"] == ["reports:read"]


def test_sessions_are_listed_with_their_organization(journey: Journey) -> None:
    sessions = journey.value("member_sessions")

    assert len(sessions) == 2
    assert {session["organization_id"] for session in sessions} == {journey.value("org_create")["id"]}


def test_a_deactivated_member_stays_so_when_deactivated_again(journey: Journey) -> None:
    assert journey.value("deactivate")["status"] == "inactive"
    assert journey.value("deactivate_again") == journey.value("deactivate")


def test_a_deactivated_member_cannot_enter(journey: Journey) -> None:
    assert_invalid_grant(journey, journey.error("deactivated_refreshes"))
    outside = journey.value("deactivated_signs_in")

    assert outside.get("organization_id") is None
    assert "org_id" not in outside["claims"]
    assert "role" not in outside["claims"]
    refused_by_oauth(journey, "deactivated_enters", "organization_membership_not_found")


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("members_list", {"grace": "active"}),
        ("members_list_both", {"grace": "active", "hedy": "inactive"}),
        ("members_list_inactive", {"hedy": "inactive"}),
        ("members_list_pending", {}),
        ("members_list_by_user", {"grace": "active"}),
        ("members_list_first", {"grace": "active"}),
        ("members_list_second", {"hedy": "inactive"}),
    ],
)
def test_members_are_filtered_by_status_in_every_sdks_encoding(
    journey: Journey, step: str, found: dict[str, str]
) -> None:
    assert {item["who"]: item["status"] for item in journey.value(step)["items"]} == found


def test_pages_of_members_keep_their_filters(journey: Journey) -> None:
    first, second, back = map(journey.value, ("members_list_first", "members_list_second", "members_list_back"))

    assert back == first
    assert first["before"] is None
    assert first["after"] == journey.value("member_create")["id"]
    assert second["before"] == journey.value("deactivate")["id"]
    assert second["after"] is None


def test_users_are_filtered_by_organization_whatever_their_status_there(journey: Journey) -> None:
    assert journey.value("list_of_organization")["items"] == ["hedy@example.com", "grace@example.com"]


def test_members_of_everything_are_not_listed(journey: Journey) -> None:
    refused_with(journey, "members_list_of_nobody", "missing_user_id_or_organization_id")


def test_a_reactivated_member_enters_with_the_roles_of_before(journey: Journey) -> None:
    answer = journey.value("reactivated_signs_in")

    assert journey.value("reactivate")["status"] == "active"
    assert journey.value("reactivate_again") == journey.value("reactivate")
    assert answer["organization_id"] == journey.value("org_create")["id"]
    assert answer["claims"]["roles"] == ["editor"]


def test_a_member_of_two_organizations_chooses(journey: Journey) -> None:
    body = challenged(journey, "selection_required", "organization_selection_required")
    answer = journey.value("select")

    assert [organization["name"] for organization in body["organizations"]] == ["Acme Works", "Beta"]
    assert body["user"]["email"] == "grace@example.com"
    assert answer["organization_id"] == body["organizations"][1]["id"]
    assert answer["claims"]["org_id"] == answer["organization_id"]
    assert answer["authentication_method"] == "Password"


def test_a_choice_of_an_organization_is_made_once(journey: Journey) -> None:
    refused(journey, "select_unknown", NOT_FOUND)
    refused_with(journey, "select_wrong_pending", "invalid_pending_authentication_token")
    refused_with(journey, "select_again", "invalid_pending_authentication_token")


def test_a_refresh_goes_over_to_another_organization(journey: Journey) -> None:
    before, after = journey.value("select"), journey.value("switch")

    assert after["organization_id"] == journey.value("org_create")["id"]
    assert after["claims"]["roles"] == ["member", "editor"]
    assert after["claims"]["sid"] == before["claims"]["sid"]


def test_a_removed_member_is_out(journey: Journey) -> None:
    journey.value("member_delete")

    refused(journey, "member_get_deleted", NOT_FOUND)
    refused(journey, "member_delete_again", NOT_FOUND)
    assert_invalid_grant(journey, journey.error("removed_refreshes"))
    assert journey.value("removed_signs_in")["organization_id"] == journey.value("select")["organization_id"]
