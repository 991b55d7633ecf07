"""The official SDKs, unchanged, prove addresses and reset passwords on a real server."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.refusals import (
    BAD_REQUEST,
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


def minutes(made: dict[str, Any]) -> float:
    """Tell how long something that expires was made to last."""
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    return lasts.total_seconds() / 60


def test_an_unproved_address_is_proved_to_finish_the_sign_in(journey: Journey) -> None:
    body = challenged(journey, "verification_required", "email_verification_required")
    found, answer = journey.value("verification_get"), journey.value("verification_grant")

    assert body["email"] == "lise@example.com"
    assert found["id"] == body["email_verification_id"]
    assert len(found["code"]) == 6
    assert minutes(found) == 10
    assert answer["user"]["email_verified"] is True
    assert answer["authentication_method"] == "Password"


def test_the_application_proves_an_address_itself(journey: Journey) -> None:
    sent, verified = journey.value("verification_send"), journey.value("verify")

    assert sent["email_verified"] is False
    assert journey.value("verification_mail") is True
    assert verified["id"] == sent["id"]
    assert verified["email_verified"] is True
    assert verified["last_sign_in_at"] is None


def test_unknown_ids_of_codes_are_not_found(journey: Journey) -> None:
    refused(journey, "verification_get_unknown", NOT_FOUND)
    refused(journey, "reset_get_unknown", NOT_FOUND)
    refused(journey, "magic_get_unknown", NOT_FOUND)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("verification_wrong", "invalid_one_time_code"),
        ("verification_wrong_pending", "invalid_pending_authentication_token"),
        ("verification_again", "invalid_pending_authentication_token"),
        ("verify_wrong", "email_verification_code_incorrect"),
        ("verify_again", "email_previously_verified"),
        ("send_to_verified", "email_already_verified"),
        ("magic_wrong", "invalid_one_time_code"),
        ("magic_other_address", "invalid_one_time_code"),
        ("magic_again", "one_time_code_previously_used"),
        ("magic_expired", "one_time_code_expired"),
    ],
)
def test_wrong_used_and_late_codes_fail_each_with_its_word(journey: Journey, step: str, code: str) -> None:
    refused_with(journey, step, code)


def test_a_mailed_code_signs_up_and_proves_the_address(journey: Journey) -> None:
    made, answer = journey.value("magic_create"), journey.value("magic")

    assert made["id"].startswith("magic_auth_")
    assert minutes(made) == 10
    assert answer["user"]["id"] == made["user_id"]
    assert answer["user"]["email_verified"] is True
    assert answer["authentication_method"] == "MagicAuth"


def test_a_magic_auth_is_found_again(journey: Journey) -> None:
    assert journey.value("magic_get")["code"] == journey.value("magic_create")["code"]


def test_a_mailed_code_brings_an_invitation_along(journey: Journey) -> None:
    refused_by_oauth(journey, "magic_create_uninvited", "invitation_invalid")
    if journey.sdk == "python-v5":
        assert not journey.took("magic_invited"), "this SDK's grant was thought to take no invitation"
        return
    answer = journey.value("magic_invited")

    assert answer["user"]["id"] == journey.value("magic_create_invited")["user_id"]
    assert answer["organization_id"] == journey.value("select")["organization_id"]
    assert answer["claims"]["org_id"] == answer["organization_id"]


def test_a_code_is_mailed_to_addresses_only(journey: Journey) -> None:
    refused(journey, "magic_create_malformed", UNPROCESSABLE)


def test_a_password_reset_has_a_link(journey: Journey) -> None:
    made = journey.value("reset_create")

    assert made["email"] == "olga@example.com"
    assert parse_qs(urlsplit(made["password_reset_url"]).query)["token"] == [made["password_reset_token"]]
    assert journey.value("reset_get") == made
    refused(journey, "reset_create_unknown", NOT_FOUND)


def test_a_reset_password_is_the_only_one(journey: Journey) -> None:
    user = journey.value("reset")
    refused_with(journey, "reset_old_password", "invalid_credentials")

    assert journey.value("reset_new_password")["user"]["id"] == user["id"]


def test_a_reset_ends_the_sessions_of_before(journey: Journey) -> None:
    assert_invalid_grant(journey, journey.error("reset_old_session"))
    assert journey.value("reset_sessions") == []


@pytest.mark.parametrize("step", ["reset_weak", "reset_again", "reset_expired"])
def test_a_reset_that_may_not_be_says_why(journey: Journey, step: str) -> None:
    error = refused(journey, step, BAD_REQUEST)

    assert (error["status"], error["code"]) == (400, "password_reset_error")
    assert error["errors"]


def test_an_invitation_expires(journey: Journey) -> None:
    assert journey.value("invite_expired")["state"] == "expired"


def test_the_events_tell_all_of_it(journey: Journey) -> None:
    events = journey.value("story_events")
    counted = Counter(event["event"] for event in events)
    # What is told only where the grants take an invitation: one by password, one by a mailed code.
    invited = 0 if journey.sdk == "python-v5" else 1

    assert len({event["id"] for event in events}) == len(events)
    assert counted == {
        "authentication.email_verification_succeeded": 2,
        "authentication.magic_auth_failed": 4,
        "authentication.magic_auth_succeeded": 1 + invited,
        "authentication.mfa_succeeded": 2,
        "authentication.password_failed": 1 + invited,
        "authentication.password_succeeded": 18 + invited,
        "email_verification.created": 2,
        "invitation.accepted": 2 + 2 * invited,
        "invitation.created": 8,
        "invitation.resent": 1,
        "invitation.revoked": 2,
        "magic_auth.created": 3,
        "organization.created": 4,
        "organization.deleted": 1,
        "organization.updated": 1,
        "organization_membership.created": 7 + 2 * invited,
        "organization_membership.deleted": 2,
        "organization_membership.updated": 6,
        "password_reset.created": 2,
        "password_reset.succeeded": 1,
        "permission.created": 1,
        "role.created": 1,
        "session.created": 18 + 2 * invited,
        "session.revoked": 6,
        "user.created": 11 + invited,
        "user.updated": 3 + invited,
    }


def test_the_events_hold_no_secret(journey: Journey) -> None:
    told = json.dumps(journey.value("story_events"))
    invited, reset = journey.value("invite"), journey.value("reset_create")
    enrolled = journey.value("factor_enroll")["authentication_factor"]
    secrets = (invited["token"], reset["password_reset_token"], enrolled["totp"]["secret"])

    # Six digits may stand anywhere by chance, but not as a value.
    codes = tuple(f'"{journey.value(step)["code"]}"' for step in ("verification_get", "magic_create"))
    assert [place for place, secret in enumerate((*secrets, *codes)) if secret in told] == []
