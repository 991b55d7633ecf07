"""One cookie, two programs: the official SDKs open what we seal, and we what they seal (security case 55)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from gatelodge import AuthenticatedSession, UserManagement
from gatelodge.sdk.sealing.cookies import SealFormat
from tests.harness.clients import Clients, Installed
from tests.harness.databases import Databases
from tests.harness.guard import Guard
from tests.harness.servers import Server, start_server
from tests.harness.unavailable import bring

# A Fernet key is a password that suits every format.
KEY = base64.urlsafe_b64encode(b"0123456789abcdef" * 2).decode()
EMAIL, PASSWORD = "ada@example.com", "seventeen yellow herons"
FORMATS: dict[str, SealFormat] = {
    "node-v8": "iron",
    "node-v10": "iron",
    "node-v11": "iron",
    "python-v5": "fernet",
    "python-v10": "fernet",
}
_PROGRAMS = Path(__file__).with_name("programs")


@pytest.fixture(scope="module")
def running(guard: Guard, tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> Iterator[Server]:
    server = start_server(guard, tmp_path_factory.mktemp("seals"), database_url=databases.fresh("sqlite"))
    yield server
    server.end()


@pytest.fixture(scope="module")
def um(running: Server) -> Iterator[UserManagement]:
    with UserManagement(
        running.api_key, client_id=running.client_id, base_url=running.base_url, cookie_password=KEY
    ) as um:
        user = um.create_user(
            EMAIL, password=PASSWORD, email_verified=True, first_name="Zoë", metadata={"favouriteColour": "blau"}
        )
        organization = um.create_organization("Analytical Engines")
        um.create_organization_membership(user_id=user.id, organization_id=organization.id)
        yield um


def run(client: Installed, server: Server, cookie: str, *, language: str) -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(server.port),
        "API_KEY": server.api_key,
        "CLIENT_ID": server.client_id,
        "COOKIE_PASSWORD": KEY,
        "EMAIL": EMAIL,
        "PASSWORD": PASSWORD,
        "SDK_FOLDER": str(client.folder),
        "PYTHONPATH": str(client.folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # `-S` keeps this environment's packages out: the SDK sees only those of its own folder.
    command = {"node": ["seals.mjs"], "python": ["-S", "seals.py"]}[language]
    done = subprocess.run(
        [client.program, *command],
        cwd=_PROGRAMS,
        env=environment,
        input=cookie,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + server.output()[-2000:]
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def install(clients: Clients, sdk: str) -> Installed:
    language, _, version = sdk.partition("-")
    # The names were made from the tuples that the two methods take.
    return clients.node(version) if language == "node" else clients.python(version)  # type: ignore[arg-type]


def test_two_programs_share_one_cookie_in_both_directions(
    sdk: str, clients: Clients, running: Server, um: UserManagement
) -> None:
    client = bring(lambda: install(clients, sdk))
    begun = um.authenticate_with_password(
        EMAIL, password=PASSWORD, session={"seal_session": True, "seal_format": FORMATS[sdk]}
    )
    organization_id = um.list_organization_memberships(user_id=begun.user.id).data[0].organization_id
    ours = um.load_sealed_session(begun.sealed_session).refresh(organization_id=organization_id)
    assert ours.authenticated

    seen = run(client, running, ours.sealed_session, language=sdk.partition("-")[0])

    told = {
        "session_id": ours.session_id,
        "organization_id": organization_id,
        "role": "member",
        "email": EMAIL,
        "first_name": "Zoë",
        "metadata": {"favouriteColour": "blau"},
    }
    for verdict in (seen["opened"], seen["refreshed"]):
        assert verdict["authenticated"] is True, verdict
        assert {name: verdict.get(name) for name in told} == told
    assert parse_qs(urlsplit(seen["logout_url"]).query)["session_id"] == [ours.session_id]

    refreshed = um.authenticate_with_session_cookie(seen["refreshed_cookie"])
    own = um.authenticate_with_session_cookie(seen["own_cookie"])
    assert isinstance(refreshed, AuthenticatedSession)
    assert isinstance(own, AuthenticatedSession)
    assert (refreshed.session_id, refreshed.organization_id) == (ours.session_id, organization_id)
    for user in (refreshed.user, own.user):
        # When she signed in last is told anew each time.
        assert msgspec.structs.replace(user, last_sign_in_at=begun.user.last_sign_in_at) == begun.user
    assert own.session_id not in (ours.session_id, None)

    again = um.load_sealed_session(seen["refreshed_cookie"]).refresh()
    assert again.authenticated
    assert again.sealed_session[:6] == seen["refreshed_cookie"][:6] == ours.sealed_session[:6]
    assert run(client, running, again.sealed_session, language=sdk.partition("-")[0])["opened"]["authenticated"] is True


@pytest.fixture(params=[pytest.param(sdk, marks=pytest.mark.xdist_group("seals")) for sdk in FORMATS])
def sdk(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen
