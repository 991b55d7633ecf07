"""docs/mounting.md: each host serves its own pages and Gatelodge's, and both speak of the same users."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest, JsonResponse
from django.test import override_settings
from django.urls import path

from gatelodge.features.applications import actions as applications
from tests.docs.fences import fences

EMAIL, PASSWORD = "ada@example.com", "correct horse 17"
AUTH, SITE = "https://auth.example.com", "https://www.example.com"
Ask = Callable[..., httpx2.Response]
Run = Callable[[int], dict[str, Any]]


def home(_: HttpRequest) -> JsonResponse:
    """Stand in for a site of Django."""
    return JsonResponse({"users": 0})


urlpatterns = [path("", home)]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run an example of the page, in a folder of its own, and close what it opened."""
    monkeypatch.chdir(tmp_path)
    held: dict[str, Any] = {"__name__": "module"}

    def run(number: int) -> dict[str, Any]:
        exec(compile(fences("mounting.md")[number], "mounting.md", "exec"), held)  # noqa: S102  # our own page
        return held

    yield run
    for name in ("accounts", "um"):
        closing = held[name].close()
        if inspect.iscoroutine(closing):
            asyncio.run(closing)


def issue_key(accounts: Any) -> str:
    """Issue an API key, as the operator does."""
    runtime = accounts.engine.runtime
    unit = runtime.open_unit(runtime.memory["embedded_actor"])
    issued = applications.create_api_key(unit, unit.actor.environment_id, name="test")
    assert issued is not None
    return issued.token


def ask_wsgi(held: dict[str, Any]) -> Ask:
    def ask(method: str, address: str, **given: Any) -> httpx2.Response:
        with httpx2.Client(transport=httpx2.WSGITransport(app=held["application"])) as http:
            return http.request(method, address, **given)

    return ask


def check(held: dict[str, Any], ask: Ask) -> None:
    """See that the two are told apart by the host name, and that users of the one sign in at the other."""
    accounts, client_id = held["accounts"], held["um"].client_id
    key = issue_key(accounts)
    grant = {"client_id": client_id, "client_secret": key, "grant_type": "password"}

    assert ask("GET", f"{SITE}/").json()["users"] in (0, 1)
    assert ask("GET", f"{SITE}/health").status_code == 404
    assert ask("GET", f"{AUTH}/health").status_code == 200
    assert ask("GET", f"{AUTH}/sso/jwks/{client_id}").json()["keys"]
    page = ask("GET", f"{AUTH}/account")
    assert (page.status_code, page.headers["location"].partition("?")[0].removeprefix(AUTH)) == (302, "/sign-in")
    body = {**grant, "email": EMAIL, "password": PASSWORD}
    assert ask("POST", f"{AUTH}/user_management/authenticate", json=body).json()["user"]["email"] == EMAIL


def test_fastapi_mounts_it(run: Run, tmp_path: Path) -> None:
    held = run(0)
    um = held["um"]

    def ask(method: str, address: str, **given: Any) -> httpx2.Response:
        async def send() -> httpx2.Response:
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=held["app"])) as http:
                return await http.request(method, address, **given)

        return asyncio.run(send())

    assert inspect.iscoroutinefunction(um.create_user)
    asyncio.run(um.create_user(EMAIL, password=PASSWORD, email_verified=True))
    assert (tmp_path / "users.db").exists()
    check(held, ask)
    assert ask("GET", f"{SITE}/").json() == {"users": 1}


def test_flask_mounts_it(run: Run) -> None:
    held = run(1)
    held["um"].create_user(EMAIL, password=PASSWORD, email_verified=True)

    check(held, ask_wsgi(held))

    assert ask_wsgi(held)("GET", f"{SITE}/").json() == {"users": 1}


def test_django_mounts_it(run: Run) -> None:
    if not django_settings.configured:
        django_settings.configure()
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["www.example.com"]):
        held = run(2)
        held["um"].create_user(EMAIL, password=PASSWORD, email_verified=True)

        check(held, ask_wsgi(held))
