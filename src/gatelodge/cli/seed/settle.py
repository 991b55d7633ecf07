"""The environment itself: its policy, where browsers may be sent, and which may call."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from msgspec import UNSET

from gatelodge.cli.seed.changes import Detail, Difference, Step, Wrong, compare
from gatelodge.cli.seed.marks import Marked
from gatelodge.cli.seed.shapes import EnvironmentSeed
from gatelodge.contract.shapes import ready
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.rules import SIGN_IN_REDIRECT, SIGN_OUT_REDIRECT
from gatelodge.kit.unit import Unit


def create_step(seed: EnvironmentSeed, name: str) -> Step:
    """Make the step that creates an environment which is not there."""
    client_id = None if seed.client_id is UNSET else seed.client_id

    def look(unit: Unit) -> Difference | None:
        if client_id and (client := applications.find_client(unit, client_id)):
            found = applications.find_environment(unit, name)
            if found is None or client.environment_id != found.id:
                raise Wrong(f"the client id {client_id!r} belongs to another environment.")
        if applications.find_environment(unit, name) is not None:
            return None
        details = [Detail("client_id", None, client_id)] if client_id else []
        return Difference(verb="create", details=details, carry_out=create)

    def create(unit: Unit) -> None:
        if applications.create_environment(unit, name=name, client_id=client_id) is None:
            raise Wrong("its name or client id was taken in this moment.")

    return Step(kind="environment", name=name, line=seed.line, look=look)


def list_steps(seed: EnvironmentSeed) -> Iterator[Step]:
    """Make the steps of an environment's own settings."""
    if seed.policy is not None:
        yield _policy_step(seed.policy)
    for kind, uris, is_sign_out in (
        ("redirect URI", seed.redirect_uris, False),
        ("sign-out URI", seed.sign_out_uris, True),
    ):
        for uri in uris:
            yield Step(kind=kind, name=uri, line=uri.line, look=_look_for_redirect(uri, is_sign_out=is_sign_out))
    for origin in seed.cors_origins:
        yield Step(kind="CORS origin", name=origin, line=origin.line, look=_look_for_origin(origin))


def merge_policy(current: msgspec.Struct, given: Marked) -> tuple[list[Detail], dict[str, object]]:
    """List what a given policy changes of one, and give the members of the outcome."""
    members = [field.name for field in msgspec.structs.fields(type(current))]
    details = compare(current, given, members=members)
    return details, msgspec.structs.asdict(current) | {each.member: each.new for each in details}


def _policy_step(given: Marked) -> Step:
    def look(unit: Unit) -> Difference | None:
        environment_id = unit.actor.environment_id
        current = applications.find_policy(unit, environment_id)
        details, members = merge_policy(current, given)
        policy = msgspec.convert(members, ready(type(current)))
        if not details:
            return None
        return Difference(
            verb="change",
            details=details,
            carry_out=lambda unit: applications.set_policy(unit, unit.actor.environment_id, policy),
        )

    return Step(kind="policy", name="of the environment", line=given.line, look=look)


def _look_for_redirect(uri: str, *, is_sign_out: bool) -> Callable[[Unit], Difference | None]:
    kind = SIGN_OUT_REDIRECT if is_sign_out else SIGN_IN_REDIRECT

    def look(unit: Unit) -> Difference | None:
        allowed = applications.list_redirects(unit, unit.actor.environment_id, kind)
        return None if uri in [each for each, _ in allowed] else Difference(verb="create", carry_out=allow)

    def allow(unit: Unit) -> None:
        applications.allow_redirect(unit, unit.actor.environment_id, uri, sign_out=is_sign_out)

    return look


def _look_for_origin(origin: str) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        allowed = applications.list_origins(unit, unit.actor.environment_id)
        return None if origin in allowed else Difference(verb="create", carry_out=allow)

    def allow(unit: Unit) -> None:
        applications.allow_origin(unit, unit.actor.environment_id, origin)

    return look
