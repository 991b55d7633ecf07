"""Tell the journeys of all SDKs to one server of an engine, all at once.

Every SDK has an environment of its own on it. Three things are beyond an SDK: what a person does
in a browser, what an operator does, and moving the clock, which all share. A journey
asks its host for them, a line of JSON out and a line in.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import bcrypt

from gatelodge.doors import known
from gatelodge.doors.assemble import assemble, close
from gatelodge.features.applications import actions as applications
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from gatelodge.features.tokens import actions as tokens
from gatelodge.kit.settings import Settings
from gatelodge.kit.unit import Actor, Runtime
from tests.clients.journeys import Journey
from tests.clients.visitor import sign_in
from tests.harness.clients import Installed
from tests.harness.servers import Server

MASTER_KEY = "a master key of the journeys, long enough"
STORY_EVENTS = (
    "authentication.email_verification_succeeded",
    "authentication.magic_auth_failed",
    "authentication.magic_auth_succeeded",
    "authentication.mfa_succeeded",
    "authentication.password_failed",
    "authentication.password_succeeded",
    "email_verification.created",
    "invitation.accepted",
    "invitation.created",
    "invitation.resent",
    "invitation.revoked",
    "magic_auth.created",
    "organization.created",
    "organization.deleted",
    "organization.updated",
    "organization_membership.created",
    "organization_membership.deleted",
    "organization_membership.updated",
    "password_reset.created",
    "password_reset.succeeded",
    "permission.created",
    "role.created",
    "session.created",
    "session.revoked",
    "user.created",
    "user.updated",
)
JOURNEY_SECONDS = 300.0
"""A guard against a hang, no measure of speed: the machine may be doing much else."""
_FOLDER = Path(__file__).parent
# Four rounds are the fewest that bcrypt takes.
_BCRYPT_HASH = bcrypt.hashpw(b"a quiet lighthouse at dusk", bcrypt.gensalt(4)).decode()


@dataclass(frozen=True, kw_only=True)
class Place:
    """The environment of one SDK."""

    sdk: str
    number: int
    environment_id: str
    client_id: str
    api_key: str


class Host:
    """Answers what the journeys on one server ask."""

    def __init__(self, server: Server, *, guests: int) -> None:
        self._server = server
        self._appointment = threading.Barrier(guests, timeout=JOURNEY_SECONDS)
        self._runtime: Runtime = assemble(
            Settings(
                database_url=server.database_url, development=True, base_url=server.base_url, master_key=MASTER_KEY
            )
        )

    def close(self) -> None:
        """Close the database."""
        close(self._runtime)

    def prepare(self, sdk: str, *, number: int) -> Place:
        """Make an environment with a client, an API key and where browsers may be sent."""
        unit = self._runtime.open_unit(Actor())
        made = applications.create_environment(unit, name=sdk, client_id=f"client_{sdk}")
        assert made is not None
        environment, client = made
        issued = applications.create_api_key(unit, environment.id, name=sdk)
        assert issued is not None
        applications.allow_redirect(unit, environment.id, known.REDIRECT_URI)
        applications.allow_redirect(unit, environment.id, known.SIGN_OUT_URI, sign_out=True)
        tokens.create_first_key(unit, environment.id)
        return Place(sdk=sdk, number=number, environment_id=environment.id, client_id=client.id, api_key=issued.token)

    def answer(self, place: Place, asked: dict[str, Any]) -> dict[str, Any]:
        """Do what an SDK cannot."""
        unit = self._runtime.open_unit(
            Actor(environment_id=place.environment_id, client_id=place.client_id, believed=True)
        )
        match asked["ask"]:
            case "advance":
                return self._advance(asked["seconds"])
            case "demand_factor":
                policy = OrganizationPolicy(mfa_required=True)
                return {"set": organizations.set_policy(unit, asked["organization_id"], policy)}
            case "sign_in":
                return sign_in(asked["address"], email=asked["email"], password=asked["password"])
        raise AssertionError(asked)

    def _advance(self, seconds: int) -> dict[str, Any]:
        """Move the clock once, when every journey has come to the same point."""
        try:
            if self._appointment.wait() == 0:
                self._server.advance_clock(seconds)
            self._appointment.wait()
        except threading.BrokenBarrierError:
            raise AssertionError("the journey of another SDK broke down, and this one waited for it in vain") from None
        return {}

    def leave(self) -> None:
        """Let nobody wait for a journey that has broken down."""
        self._appointment.abort()


def tell_all(installed: dict[str, Installed], server: Server) -> dict[str, Journey | Exception]:
    """Tell the journeys of these SDKs at once; a breakdown is remembered in the place of a journey."""
    host = Host(server, guests=len(installed))
    try:
        places = [host.prepare(sdk, number=number) for number, sdk in enumerate(installed)]

        def tell(place: Place) -> Journey | Exception:
            try:
                results = _tell(place, installed[place.sdk], server, host)
            except Exception as failure:  # noqa: BLE001 - raised again by the tests of this journey
                host.leave()
                return failure
            return Journey(sdk=place.sdk, base_url=server.base_url, client_id=place.client_id, results=results)

        with ThreadPoolExecutor(len(places)) as threads:
            return dict(zip(installed, threads.map(tell, places), strict=True))
    finally:
        host.close()


def _tell(place: Place, client: Installed, server: Server, host: Host) -> dict[str, Any]:
    language, _, version = place.sdk.partition("-")
    # `-S` keeps this environment's packages out: the SDK sees only those of its own folder.
    command = {
        "node": [str(client.program), str(_FOLDER / "node" / "journey.mjs")],
        "python": [str(client.program), "-S", str(_FOLDER / "python" / f"journey_{version}.py")],
    }[language]
    complaints = server.folder / f"{place.sdk}.log"
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            command,
            env=_environment(place, client, server),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        limit = threading.Timer(JOURNEY_SECONDS, process.kill)
        limit.start()
        try:
            results = _converse(process, lambda asked: host.answer(place, asked))
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
            limit.cancel()
    if process.returncode == -signal.SIGKILL:
        raise AssertionError(f"{place.sdk} did not end within {JOURNEY_SECONDS:.0f} seconds")
    if process.returncode != 0:
        raise AssertionError(
            f"{place.sdk} broke down:\n{complaints.read_text()}\nlast steps: {list(results)[-3:]}\n"
            f"server: {server.output()[-3000:]}"
        )
    return results


def _converse(process: subprocess.Popen[str], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Answer what the journey asks until it says its results."""
    assert process.stdin is not None
    assert process.stdout is not None
    heard: IO[str] = process.stdout
    for line in heard:
        said: dict[str, Any] = json.loads(line)
        if "results" in said:
            results: dict[str, Any] = said["results"]
            return results
        process.stdin.write(json.dumps(answer(said)) + "\n")
        process.stdin.flush()
    return {}


def _environment(place: Place, client: Installed, server: Server) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PORT": str(server.port),
        "API_KEY": place.api_key,
        "CLIENT_ID": place.client_id,
        # 32 bytes in base64 are a password for both families' seals.
        "COOKIE_PASSWORD": base64.urlsafe_b64encode(b"0123456789abcdef" * 2).decode(),
        "BCRYPT_HASH": _BCRYPT_HASH,
        "PHONE": f"+4915112345{place.number:03}",
        "REDIRECT_URI": known.REDIRECT_URI,
        "SIGN_OUT_URI": known.SIGN_OUT_URI,
        "EVENTS": ",".join(STORY_EVENTS),
        "SDK_FOLDER": str(client.folder),
        "PYTHONPATH": str(client.folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
