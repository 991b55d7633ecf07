"""The engine mounted as a WSGI and as an ASGI app, under real servers of the host."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx2
import pytest

import gatelodge
from gatelodge.features.applications import actions as applications
from gatelodge.mounting import MountedApp

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase
    from tests.harness.databases import Engine

MASTER_KEY = "a master key of the tests, long enough"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def app(engine: Engine, fresh_database: FreshDatabase) -> Iterator[MountedApp]:
    made = gatelodge.create_app(fresh_database(engine), base_url="https://auth.example.com", master_key=MASTER_KEY)
    yield made
    made.close()


@pytest.fixture
def url(app: MountedApp) -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _key(app: MountedApp) -> str:
    runtime = app.engine.runtime
    unit = runtime.open_unit(runtime.memory["embedded_actor"])
    issued = applications.create_api_key(unit, unit.actor.environment_id, name="test")
    assert issued is not None
    return issued.token


def test_a_mounted_app_signs_a_user_in(app: MountedApp, url: str) -> None:
    key = _key(app)

    with gatelodge.UserManagement(api_key=key, client_id=app.engine.client_id, base_url=url) as client:
        client.create_user("ada@example.com", password="correct horse 17", email_verified=True)
        session = client.authenticate_with_password("ada@example.com", password="correct horse 17")

        assert client.get_user(session.user.id).email == "ada@example.com"
        with pytest.raises(gatelodge.errors.NotFound):
            client.get_user("user_unknown")


def _post_raw(app: MountedApp, body: bytes, **environ: object) -> tuple[str, bytes]:
    started: list[str] = []
    given = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/user_management/users",
        "CONTENT_TYPE": "application/json",
        "wsgi.input": io.BytesIO(body),
        "HTTP_AUTHORIZATION": f"Bearer {_key(app)}",
        **environ,
    }
    answer = b"".join(app(given, lambda status, _headers: started.append(status)))
    return started[0], answer


def test_a_mounted_app_refuses_a_body_that_was_cut_off(app: MountedApp) -> None:
    status, body = _post_raw(app, b'{"email"', CONTENT_LENGTH="100")

    assert status == "400 Bad Request"
    assert b"cut off" in body


ADA = b'{"email": "ada@example.com"}'


def test_a_mounted_app_takes_no_body_in_chunks_for_an_empty_one(app: MountedApp) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}

    refused, why = _post_raw(app, ADA, **chunked)
    # Hosts that can tell where the body ends say so; gunicorn is one.
    ended, _ = _post_raw(app, ADA, **chunked, **{"wsgi.input_terminated": True})

    assert (refused, ended) == ("400 Bad Request", "201 Created")
    assert b"Content-Length" in why


@pytest.mark.parametrize("length", ["-1", "two", "1_0", "\u0665"])
def test_a_length_that_is_no_number_is_refused(app: MountedApp, length: str) -> None:
    assert _post_raw(app, ADA, CONTENT_LENGTH=length)[0] == "400 Bad Request"


def test_a_body_past_the_limit_is_refused_by_a_mounted_app(app: MountedApp) -> None:
    large = ADA + b" " * (1 << 20)

    assert _post_raw(app, large, CONTENT_LENGTH=str(len(large)))[0].startswith("413 ")
    assert _post_raw(app, large, **{"wsgi.input_terminated": True})[0].startswith("413 ")


async def _ask(app: MountedApp) -> int:
    asgi: Any = app.as_asgi()
    transport = httpx2.ASGITransport(app=asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://auth") as client:
        return (await client.get("/health")).status_code


def test_a_mounted_app_answers_as_asgi(app: MountedApp) -> None:
    import asyncio

    assert asyncio.run(_ask(app)) == 200


def test_a_mounted_app_says_what_may_be_kept_as_a_server_does(app: MountedApp, url: str) -> None:
    key = {"authorization": f"Bearer {_key(app)}"}
    keys = f"{url}/sso/jwks/{app.engine.client_id}"

    with httpx2.Client(trust_env=False) as client:
        tag = client.get(keys).headers["etag"]
        unchanged = client.get(keys, headers={"if-none-match": tag})
        user = client.post(f"{url}/user_management/users", json={"email": "ada@example.com"}, headers=key).json()
        deleted = client.delete(f"{url}/user_management/users/{user['id']}", headers=key)

    assert (unchanged.status_code, deleted.status_code) == (304, 200)
    assert (unchanged.content, deleted.content) == (b"", b"")
    assert unchanged.headers["cache-control"].startswith("public")
    assert deleted.headers["cache-control"] == "no-store"
