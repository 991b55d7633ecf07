"""The official SDKs, unchanged, use second factors on a real server."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.refusals import NOT_FOUND, challenged, refused, refused_with

if TYPE_CHECKING:
    from tests.clients.journeys import Journey


def test_an_enrolled_authenticator_app_has_its_secret_once(journey: Journey) -> None:
    enrolled = journey.value("factor_enroll")
    factor, challenge = enrolled["authentication_factor"], enrolled["authentication_challenge"]
    picture = factor["totp"]["qr_code"].removeprefix("data:image/png;base64,")

    assert factor["type"] == "totp"
    assert factor["user_id"].startswith("user_")
    assert (factor["totp"]["issuer"], factor["totp"]["user"]) == ("Acme", "rosa")
    assert parse_qs(urlsplit(factor["totp"]["uri"]).query)["secret"] == [factor["totp"]["secret"]]
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    assert challenge["authentication_factor_id"] == factor["id"]
    for shown in (journey.value("factor_list")["items"][0], journey.value("factor_get")):
        assert shown["id"] == factor["id"]
        assert factor["totp"]["secret"] not in json.dumps(shown)


def test_a_challenge_tells_a_right_code_from_a_wrong_one(journey: Journey) -> None:
    assert journey.value("factor_verify_wrong")["valid"] is False
    assert journey.value("factor_verify")["valid"] is True


def test_who_has_a_factor_is_asked_for_it(journey: Journey) -> None:
    body = challenged(journey, "factor_required", "mfa_challenge")
    answer, factor = journey.value("totp"), journey.value("factor_get")

    assert [(one["id"], one["type"]) for one in body["authentication_factors"]] == [(factor["id"], "totp")]
    assert body["user"]["email"] == "rosa@example.com"
    assert journey.value("factor_challenge")["authentication_factor_id"] == factor["id"]
    assert answer["user"]["id"] == body["user"]["id"]
    assert answer["authentication_method"] == "Password"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("totp_wrong", "invalid_one_time_code"),
        ("totp_wrong_pending", "invalid_pending_authentication_token"),
        ("totp_used_step", "one_time_code_previously_used"),
        ("totp_again", "invalid_pending_authentication_token"),
    ],
)
def test_wrong_and_used_codes_fail_each_with_its_word(journey: Journey, step: str, code: str) -> None:
    refused_with(journey, step, code)


def test_pages_of_factors_follow_each_other_forward_and_back(journey: Journey) -> None:
    first, second, back = map(journey.value, ("factors_first", "factors_second", "factors_back"))
    factor = journey.value("factor_get")

    assert (first["items"], first["before"], first["after"]) == ([factor["id"]], None, factor["id"])
    assert second["items"] != first["items"]
    assert (second["before"], second["after"]) == (second["items"][0], None)
    assert back == first


def test_nobody_has_no_factors(journey: Journey) -> None:
    refused(journey, "factor_enroll_unknown", NOT_FOUND)
    refused(journey, "factor_list_of_unknown", NOT_FOUND)


def test_a_deleted_factor_is_asked_for_no_more(journey: Journey) -> None:
    journey.value("factor_delete")

    assert journey.value("factor_list_after")["items"] == []
    assert journey.value("factor_free")["user"]["email"] == "rosa@example.com"


def test_who_enters_an_organization_that_demands_a_factor_enrolls_one(journey: Journey) -> None:
    body = challenged(journey, "enrollment_required", "mfa_enrollment")
    answer, imported = journey.value("enrollment_totp"), journey.value("factor_import")

    assert body["user"]["email"] == "sofia@example.com"
    assert imported["authentication_factor"]["totp"]["secret"] == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    assert answer["organization_id"].startswith("org_")
    assert answer["claims"]["org_id"] == answer["organization_id"]


def test_a_text_message_brings_a_code(journey: Journey) -> None:
    factor, challenge = journey.value("sms_enroll"), journey.value("sms_challenge")

    assert factor["sms"]["phone_number"].startswith("+4915112345")
    assert challenge["expires_at"] is not None
    assert challenge.get("code") is None
    assert journey.value("sms_text").startswith("Code: ")
    assert journey.value("sms_verify")["valid"] is True
