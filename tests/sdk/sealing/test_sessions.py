"""A session from its sign-in to its end, as a program with a cookie lives through it (contract page 31 §4-6)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gatelodge import SessionFailureReason, UserManagement, errors, seal_session, unseal_session
from gatelodge.sdk.sealing.cookies import open_cookie
from tests.conftest import FreshDatabase
from tests.sdk.faces import NOW, Client, Face
from tests.sdk.household import Home, at_home
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.sealing.conftest import Place
from tests.sdk.sealing.issuing import CLAIMS, PASSWORD, Issuer, seal

KEY, OTHER_KEY = (base64.urlsafe_b64encode(letter * 32).decode() for letter in (b"k", b"o"))
ADA = {"email": "ada@example.com", "password": "seventeen yellow herons"}
SEALED = {"seal_session": True, "cookie_password": KEY}


@dataclass
class Loaded:
    """A session of either face, whose methods are called as plain functions."""

    home: Home
    session: Any

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**members: Any) -> Any:
            given = getattr(self.session, name)(**members)
            loop = self.home.um._loop
            return loop.run(given) if loop is not None else given

        return call


@pytest.fixture
def home(face: Face, fresh_database: FreshDatabase) -> Iterator[Home]:
    with at_home(face, fresh_database("sqlite")) as home:
        home.um.create_user(ADA["email"], password=ADA["password"], email_verified=True)
        yield home


@pytest.fixture
def load(home: Home) -> Callable[..., Loaded]:
    def load_one(cookie: str | None, password: Any = KEY) -> Loaded:
        return Loaded(home, home.um.load_sealed_session(cookie, cookie_password=password))

    return load_one


def sign_in(home: Home, **seal_options: Any) -> Any:
    return home.um.authenticate_with_password(
        ADA["email"], password=ADA["password"], session={**SEALED, **seal_options}
    )


def test_a_sign_in_gives_a_cookie_and_the_cookie_tells_who_is_there(home: Home, load: Callable[..., Loaded]) -> None:
    response = sign_in(home)
    verdict = load(response.sealed_session).authenticate()

    assert verdict.authenticated is True
    assert bool(verdict) is True
    assert verdict.user == response.user
    assert verdict.access_token == response.access_token
    assert verdict.session_id == home.um.list_sessions(response.user.id).data[0].id
    assert home.um.authenticate_with_session_cookie(response.sealed_session, cookie_password=KEY) == verdict


def test_a_session_is_sealed_only_when_that_is_asked_for(home: Home) -> None:
    plain = home.um.authenticate_with_password(ADA["email"], password=ADA["password"])

    assert plain.sealed_session is None
    assert sign_in(home, seal_session=False).sealed_session is None


@pytest.mark.parametrize("seal_format", ["iron", "fernet", "go", "ruby"])
def test_a_refresh_gives_new_tokens_in_the_format_of_the_old_cookie(
    seal_format: str, home: Home, load: Callable[..., Loaded]
) -> None:
    response = sign_in(home, seal_format=seal_format)
    home.clock.advance(minutes=10)
    session = load(response.sealed_session)
    assert session.authenticate().reason == "invalid_jwt"

    verdict = session.refresh()

    assert verdict.authenticated is True
    assert verdict.session.refresh_token != response.refresh_token
    opened = open_cookie(verdict.sealed_session, [KEY], now=NOW)
    assert opened is not None
    assert opened.seal_format == seal_format
    assert opened.session.refresh_token == verdict.session.refresh_token
    assert session.session.session_data == verdict.sealed_session
    assert session.authenticate().session_id == verdict.session_id
    shown = f"{response!r} {verdict!r} {session.session!r} {opened.session!r}"
    assert not [secret for secret in (response.access_token, response.refresh_token, verdict.access_token, KEY,
                verdict.session.refresh_token, verdict.sealed_session) if secret in shown]  # fmt: skip


def test_a_password_is_changed_without_signing_anybody_out(home: Home, load: Callable[..., Loaded]) -> None:
    old = sign_in(home).sealed_session

    session = load(old, [OTHER_KEY, KEY])
    assert session.authenticate().authenticated
    by_order = session.refresh().sealed_session
    by_word = load(by_order, OTHER_KEY).refresh(cookie_password=KEY).sealed_session

    assert load(by_order, OTHER_KEY).authenticate().authenticated
    assert load(by_order, KEY).authenticate().reason == "invalid_session_cookie"
    assert load(by_word, KEY).authenticate().authenticated


def test_another_organization_can_be_chosen_at_a_refresh(home: Home, load: Callable[..., Loaded]) -> None:
    response = sign_in(home)
    organization = home.um.create_organization("Analytical Engines")
    home.um.create_organization_membership(user_id=response.user.id, organization_id=organization.id)
    session = load(response.sealed_session)

    chosen = session.refresh(organization_id=organization.id)
    kept = session.refresh()
    elsewhere = session.refresh(organization_id="org_01JJJJJJJJJJJJJJJJJJJJJJJJ")

    assert chosen.organization_id == kept.organization_id == organization.id
    assert (chosen.role, chosen.roles) == ("member", ("member",))
    assert elsewhere.authenticated is False
    assert (elsewhere.reason, elsewhere.retryable) == ("refresh_denied", False)
    assert isinstance(elsewhere.error, errors.GatelodgeError)
    assert session.authenticate().organization_id == organization.id


def test_an_ended_session_is_refused_at_its_refresh(home: Home, load: Callable[..., Loaded]) -> None:
    session = load(sign_in(home).sealed_session)
    home.um.revoke_session(session.authenticate().session_id)

    assert session.authenticate().authenticated
    refused = session.refresh()

    assert refused.authenticated is False
    assert refused.reason is SessionFailureReason.INVALID_GRANT
    assert isinstance(refused.error, errors.InvalidGrant)


def test_a_session_can_be_ended_after_its_access_token_has_expired(home: Home, load: Callable[..., Loaded]) -> None:
    session = load(sign_in(home).sealed_session)
    session_id = session.authenticate().session_id
    home.clock.advance(days=1)

    url = urlsplit(session.get_logout_url(return_to="https://app.example.com/bye?a=1&b=2"))

    assert url.path == "/user_management/sessions/logout"
    assert parse_qs(url.query) == {"session_id": [session_id], "return_to": ["https://app.example.com/bye?a=1&b=2"]}


def test_an_embedded_client_knows_its_issuer(face: Face, fresh_database: FreshDatabase) -> None:
    url = fresh_database("sqlite")
    with at_home(face, url) as home:
        home.um.create_user(ADA["email"], password=ADA["password"], email_verified=True)
        cookie = sign_in(home).sealed_session
        assert home.um.authenticate_with_session_cookie(cookie, cookie_password=KEY).authenticated

    with at_home(face, url, issuer="{base_url}/elsewhere") as moved:
        assert moved.um.authenticate_with_session_cookie(cookie, cookie_password=KEY).reason == "invalid_jwt"
        renewed = sign_in(moved).sealed_session
        assert moved.um.authenticate_with_session_cookie(renewed, cookie_password=KEY).authenticated


@pytest.mark.parametrize(
    "cookie",
    [
        *(None, "", "x", "gAAAAAAA", "Fe26.2*1*2*3*4*5*6*7~2", "AQ==", "\u00e9", "x" * 9999),
        *(b"x", b"Fe26.2*1*2*3*4*5*6*7~2", 7, ["x"], {"x": 1}, True),
    ],
)
def test_a_bad_cookie_is_a_verdict_and_never_an_error(cookie: Any, load: Callable[..., Loaded]) -> None:
    session = load(cookie)
    expected = "invalid_session_cookie" if cookie else "no_session_cookie_provided"

    assert (session.authenticate().authenticated, session.authenticate().reason) == (False, expected)
    assert bool(session.authenticate()) is False
    assert (session.refresh().authenticated, session.refresh().reason) == (False, expected)
    with pytest.raises(errors.SessionCookieInvalid):
        session.get_logout_url()


def test_a_session_that_cannot_be_sealed_is_refused_before_anything_is_sent(
    make_client: Callable[..., Client], recorder: RecordingServer
) -> None:
    wrong: list[dict[str, Any]] = [
        {"seal_session": True},
        {"seal_session": True, "cookie_password": "short"},
        {"seal_session": True, "cookie_password": "x" * 44, "seal_format": "fernet"},
    ]
    for options in wrong:
        with pytest.raises(errors.ConfigurationInvalid):
            make_client().authenticate_with_password(**ADA, session=options)
    with pytest.raises(errors.ConfigurationInvalid, match="GATELODGE_COOKIE_PASSWORD"):
        make_client().load_sealed_session("x")

    assert recorder.asked == []


def test_what_seals_is_not_sent(home: Home, make_client: Callable[..., Client], recorder: RecordingServer) -> None:
    answer = home.um.authenticate_with_password(ADA["email"], password=ADA["password"])
    body = {"access_token": answer.access_token, "refresh_token": answer.refresh_token, "user": {
        "object": "user", "id": answer.user.id, "email": answer.user.email, "email_verified": True, "metadata": {},
        "created_at": "", "updated_at": ""}}  # fmt: skip
    recorder.answer(Answer(body=body))

    sealed = make_client().authenticate_with_password(**ADA, session=SEALED).sealed_session

    assert unseal_session(sealed, cookie_password=KEY) is not None
    assert "session" not in recorder.last.json
    assert KEY.encode() not in recorder.last.body


def test_a_password_of_the_environment_is_used_ours_before_the_official_one(
    place: Place, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://127.0.0.1:4100"
    sealed = {key: seal_session(unseal_session(seal("a.b.c"), cookie_password=PASSWORD)
              or pytest.fail("it does not open"), cookie_password=key) for key in (KEY, OTHER_KEY)}  # fmt: skip

    def reads(key: str) -> bool:
        with UserManagement(client_id="client_test", base_url=url) as um:
            return um.authenticate_with_session_cookie(sealed[key]).reason == "invalid_jwt"  # type: ignore[union-attr]  # no such token is good

    monkeypatch.setenv("WORKOS_COOKIE_PASSWORD", OTHER_KEY)
    assert (reads(KEY), reads(OTHER_KEY)) == (False, True)
    monkeypatch.setenv("GATELODGE_COOKIE_PASSWORD", KEY)
    assert (reads(KEY), reads(OTHER_KEY)) == (True, False)
    monkeypatch.setenv("GATELODGE_PREVIOUS_COOKIE_PASSWORD", OTHER_KEY)
    assert (reads(KEY), reads(OTHER_KEY)) == (True, True)
    assert place.judge(seal(issuer.sign())).authenticated


@pytest.mark.parametrize(
    ("answer", "reason", "retryable", "retry_after"),
    [
        (
            Answer(400, {"error": "invalid_grant", "error_description": "Ended."}),
            "invalid_grant",
            False,
            None,
        ),
        (Answer(401, {"message": "Unauthorized"}), "refresh_denied", False, None),
        (Answer(403, {"code": "mfa_enrollment", "message": "x"}), "mfa_enrollment_required", False, None),
        (Answer(403, {"error": "sso_required", "error_description": "x"}), "sso_required", False, None),
        (Answer(403, {"code": "mfa_challenge", "message": "x"}), "mfa_challenge_required", False, None),
        (Answer(403, {"code": "radar_challenge", "message": "x"}), "radar_challenge_required", False, None),
        (Answer(403, {"code": "something_new", "message": "x"}), "refresh_denied", False, None),
        (Answer(429, {"message": "slow"}, {"Retry-After": "7"}), "rate_limit_exceeded", True, 7),
        (Answer(500, {"message": "x"}), "server_error", True, None),
        (Answer(503, "<html>"), "server_error", True, None),
        (Answer(200, "<html>"), "server_error", True, None),
        (Answer(drop=True), "refresh_network_error", True, None),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else str(value),
)
def test_what_a_server_refuses_is_a_verdict_with_a_reason(
    answer: Answer, reason: str, *, retryable: bool, retry_after: int | None, issuer: Issuer, face: Face
) -> None:
    with RecordingServer() as server:
        server.answer(Answer(body={"keys": [issuer.jwk]}), answer)
        client = Client(face, {"client_id": "client_test", "base_url": server.url, "retries": 0})

        verdict = client.use(lambda um: um.load_sealed_session(seal("a.b.c"), cookie_password=PASSWORD).refresh())

    assert (verdict.authenticated, verdict.reason) == (False, reason)
    assert (verdict.retryable, verdict.retry_after) == (retryable, retry_after)
    assert verdict.error is not None


def test_an_answer_that_cannot_be_verified_is_not_taken(issuer: Issuer, other_issuer: Issuer, face: Face) -> None:
    user = {"object": "user", "id": "user_01", "email": "", "email_verified": True, "created_at": "", "updated_at": ""}
    with RecordingServer() as server:
        forged = {
            "access_token": other_issuer.sign({**CLAIMS, "exp": 9_999_999_999}),
            "refresh_token": "r_2",
            "user": user,
        }
        server.answer(Answer(body={"keys": [issuer.jwk]}), Answer(body=forged))
        client = Client(face, {"client_id": "client_test", "base_url": server.url, "retries": 0})
        cookie = seal("a.b.c")
        seen: list[Any] = []

        def refresh(um: Any) -> Any:
            seen.append(um.load_sealed_session(cookie, cookie_password=PASSWORD))
            return seen[0].refresh()

        verdict = client.use(refresh)

    assert verdict.reason == "invalid_jwt"
    assert seen[0].session_data == cookie
