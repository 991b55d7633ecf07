"""What a call puts on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatelodge import errors
from tests.sdk.faces import CLIENT, KEY, Client, Face
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.shapes import SESSION, SIGNED_IN, USER, page


def test_a_read_names_its_object_in_the_path_and_has_no_body(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=USER))

    user = client.get_user("user_01")

    assert user.email == "ada@example.com"
    assert (recorder.last.method, recorder.last.target) == ("GET", "/user_management/users/user_01")
    assert recorder.last.body == b""
    assert "content-type" not in recorder.last.headers


def test_every_sign_of_an_identifier_arrives_as_it_is(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=USER))

    client.get_user_by_external_id("a/b c?d#e%2F&=+ü")

    path = "/user_management/users/external_id/a%2Fb%20c%3Fd%23e%252F%26%3D%2B%C3%BC"
    assert recorder.last.target == path


def test_a_cookie_of_the_server_does_not_go_along_with_the_next_call(
    face: Face, make_client: Callable[..., Client], recorder: RecordingServer
) -> None:
    recorder.answer(Answer(body=USER, headers={"set-cookie": "session=of-one-user; Path=/"}))
    client = make_client()

    async def read_twice(um: Any) -> None:
        await um.get_user("user_01")
        await um.get_user("user_02")

    client.use(read_twice if face == "async" else lambda um: (um.get_user("user_01"), um.get_user("user_02")))

    assert len(recorder.asked) == 2
    assert "cookie" not in recorder.last.headers


def test_no_secret_of_a_call_stands_in_the_programs_own_log(
    client: Client, recorder: RecordingServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Security case 60, on the caller's side: at every level, the HTTP library's own lines included."""
    caplog.set_level(1)
    calls: list[Callable[[], Any]] = [
        lambda: client.authenticate_with_password("ada@example.com", password="SECRET"),
        lambda: client.authenticate_with_refresh_token("SECRET"),
        lambda: client.authenticate_with_code("SECRET", code_verifier="SECRET"),
        lambda: client.get_invitation_by_token("SECRET"),
        lambda: client.reset_password("SECRET", new_password="SECRET"),
        lambda: client.get_user("user_01"),
    ]
    for call in calls:
        with pytest.raises(errors.AnswerUnreadable) as caught:
            call()
        assert "SECRET" not in str(caught.value)

    assert len(recorder.asked) == len(calls)
    assert "/user_management/invitations/by_token/…" in caplog.text
    assert "/user_management/users/user_01" in caplog.text
    assert "SECRET" not in caplog.text
    assert KEY not in caplog.text


@pytest.mark.parametrize("identifier", ["", ".", ".."])
def test_an_identifier_that_would_name_another_path_is_refused_before_any_request(
    client: Client, recorder: RecordingServer, identifier: str
) -> None:
    for method in ("get_user", "get_user_by_external_id", "delete_user", "list_sessions", "update_user"):
        with pytest.raises(ValueError, match=r"must not be"):
            getattr(client, method)(identifier)

    assert recorder.asked == []


def test_an_identifier_that_is_no_text_is_refused_before_any_request(client: Client, recorder: RecordingServer) -> None:
    with pytest.raises(TypeError, match="user_id must be text, not NoneType"):
        client.get_user(None)

    assert recorder.asked == []


def test_filters_that_are_not_given_are_not_sent(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page()))

    client.list_users()
    client.list_users("ada+1@example.com", organization_id="org_01", limit=3, after="user_09", order="asc")

    assert [asked.target.partition("?")[2] for asked in recorder.asked] == [
        "",
        "limit=3&after=user_09&order=asc&email=ada%2B1%40example.com&organization_id=org_01",
    ]


def test_several_names_travel_in_one_value_joined_by_commas(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page()))

    client.list_events(["user.created", "user.deleted"])
    client.list_events("user.created")
    client.list_events([])

    queries = [asked.target.partition("?")[2] for asked in recorder.asked]
    assert queries == ["events=user.created%2Cuser.deleted", "events=user.created", ""]


def test_create_sends_what_is_given_and_nothing_else(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(status=201, body=USER))

    client.create_user("ada@example.com")
    client.create_user("ada@example.com", first_name="Ada", email_verified=False, metadata={"tier": "gold"})

    assert recorder.asked[0].json == {"email": "ada@example.com"}
    assert (recorder.last.method, recorder.last.target) == ("POST", "/user_management/users")
    assert recorder.last.headers["content-type"] == "application/json"
    assert recorder.last.json == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "email_verified": False,
        "metadata": {"tier": "gold"},
    }


def test_an_update_tells_clearing_from_leaving_alone(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=USER))

    client.update_user("user_01", first_name=None, external_id=None, metadata={"tier": None, "seat": "12"})

    assert (recorder.last.method, recorder.last.target) == ("PUT", "/user_management/users/user_01")
    assert recorder.last.json == {
        "first_name": None,
        "external_id": None,
        "metadata": {"tier": None, "seat": "12"},
    }


def test_the_key_goes_in_the_header_and_as_the_client_secret(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=SIGNED_IN))

    client.authenticate_with_password("ada@example.com", password="correct horse", ip_address="203.0.113.7")

    assert recorder.last.headers["authorization"] == f"Bearer {KEY}"
    assert recorder.last.json == {
        "grant_type": "password",
        "client_id": CLIENT,
        "client_secret": KEY,
        "email": "ada@example.com",
        "password": "correct horse",
        "ip_address": "203.0.113.7",
    }


def test_a_public_client_refreshes_without_any_secret(
    make_client: Callable[..., Client], recorder: RecordingServer
) -> None:
    recorder.answer(Answer(body=SIGNED_IN))

    make_client(api_key="").authenticate_with_refresh_token("old", organization_id="org_01")

    assert "authorization" not in recorder.last.headers
    assert recorder.last.json == {
        "grant_type": "refresh_token",
        "client_id": CLIENT,
        "refresh_token": "old",
        "organization_id": "org_01",
    }


@pytest.mark.parametrize(
    ("key", "verifier", "sent"),
    [
        ("", "verifier", {"code_verifier": "verifier"}),
        (KEY, None, {"client_secret": KEY}),
        (KEY, "verifier", {"client_secret": KEY, "code_verifier": "verifier"}),
    ],
)
def test_a_code_is_traded_with_what_is_there_to_prove_the_client(
    make_client: Callable[..., Client],
    recorder: RecordingServer,
    key: str,
    verifier: str | None,
    sent: dict[str, str],
) -> None:
    recorder.answer(Answer(body=SIGNED_IN))

    make_client(api_key=key).authenticate_with_code("code", code_verifier=verifier)

    assert ("authorization" in recorder.last.headers) == bool(key)
    assert recorder.last.json == {"grant_type": "authorization_code", "client_id": CLIENT, "code": "code", **sent}


@pytest.mark.parametrize("verifier", ["", " "])
def test_a_blank_verifier_is_refused_before_any_request(
    client: Client, recorder: RecordingServer, verifier: str
) -> None:
    with pytest.raises(ValueError, match="code_verifier"):
        client.authenticate_with_code("code", code_verifier=verifier)

    assert recorder.asked == []


def test_a_device_tells_its_client_and_no_secret_in_the_body(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=SIGNED_IN))

    client.authenticate_with_device_code("device")

    kind = "urn:ietf:params:oauth:grant-type:device_code"
    assert recorder.last.json == {"grant_type": kind, "client_id": CLIENT, "device_code": "device"}


def test_what_changes_a_role_tells_clearing_from_leaving_alone(client: Client, recorder: RecordingServer) -> None:
    role = {"id": "role_01", "slug": "lead", "name": "Lead", "type": "EnvironmentRole", "permissions": []}
    at = {"resource_type_slug": "organization", "created_at": "x", "updated_at": "x"}
    recorder.answer(Answer(body=role | at))

    client.update_environment_role("lead", description=None)

    assert (recorder.last.method, recorder.last.target) == ("PATCH", "/authorization/roles/lead")
    assert recorder.last.json == {"description": None}


def test_statuses_travel_in_one_value(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=page()))

    client.list_organization_memberships("user_01", statuses=["active", "pending"])

    assert recorder.last.target.partition("?")[2] == "user_id=user_01&statuses=active%2Cpending"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.get_user("user_01"),
        lambda client: client.list_users(),
        lambda client: client.create_user("ada@example.com"),
        lambda client: client.revoke_session("session_01"),
        lambda client: client.authenticate_with_password("ada@example.com", password="correct horse"),
        lambda client: client.authenticate_with_magic_auth("123456", email="ada@example.com"),
        lambda client: client.authenticate_with_email_verification("123456", pending_authentication_token="p"),
        lambda client: client.authenticate_with_totp(
            "123456", authentication_challenge_id="auth_challenge_01", pending_authentication_token="p"
        ),
        lambda client: client.authenticate_with_organization_selection("org_01", pending_authentication_token="p"),
        lambda client: client.authenticate_with_code("code"),
        lambda client: client.create_organization("Acme"),
        lambda client: client.send_invitation("ada@example.com"),
    ],
)
def test_a_public_client_is_told_before_any_request_what_needs_a_secret(
    make_client: Callable[..., Client], recorder: RecordingServer, call: Callable[[Client], object]
) -> None:
    with pytest.raises(errors.ApiKeyRequired, match="needs an API key"):
        call(make_client(api_key=""))

    assert recorder.asked == []


def test_signing_in_without_any_client_id_is_refused_before_any_request(
    make_client: Callable[..., Client], recorder: RecordingServer
) -> None:
    client = make_client(client_id="")

    with pytest.raises(errors.ClientIdRequired):
        client.authenticate_with_refresh_token("old")
    with pytest.raises(errors.ClientIdRequired):
        client.get_jwks()

    assert recorder.asked == []


def test_the_public_keys_are_asked_for_without_the_key(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body={"keys": []}))

    client.get_jwks()
    client.get_jwks("client_other")

    assert [asked.target for asked in recorder.asked] == [f"/sso/jwks/{CLIENT}", "/sso/jwks/client_other"]
    assert all("authorization" not in asked.headers for asked in recorder.asked)


def test_the_client_says_who_it_is(client: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=SESSION))

    client.revoke_session("session_01")

    assert recorder.last.headers["user-agent"].startswith("gatelodge-python/")
    assert recorder.last.headers["accept"] == "application/json"


@pytest.mark.parametrize("end", ["", "/"])
def test_a_base_url_may_have_a_path(make_client: Callable[..., Client], recorder: RecordingServer, end: str) -> None:
    recorder.answer(Answer(body=USER))

    make_client(base_url=f"{recorder.url}/auth{end}").get_user("user_01")

    assert recorder.last.target == "/auth/user_management/users/user_01"


def test_addresses_for_browsers_are_written_without_a_request(client: Client, recorder: RecordingServer) -> None:
    logout = client.get_logout_url("session_01", return_to="http://localhost:3000/bye?a=b c")
    keys = client.get_jwks_url()

    back = "http%3A%2F%2Flocalhost%3A3000%2Fbye%3Fa%3Db+c"
    start = f"{recorder.url}/user_management/sessions/logout?session_id=session_01"
    assert logout == f"{start}&return_to={back}"
    assert client.get_logout_url("session_01") == start
    assert keys == f"{recorder.url}/sso/jwks/{CLIENT}"
    assert recorder.asked == []


def test_there_is_no_address_to_sign_nobody_out(client: Client) -> None:
    with pytest.raises(ValueError, match="session_id"):
        client.get_logout_url("")
