"""The official SDKs, unchanged, live a user's life on a real server; each test looks at one part of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.refusals import (
    BAD_REQUEST,
    NOT_FOUND,
    PLAIN_400,
    UNAUTHORIZED,
    UNPROCESSABLE,
    assert_invalid_grant,
    code_of,
    refused,
    refused_with,
)

if TYPE_CHECKING:
    from tests.clients.journeys import Journey


def test_a_created_user_has_all_that_was_given(journey: Journey) -> None:
    user = journey.value("create")

    assert user["id"].startswith("user_")
    assert user["email"].lower() == "ada@example.com"
    assert user["email_verified"] is True
    assert (user["first_name"], user["last_name"]) == ("Ada", "Lovelace")
    assert user["external_id"] == "crm/47 11?x=%41&y#z:*~"
    assert user["metadata"] == {"tier": "gold", "region": "eu"}
    assert user["last_sign_in_at"] is None


def test_a_user_is_found_by_its_id(journey: Journey) -> None:
    assert journey.value("get") == journey.value("create")


def test_a_user_is_found_by_an_external_id_of_odd_characters(journey: Journey) -> None:
    assert journey.value("get_by_external_id") == journey.value("create")


@pytest.mark.parametrize("step", ["get_unknown", "get_by_unknown_external_id"])
def test_an_unknown_user_is_not_found(journey: Journey, step: str) -> None:
    error = refused(journey, step, NOT_FOUND)

    assert error["status"] == 404
    assert error["code"] == "entity_not_found"


def test_a_taken_address_is_refused_whatever_its_case(journey: Journey) -> None:
    error = refused(journey, "create_with_taken_email", BAD_REQUEST)

    assert error["code"] == "user_creation_error"
    assert [inner["code"] for inner in error["errors"]] == ["email_not_available"]


def test_a_weak_password_is_refused(journey: Journey) -> None:
    error = refused(journey, "create_with_weak_password", BAD_REQUEST)

    assert error["code"] == "password_strength_error"
    assert error["errors"]


def test_a_malformed_address_is_refused(journey: Journey) -> None:
    error = refused(journey, "create_with_malformed_email", UNPROCESSABLE)

    assert error["status"] == 422
    assert error["code"] == "invalid_request_parameters"


def test_a_wrong_api_key_is_refused(journey: Journey) -> None:
    assert refused(journey, "wrong_api_key", UNAUTHORIZED)["status"] == 401


def numbered(first: int, last: int) -> list[str]:
    """Name the users that the journey numbered."""
    return [f"user{number:02}@example.org" for number in range(first, last + 1)]


def test_a_list_is_filtered_by_address_whatever_its_case(journey: Journey) -> None:
    found = journey.value("list_by_email")

    assert found["items"] == ["ada@example.com"]
    assert (found["before"], found["after"]) == (None, None)


def test_an_unknown_organization_has_no_users(journey: Journey) -> None:
    assert journey.value("list_of_unknown_organization")["items"] == []


def test_pages_follow_each_other_forward_and_back(journey: Journey) -> None:
    first, second, back = (journey.value(step) for step in ("list_first_page", "list_second_page", "list_back"))

    assert first["items"][1:] == numbered(1, 4)
    assert first["before"] is None
    assert second["items"] == numbered(5, 9)
    assert second["before"] is not None
    assert second["after"] is not None
    assert back["items"] == first["items"]
    assert back["before"] is None
    assert back["after"] == first["after"]


def test_the_newest_users_come_first_unless_asked_otherwise(journey: Journey) -> None:
    assert journey.value("list_newest_first")["items"] == ["user12@example.org", "user11@example.org"]


def test_the_sdks_own_pagination_finds_every_user_once(journey: Journey) -> None:
    emails = journey.value("list_all_automatically")

    assert [email.lower() for email in emails] == [*reversed(numbered(1, 12)), "ada@example.com"]


def test_a_cursor_that_is_none_is_refused(journey: Journey) -> None:
    assert refused(journey, "list_with_foreign_cursor", UNPROCESSABLE)["status"] == 422


def test_an_update_changes_what_it_names_and_merges_metadata(journey: Journey) -> None:
    before, after = journey.value("create"), journey.value("update")

    assert after["first_name"] == "Augusta"
    assert after["last_name"] == before["last_name"]
    assert after["locale"] == "en-GB"
    assert after["metadata"] == {"tier": "gold", "plan": "team"}
    assert after["external_id"] == before["external_id"]
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] > before["updated_at"]


def test_null_clears_metadata_and_external_id(journey: Journey) -> None:
    if journey.sdk == "python-v5":
        assert not journey.took("update_clears_metadata"), "this SDK was thought unable to send null"
        return

    assert journey.value("update_clears_metadata")["metadata"] == {}
    assert journey.value("update_clears_external_id")["external_id"] is None


def test_an_update_to_a_taken_address_is_refused(journey: Journey) -> None:
    error = journey.error("update_with_taken_email")

    assert error["class"] in {PLAIN_400[journey.family], BAD_REQUEST[journey.family]}
    assert error["status"] == 400
    assert code_of(error) == "email_not_available"


def test_a_password_that_another_system_hashed_signs_in(journey: Journey) -> None:
    created, answer = journey.value("create_with_hash"), journey.value("hash_signs_in")

    assert answer["user"]["id"] == created["id"]
    assert answer["authentication_method"] == "Password"
    error = journey.error("create_with_broken_hash")
    assert (error["status"], error["body"]["code"]) == (400, "invalid_password_hash")


def test_a_changed_password_is_the_only_one(journey: Journey) -> None:
    assert journey.value("update_password")["id"] == journey.value("create_with_hash")["id"]
    refused_with(journey, "replaced_password", "invalid_credentials")

    assert journey.value("new_password")["user"]["email"] == "grete@example.com"


def test_a_wrong_password_and_an_unknown_user_are_told_alike(journey: Journey) -> None:
    wrong = refused(journey, "wrong_password", PLAIN_400)
    unknown = refused(journey, "unknown_user", PLAIN_400)

    assert (wrong["status"], code_of(wrong)) == (400, "invalid_credentials")
    assert (unknown["status"], code_of(unknown)) == (400, "invalid_credentials")
    assert wrong["message"] == unknown["message"]


def test_an_unverified_address_is_a_challenge_that_can_be_answered(journey: Journey) -> None:
    classes = {
        "node-v8": "GenericServerException",
        "node-v10": "AuthenticationException",
        "node-v11": "AuthenticationException",
        "python-v5": "EmailVerificationRequiredException",
        "python-v10": "EmailVerificationRequiredError",
    }

    error = journey.error("unverified_email")

    assert error["class"] == classes[journey.sdk]
    assert error["status"] == 403
    assert code_of(error) == "email_verification_required"
    assert error["body"]["pending_authentication_token"]
    assert error["body"]["email_verification_id"].startswith("email_verification_")
    assert error["body"]["email"] == "unverified@example.com"


@pytest.mark.parametrize("sdk_reads", ["pending_authentication_token", "email_verification_id"])
def test_a_challenges_members_reach_the_sdks_error(journey: Journey, sdk_reads: str) -> None:
    readers = {
        "pending_authentication_token": {"node-v10", "node-v11", "python-v10"},
        "email_verification_id": {"python-v5", "python-v10"},
    }
    error = journey.error("unverified_email")

    assert bool(error.get(sdk_reads)) is (journey.sdk in readers[sdk_reads])


def test_the_right_password_signs_in(journey: Journey) -> None:
    answer = journey.value("sign_in")

    assert answer["user"]["id"] == journey.value("create")["id"]
    assert answer["authentication_method"] == "Password"
    assert answer["user"]["last_sign_in_at"] is not None


def test_the_access_token_verifies_against_the_jwks(journey: Journey) -> None:
    token = journey.value("access_token")
    header, claims = token["protected_header"], token["payload"]

    assert header["alg"] == "RS256"
    assert header["kid"]
    assert claims["sub"] == journey.value("create")["id"]
    assert claims["sid"].startswith("session_")
    assert claims["jti"]
    assert claims["exp"] - claims["iat"] == 300
    assert claims["auth_time"] <= claims["iat"]
    assert urlsplit(claims["iss"]).port == urlsplit(journey.base_url).port
    assert "org_id" not in claims


def test_the_keys_are_where_the_sdk_looks(journey: Journey) -> None:
    assert journey.value("jwks_url") == f"{journey.base_url}/sso/jwks/{journey.client_id}"
    if journey.took("jwks"):
        (key,) = journey.value("jwks")["keys"]
        assert key["x5c"]
        assert key["kid"] == journey.value("access_token")["protected_header"]["kid"]


def test_a_sealed_session_authenticates(journey: Journey) -> None:
    session = journey.value("session_authenticates")

    assert session["authenticated"] is True
    assert session["session_id"].startswith("session_")
    assert session["user"]["email"].lower() == "ada@example.com"


def test_a_sealed_session_refreshes_and_stays_the_same_session(journey: Journey) -> None:
    before, refreshed = journey.value("session_authenticates"), journey.value("session_refreshes")
    after = journey.value("refreshed_session_authenticates")

    assert refreshed["authenticated"] is True
    assert after["authenticated"] is True
    assert before["session_id"] == refreshed["session_id"] == after["session_id"]


def assert_no_session(session: dict[str, Any], reason: str) -> None:
    """See that a cookie was not taken for a session, and why."""
    assert session["authenticated"] is False
    assert session["reason"] == reason


def test_a_tampered_cookie_and_a_foreign_seal_are_no_session(journey: Journey) -> None:
    assert_no_session(journey.value("tampered_session"), "invalid_session_cookie")
    assert_no_session(journey.value("session_with_wrong_password"), "invalid_session_cookie")


def test_a_sealed_session_is_not_loaded_without_a_password(journey: Journey) -> None:
    assert journey.error("session_without_password")["status"] is None


def test_a_cookie_authenticates_at_one_go(journey: Journey) -> None:
    if journey.sdk == "python-v5":
        assert not journey.took("session_cookie"), "this SDK was thought to load sessions only"
        return
    session, loaded = journey.value("session_cookie"), journey.value("session_authenticates")

    assert session["authenticated"] is True
    assert (session["session_id"], session["user"]) == (loaded["session_id"], loaded["user"])
    assert_no_session(journey.value("tampered_session_cookie"), "invalid_session_cookie")
    assert_no_session(journey.value("empty_session_cookie"), "no_session_cookie_provided")


@pytest.mark.parametrize("step", ["logout_url", "session_logout_url"])
def test_a_logout_address_names_the_session(journey: Journey, step: str) -> None:
    address = urlsplit(journey.value(step))

    assert f"{address.scheme}://{address.netloc}" == journey.base_url
    assert address.path == "/user_management/sessions/logout"
    assert parse_qs(address.query)["session_id"][0].startswith("session_")


def test_a_logged_out_session_cannot_be_refreshed(journey: Journey) -> None:
    outcome = journey.value("sealed_refresh_after_logout")

    assert outcome["status"] < 400
    assert outcome["authenticated"] is False
    assert "invalid_grant" in outcome["reason"]


def test_a_refresh_gives_a_new_pair(journey: Journey) -> None:
    first, second = journey.value("sign_in"), journey.value("refresh")

    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]


def test_a_retired_token_replayed_at_once_gives_the_same_pair(journey: Journey) -> None:
    rotated = journey.value("refresh")

    pair = {name: rotated[name] for name in ("access_token", "refresh_token")}
    assert journey.value("replay_at_once") == pair
    assert journey.value("replays_in_parallel") == [pair] * 8


def test_a_retired_token_replayed_late_is_refused_and_ends_the_family(journey: Journey) -> None:
    outcome = journey.value("replay_too_late")

    assert_invalid_grant(journey, outcome["late"])
    assert_invalid_grant(journey, outcome["successor"])


def test_a_token_that_was_never_issued_is_refused(journey: Journey) -> None:
    assert_invalid_grant(journey, journey.error("refresh_with_nonsense"))


def test_sessions_are_listed_with_where_they_began(journey: Journey) -> None:
    sessions = journey.value("list_sessions")
    here = journey.value("access_token")["payload"]["sid"]
    sealed = journey.value("session_authenticates")["session_id"]

    assert [session["id"] for session in sessions] == [sealed, here]
    for session in sessions:
        assert session["status"] == "active"
        assert session["auth_method"] == "password"
        assert session["ip_address"] == "203.0.113.7"
        assert session["user_agent"] == "journey"
        assert session["user_id"] == journey.value("create")["id"]
        assert session["ended_at"] is None


def test_pages_of_sessions_follow_each_other_forward_and_back(journey: Journey) -> None:
    newer, older = (session["id"] for session in journey.value("list_sessions"))
    first, second, back = map(journey.value, ("sessions_first", "sessions_second", "sessions_back"))

    assert (first["items"], first["before"], first["after"]) == ([older], None, older)
    assert (second["items"], second["before"], second["after"]) == ([newer], newer, None)
    assert back == first
    refused(journey, "sessions_of_unknown_user", NOT_FOUND)


def test_a_sign_out_ends_the_session_and_sends_the_browser_home(journey: Journey) -> None:
    outcome = journey.value("sign_out_and_return")

    assert parse_qs(urlsplit(outcome["address"]).query)["return_to"] == [outcome["location"]]
    assert outcome["status"] == 302
    assert_invalid_grant(journey, outcome["refresh"])


def test_a_revoked_session_cannot_be_refreshed(journey: Journey) -> None:
    journey.value("revoke")
    journey.value("revoke_again")

    assert_invalid_grant(journey, journey.error("refresh_after_revoke"))
    assert journey.value("list_sessions_after") == []


def test_an_unknown_session_is_not_found(journey: Journey) -> None:
    assert refused(journey, "revoke_unknown", NOT_FOUND)["status"] == 404


def test_a_deleted_user_is_gone_with_its_sessions(journey: Journey) -> None:
    journey.value("delete")

    refused(journey, "get_deleted", NOT_FOUND)
    refused(journey, "delete_again", NOT_FOUND)
    assert_invalid_grant(journey, journey.error("refresh_of_deleted"))


def test_the_events_tell_the_whole_life_in_order(journey: Journey) -> None:
    events = journey.value("events")
    counted = Counter(event["event"] for event in events)
    moments = [event["created_at"] for event in events]

    assert counted["user.created"] == 15
    assert counted["user.updated"] == (2 if journey.sdk == "python-v5" else 4)
    assert counted["user.deleted"] == 1
    # Ada: plain, sealed, to sign out, to be deleted. Grete: with either password.
    assert counted["session.created"] == 6
    assert counted["session.revoked"] >= 3
    assert len({event["id"] for event in events}) == len(events)
    assert moments == sorted(moments)
    assert events[0]["event"] == "user.created"
    assert journey.value("events_of_one_name") == [journey.value("create")["id"]]
