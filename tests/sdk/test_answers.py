"""What a call makes of an answer: the shape, the same error class, and tolerance for other servers."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from gatelodge import errors
from tests.sdk.faces import Client
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.shapes import SESSION, SIGNED_IN, USER, page


@pytest.fixture
def refuse(make_client: Callable[..., Client], recorder: RecordingServer) -> Callable[..., Any]:
    """Give the error that an answer turns into."""

    def catch(status: int, body: Any, **headers: str) -> Any:
        recorder.answer(Answer(status=status, body=body, headers=headers))
        with pytest.raises(errors.GatelodgeError) as caught:
            make_client(retries=0).get_user("user_01")
        return caught.value

    return catch


def test_a_refusal_is_the_class_that_the_server_raised(refuse: Callable[..., Any]) -> None:
    error = refuse(404, {"code": "entity_not_found", "message": "User not found.", "entity_id": "user_01"})

    assert type(error) is errors.NotFound
    assert (error.message, error.entity_id, error.request_id) == ("User not found.", "user_01", "req_test")


def test_a_refusal_in_the_oauth_shape_is_its_own_class(refuse: Callable[..., Any]) -> None:
    error = refuse(400, {"error": "invalid_grant", "error_description": "The session has ended."})

    assert type(error) is errors.InvalidGrant
    assert error.message == "The session has ended."


def test_each_fault_of_a_request_is_typed(refuse: Callable[..., Any]) -> None:
    faults = [{"code": "required", "field": "email", "message": "email is required."}]
    error = refuse(422, {"code": "invalid_request_parameters", "message": "No.", "errors": faults})

    assert type(error) is errors.RequestInvalid
    assert [(fault.code, fault.field) for fault in error.errors] == [("required", "email")]


def test_the_last_line_of_a_traceback_says_what_is_wrong(refuse: Callable[..., Any]) -> None:
    def tell(*faults: object) -> str:
        return str(refuse(400, {"code": "user_creation_error", "message": "Could not create user.", "errors": faults}))

    said = {"code": "email_not_available", "message": "This email is not available."}
    assert tell(said) == "Could not create user. This email is not available."
    assert tell({"code": "required", "field": "email"}, {"code": "odd"}) == "Could not create user. email: required odd"
    assert tell("as others put it") == "Could not create user. as others put it"
    assert tell({"unheard": "of"}) == tell() == "Could not create user."


def test_a_step_that_is_needed_brings_what_it_takes_to_go_on(refuse: Callable[..., Any]) -> None:
    body = {
        "code": "email_verification_required",
        "message": "Verify.",
        "pending_authentication_token": "pending",
        "email": "ada@example.com",
        "email_verification_id": "email_verification_01",
    }

    for status in (403, 400):
        error = refuse(status, body)
        assert type(error) is errors.EmailVerificationRequired
        assert (error.status, error.pending_authentication_token) == (status, "pending")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (422, errors.RequestInvalid),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (503, errors.ServiceUnavailable),
    ],
)
def test_another_servers_refusal_without_a_code_is_known_by_its_status(
    refuse: Callable[..., Any], status: int, kind: type[errors.GatelodgeError]
) -> None:
    for body in ({"message": "Told."}, {"message": "Told.", "error": "Framework", "statusCode": status}):
        error = refuse(status, body)

        assert type(error) is kind
        assert (error.status, error.message) == (status, "Told.")


def test_what_another_server_leaves_out_of_a_refusal_is_absent(refuse: Callable[..., Any]) -> None:
    assert refuse(422, {"message": "No."}).errors == []
    assert refuse(404, {"message": "No."}).entity_id is None


def test_a_refusal_of_a_newer_server_is_told_as_it_came(refuse: Callable[..., Any]) -> None:
    error = refuse(409, {"code": "from_the_future", "message": "Not yet."})

    assert type(error) is errors.UnknownError
    assert (error.status, error.code, error.message) == (409, "from_the_future", "Not yet.")


def test_members_of_a_refusal_cannot_hide_what_every_error_has(refuse: Callable[..., Any]) -> None:
    body = {
        "error": "invalid_grant",
        "error_description": "Ended.",
        "message": "other",
        "status": 7,
        "args": 1,
        "retry_after": 5,
        "request_id": "forged",
        "with_traceback": None,
    }
    error = refuse(400, body)

    assert type(error) is errors.InvalidGrant
    assert (error.message, error.status, error.request_id) == ("Ended.", 400, "req_test")
    assert error.retry_after is None


@pytest.mark.parametrize("body", ["<h1>Bad gateway</h1>", "", [], "null"])
def test_a_refusal_that_is_no_object_says_what_came(refuse: Callable[..., Any], body: Any) -> None:
    error = refuse(502, body)

    assert type(error) is errors.UnknownError
    assert error.status == 502
    assert "HTTP 502" in error.message


def test_a_redirect_is_not_followed_and_says_where_it_leads(
    refuse: Callable[..., Any], recorder: RecordingServer
) -> None:
    error = refuse(301, {}, location="https://elsewhere.example/users")

    assert type(error) is errors.UnknownError
    assert error.status == 301
    assert len(recorder.asked) == 1


def travel(error: errors.GatelodgeError) -> Any:
    return pickle.loads(pickle.dumps(error))  # noqa: S301  # of our own making


def test_an_error_survives_its_way_to_another_process(refuse: Callable[..., Any]) -> None:
    known = travel(refuse(404, {"code": "entity_not_found", "message": "x", "entity_id": "u"}))
    unknown = travel(refuse(418, {"code": "teapot", "message": "Short."}))

    assert (type(known), known.entity_id, known.request_id) == (errors.NotFound, "u", "req_test")
    assert (unknown.status, unknown.code, unknown.message) == (418, "teapot", "Short.")


@pytest.mark.parametrize("body", ["<h1>Welcome</h1>", ""])
def test_a_success_that_is_no_json_is_an_error_of_its_own(client: Client, recorder: RecordingServer, body: str) -> None:
    recorder.answer(Answer(body=body))

    with pytest.raises(errors.AnswerUnreadable, match="no JSON") as caught:
        client.get_user("user_01")

    assert caught.value.request_id == "req_test"


def test_a_success_that_lacks_what_must_be_there_is_an_error_of_its_own(
    client: Client, recorder: RecordingServer
) -> None:
    recorder.answer(Answer(body={key: value for key, value in USER.items() if key != "email"}))

    with pytest.raises(errors.AnswerUnreadable, match="lacks email"):
        client.get_user("user_01")


def test_unknown_members_are_left_out_and_optional_ones_may_be_missing(
    client: Client, recorder: RecordingServer
) -> None:
    required = ("id", "email", "email_verified", "created_at", "updated_at")
    recorder.answer(Answer(body={key: USER[key] for key in required} | {"invented": {"later": 1}}))

    user = client.get_user("user_01")

    assert (user.email, user.first_name, user.metadata) == ("ada@example.com", None, {})


def test_words_of_a_newer_server_stay_as_they_came(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page({**SESSION, "auth_method": "telepathy", "organization_id": None}, SESSION)))

    sessions = client.list_sessions("user_01").data

    assert [session.auth_method for session in sessions] == ["telepathy", "password"]
    assert sessions[0].organization_id is None


def test_a_sign_in_answer_of_another_server_is_read(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body={**SIGNED_IN, "organization_id": None, "sealed_session": "x"}))

    response = client.authenticate_with_refresh_token("old")

    assert (response.user.id, response.access_token, response.refresh_token) == ("user_01", "a.b.c", "refresh")
    assert (response.organization_id, response.impersonator, response.oauth_tokens) == (None, None, None)


@pytest.mark.parametrize("body", ["", {}, {"success": True}])
def test_ending_a_session_works_on_servers_that_do_not_show_it(
    client: Client, recorder: RecordingServer, body: Any
) -> None:
    recorder.answer(Answer(body=body))

    assert client.revoke_session("session_01") is None


def test_deleting_gives_nothing_whatever_the_server_says(client: Client, recorder: RecordingServer) -> None:
    for answer in (Answer(status=204, body=""), Answer(status=200, body={"deleted": True})):
        recorder.answer(answer)
        assert client.delete_user("user_01") is None
