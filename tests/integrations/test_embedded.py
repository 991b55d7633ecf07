"""Apps on https whose users are kept in their own process, and apps whose server is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import httpx2
import pytest
from asgiref.sync import iscoroutinefunction
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory, RequestFactory, override_settings
from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gatelodge import AsyncUserManagement, UserManagement
from gatelodge.integrations import django, flask, starlette
from tests.conftest import FreshDatabase
from tests.harness.ports import free_port
from tests.integrations.test_sign_in import spoil
from tests.sdk.recording import Answer, RecordingServer

COOKIE_PASSWORD = "a password for cookies with thirty-two signs or more"
REDIRECT_URI = "https://app.example.com/callback"
EMAIL, PASSWORD = "ada@example.com", "correct horse 17"

Ask = Callable[[str, str], httpx2.Response]
"""Sends a request for a path with a cookie to an app that signs Ada in at `/form`."""


@pytest.fixture
def users(fresh_database: FreshDatabase) -> Iterator[UserManagement]:
    database = fresh_database("sqlite")
    with UserManagement.embedded(
        database, client_id="client_app", base_url="https://auth.example.com", cookie_password=COOKIE_PASSWORD
    ) as client:
        client.create_user(EMAIL, password=PASSWORD, email_verified=True)
        yield client


def open_flask(client: UserManagement) -> Ask:
    app = Flask(__name__)
    sign_in = flask.SignIn(client, redirect_uri=REDIRECT_URI, app=app)

    @app.get("/form")
    def form() -> str:
        sign_in.keep(client.authenticate_with_password(EMAIL, password=PASSWORD))
        return ""

    @app.get("/me")
    def me() -> str:
        return sign_in.need_session().user.email

    @app.get("/admin")
    @sign_in.require(role="admin")
    def admin() -> str:
        return ""

    def ask(path: str, cookie: str) -> httpx2.Response:
        answer = app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
        return httpx2.Response(answer.status_code, headers=list(answer.headers), content=answer.data)

    return ask


def open_django(client: UserManagement) -> Ask:
    if not django_settings.configured:
        django_settings.configure()
    sign_in = django.SignIn(client, redirect_uri=REDIRECT_URI)

    def form(request: HttpRequest) -> HttpResponse:
        sign_in.keep(request, client.authenticate_with_password(EMAIL, password=PASSWORD))
        return HttpResponse()

    views = {
        "/form": form,
        "/me": sign_in.require()(lambda request: HttpResponse(sign_in.get_session(request).user.email)),
        "/admin": sign_in.require(role="admin")(lambda _: HttpResponse()),
    }

    def ask(path: str, cookie: str) -> httpx2.Response:
        with override_settings(GATELODGE_SIGN_IN=sign_in):
            middleware = django.SignInMiddleware(views[path])
            return translate(middleware(RequestFactory().get(path, headers={"cookie": cookie})))

    return ask


def translate(answer: Any) -> httpx2.Response:
    """Give what Django answers as what a browser sees."""
    sent = [*answer.items(), *(("Set-Cookie", each.OutputString()) for each in answer.cookies.values())]
    return httpx2.Response(answer.status_code, headers=sent, content=answer.content)


def open_django_of_coroutines(client: UserManagement) -> Ask:
    if not django_settings.configured:
        django_settings.configure()
    sign_in = django.SignIn(client, redirect_uri=REDIRECT_URI)

    async def form(request: HttpRequest) -> HttpResponse:
        sign_in.keep(request, client.authenticate_with_password(EMAIL, password=PASSWORD))
        return HttpResponse()

    @sign_in.require()
    async def me(request: HttpRequest) -> HttpResponse:
        known = await sign_in.aload(request)
        assert known is sign_in.get_session(request)
        return HttpResponse(known.user.email)

    @sign_in.require(role="admin")
    async def admin(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    async def answer(path: str, cookie: str) -> httpx2.Response:
        with override_settings(GATELODGE_SIGN_IN=sign_in):
            carried = django.SignInMiddleware({"/form": form, "/me": me, "/admin": admin}[path])
            waiting = carried(ask_for(path, cookie))
            assert iscoroutinefunction(carried)
            return translate(await cast("Awaitable[HttpResponse]", waiting))

    return lambda path, cookie: asyncio.run(answer(path, cookie))


def ask_for(path: str, cookie: str) -> HttpRequest:
    """Make a request of ASGI; Django's factory has a jar of its own for cookies."""
    factory = AsyncRequestFactory()
    factory.cookies.load(cookie)
    request: HttpRequest = factory.get(path)
    return request


def open_starlette(client: AsyncUserManagement) -> Starlette:
    sign_in = starlette.SignIn(client, redirect_uri=REDIRECT_URI)

    async def form(request: Request) -> Response:
        sign_in.keep(request, await client.authenticate_with_password(EMAIL, password=PASSWORD))
        return Response()

    async def me(request: Request) -> Response:
        return PlainTextResponse((await sign_in.require()(request)).user.email)

    async def admin(request: Request) -> Response:
        return PlainTextResponse((await sign_in.require(role="admin")(request)).user.email)

    app = Starlette(routes=[Route("/form", form), Route("/me", me), Route("/admin", admin)])
    sign_in.install(app)
    return app


def check(form: httpx2.Response, ask: Ask) -> None:
    """See that a form of the app's own signed Ada in, by a cookie that is bound to https and this host."""
    cookie, *attributes = form.headers["set-cookie"].split("; ")
    assert cookie.startswith("__Host-gatelodge_app=Fe26.2*")
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(attributes)
    assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert form.headers["cache-control"] == "no-store, private"
    assert (ask("/me", cookie).status_code, ask("/me", cookie).text) == (200, EMAIL)
    assert (ask("/admin", cookie).status_code, ask("/me", "").status_code) == (403, 401)
    assert ask("/me", cookie.removeprefix("__Host-")).status_code == 401


@pytest.mark.parametrize("open_app", [open_django, open_django_of_coroutines, open_flask])
def test_users_of_an_embedded_client_sign_in_on_a_form_of_the_app(
    users: UserManagement, open_app: Callable[[UserManagement], Ask]
) -> None:
    ask = open_app(users)

    check(ask("/form", ""), ask)


def test_each_request_is_judged_by_its_own_cookie_inside_an_open_app_context_too(users: UserManagement) -> None:
    app = Flask(__name__)
    sign_in = flask.SignIn(users, redirect_uri="http://localhost/callback", app=app)

    @app.get("/me")
    @sign_in.require()
    def me() -> str:
        return sign_in.need_session().user.email

    users.create_user("bob@example.com", password=PASSWORD, email_verified=True)
    cookies = [
        users.authenticate_with_password(email, password=PASSWORD, session={"seal_session": True}).sealed_session
        for email in (EMAIL, "bob@example.com")
    ]

    browser = app.test_client(use_cookies=False)
    with app.app_context():
        answers = [browser.get("/me", headers={"Cookie": f"gatelodge_app={cookie}"}) for cookie in [*cookies, ""]]

    assert [answer.status_code for answer in answers] == [200, 200, 401]
    assert [answer.text for answer in answers[:2]] == [EMAIL, "bob@example.com"]


def test_customers_and_staff_are_told_apart_by_their_cookies(users: UserManagement) -> None:
    app = Flask(__name__)
    customers = flask.SignIn(users, redirect_uri="http://localhost/callback", app=app)
    staff = flask.SignIn(users, redirect_uri="http://localhost/staff/callback", cookie_name="staff")
    app.add_url_rule("/", view_func=lambda: f"{bool(customers.session)} {bool(staff.session)}")
    sealed = users.authenticate_with_password(EMAIL, password=PASSWORD, session={"seal_session": True}).sealed_session

    browser = app.test_client(use_cookies=False)
    seen = [browser.get("/", headers={"Cookie": f"{name}={sealed}"}).text for name in ("gatelodge_app", "staff", "x")]

    assert seen == ["True False", "False True", "False False"]


def test_users_of_an_embedded_client_of_coroutines_sign_in_on_a_form_of_the_app(fresh_database: FreshDatabase) -> None:
    database = fresh_database("sqlite")

    async def walk() -> dict[tuple[str, str], httpx2.Response]:
        client = AsyncUserManagement.embedded(
            database, client_id="client_app", base_url="https://auth.example.com", cookie_password=COOKIE_PASSWORD
        )
        async with client, open_http(client) as http:
            await client.create_user(EMAIL, password=PASSWORD, email_verified=True)
            form = await http.get("/form")
            cookie = form.headers["set-cookie"].partition(";")[0]
            seen = {("/form", ""): form}
            for path, sent in [("/me", cookie), ("/admin", cookie), ("/me", ""), ("/me", cookie[len("__Host-") :])]:
                seen[path, sent] = await http.get(path, headers={"cookie": sent})
            return seen

    seen = asyncio.run(walk())

    check(seen["/form", ""], lambda path, cookie: seen[path, cookie])


def open_http(client: AsyncUserManagement) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(open_starlette(client))
    return httpx2.AsyncClient(transport=transport, base_url="https://app.example.com")


@pytest.mark.parametrize("open_app", [open_django, open_django_of_coroutines, open_flask])
def test_a_session_that_cannot_be_judged_just_now_is_kept(
    users: UserManagement, open_app: Callable[[UserManagement], Ask]
) -> None:
    sealed = open_app(users)("/form", "").headers["set-cookie"].partition(";")[0].partition("=")[2]
    away = f"http://127.0.0.1:{free_port()}"
    with UserManagement(
        "sk_x", client_id="client_app", base_url=away, cookie_password=COOKIE_PASSWORD, retries=0
    ) as client:
        ask = open_app(client)
        answers = [ask("/me", f"__Host-gatelodge_app={cookie}") for cookie in (sealed, spoil(sealed))]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert all("retry-after" in answer.headers and "set-cookie" not in answer.headers for answer in answers)


def test_a_view_of_coroutines_waits_for_a_slow_server_without_holding_up_the_loop(users: UserManagement) -> None:
    cookie = open_django(users)("/form", "").headers["set-cookie"].partition(";")[0]
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    async def visit(sign_in: django.SignIn) -> httpx2.Response:
        ticking = asyncio.create_task(tick())
        with override_settings(GATELODGE_SIGN_IN=sign_in):
            carried = django.SignInMiddleware(sign_in.require()(me))
            answer = await cast("Awaitable[HttpResponse]", carried(ask_for("/me", cookie)))
        ticking.cancel()
        return translate(answer)

    async def me(_: HttpRequest) -> HttpResponse:
        return HttpResponse()

    with RecordingServer() as slow:
        slow.answer(Answer(status=503, delay=0.5))
        with UserManagement(
            "sk_x", client_id="client_app", base_url=slow.url, cookie_password=COOKIE_PASSWORD, retries=0
        ) as client:
            answer = asyncio.run(visit(django.SignIn(client, redirect_uri=REDIRECT_URI)))

        assert answer.status_code == 503
        assert len(slow.asked) == 1
    assert ticks >= 5
