"""Carry one request through: route, arguments, caller, idempotency, action, answer.

Every way in ends here, so what holds here holds behind every door: who may call, which
answer a retry gets, how an error is written, that no exception leaves without a body.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from gatelodge.contract.errors import (
    Forbidden,
    GatelodgeError,
    MethodNotAllowed,
    RateLimited,
    ServerError,
    Unauthorized,
)
from gatelodge.contract.ids import ULID_RANDOM_BYTES, make_id
from gatelodge.contract.operation import Access, Operation
from gatelodge.doors import answering
from gatelodge.doors.addresses import find_client_address
from gatelodge.doors.cors import answer_preflight, cors_headers, recall_cors_headers
from gatelodge.doors.http import Request, Response, answer_error
from gatelodge.doors.inbox import prefers_html
from gatelodge.doors.reading import read_arguments
from gatelodge.doors.routing import Page, Router
from gatelodge.features.applications import actions as applications
from gatelodge.kit.idempotency import AlreadyAnswered, AnswerKeeper, find_answer, name_answer
from gatelodge.kit.log import Log
from gatelodge.kit.route import Lane, Route
from gatelodge.kit.settings import Settings
from gatelodge.kit.throttle import Allowance, read_allowance
from gatelodge.kit.unit import Actor, Runtime, Unit

_LONGEST_REQUEST_ID = 128
_COUNTED_DIGITS = 8
# What a retry may well change, or what costs nothing to work out again, is not kept.
_NOT_KEPT = frozenset({401, 405, 408, 413, 422, 429})
_FIRST_SERVER_FAULT = 500

_Flood: TypeAlias = tuple[str, Callable[[Actor], str | None], Allowance]


class Door:
    """A runtime and the table of what it serves."""

    def __init__(self, runtime: Runtime, router: Router, log: Log) -> None:
        """Hold what every request needs."""
        self.runtime = runtime
        self.log = log
        self._router = router
        self._floods = _read_floods(runtime.settings)
        # Request ids tell requests apart and keep no secret: what is drawn once and counted is enough.
        drawn = make_id("req", runtime.wall_clock.now(), runtime.entropy.token_bytes(ULID_RANDOM_BYTES))
        self._name_head = drawn[:-_COUNTED_DIGITS]
        self._numbers = itertools.count()

    def lane_of(self, request: Request) -> Lane:
        """Tell on which lane a request waits; an unknown path is answered on any."""
        try:
            request.found = target, _ = self._router.find(request.method, request.path)
        except GatelodgeError:
            return Lane.READ
        if isinstance(target, Page):
            return target.lane
        chosen = target.choose_lane(request.body) if target.choose_lane is not None else None
        return chosen or target.lane

    def find_operation(self, request: Request) -> Operation | None:
        """Find the operation that a request asks for; None where there is none."""
        try:
            target, _ = self._router.find(request.method, request.path)
        except GatelodgeError:
            return None
        return None if isinstance(target, Page) else target.operation

    def lead_to(self, runtime: Runtime) -> Door:
        """Give a door with the same table that leads to another runtime."""
        return Door(runtime, self._router, self.log)

    def respond(self, request: Request) -> Response:
        """Answer a request; raises nothing but what interrupts the thread."""
        request_id = self._name_request(request)
        template = ""
        try:
            methods = self._router.list_methods(request.path) if request.method == "OPTIONS" else []
            if methods:
                public = self._router.is_public(request.path)
                response = answer_preflight(self.runtime, request, methods=methods, public=public)
            else:
                target, members = request.found or self._router.find(request.method, request.path)
                template = target.path
                response = self._reach(target, request, members, request_id)
        except GatelodgeError as error:
            response = self._tell_browsers(request, error)
            if isinstance(error, MethodNotAllowed):
                response.headers.append(("allow", str(error.details.get("allow", ""))))
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        # What code in Rust raises when it finds itself broken is no `Exception`.
        except BaseException as fault:  # noqa: BLE001  # whatever it is, the caller gets a body and the log a line
            self.log.fault("request failed", fault, request_id=request_id, path=template)
            response = self._tell_browsers(request, ServerError())
        answering.tell_limit(response, self.runtime.wall_clock)
        answering.forbid_keeping(response)
        response.headers.append(("x-request-id", request_id))
        response.template = template
        return response

    def refuse(self, request: Request, error: GatelodgeError) -> Response:
        """Answer a request that did not come in whole, or that no lane could take."""
        response = self._tell_browsers(request, error)
        answering.forbid_keeping(response)
        response.headers.append(("x-request-id", self._name_request(request)))
        return response

    def _tell_browsers(self, request: Request, error: GatelodgeError) -> Response:
        """Tell an error before, or instead of, the answer of an operation; a page that called may read it."""
        response = self._tell(request, error)
        if self.find_operation(request) is not None:
            response.headers.extend(recall_cors_headers(self.runtime, request))
        return response

    def _tell(self, request: Request, error: GatelodgeError) -> Response:
        """Tell a person by a page what a program is told on the wire."""
        if prefers_html(request.headers.get("accept", "")):
            try:
                target, _ = request.found or self._router.find(request.method, request.path)
            except GatelodgeError:
                return answer_error(error)
            if isinstance(target, Page) and target.apologize is not None:
                return target.apologize(self.runtime, request, error)
        return answer_error(error)

    def _name_request(self, request: Request) -> str:
        given = request.headers.get("x-request-id")
        if given and len(given) <= _LONGEST_REQUEST_ID and given.isascii() and given.isprintable():
            return given
        return f"{self._name_head}{next(self._numbers):0{_COUNTED_DIGITS}X}"

    def _reach(self, target: Route | Page, request: Request, members: dict[str, Any], request_id: str) -> Response:
        if isinstance(target, Page):
            return target.handler(self.runtime, request)
        try:
            response = self._carry_out(target, request, members, request_id)
        except GatelodgeError as error:
            response = answer_error(error)
        public = target.public_for is not None
        if target.public_for is not None:
            response = answering.let_keep(response, request, seconds=target.public_for)
        if public or "origin" in request.headers:
            response.headers.extend(cors_headers(self.runtime, request, public=public))
        return response

    def _carry_out(self, route: Route, request: Request, members: dict[str, Any], request_id: str) -> Response:
        actor = Actor(
            request_id=request_id,
            ip_address=find_client_address(request, self.runtime.settings.trusted_proxies),
            user_agent=request.headers.get("user-agent", "")[:1024] or None,
        )
        unit = self.runtime.open_unit(actor)
        if route.guarded and not request.embedded and (token := _bearer(request)):
            return self._answer_guarded(route, request, members, unit=unit, token=token)
        if route.reads_first is not None and not request.embedded:
            response = self._answer_client(route, request, members, unit=unit)
            if response is not None:
                return response
        access = route.operation.access
        # A key is checked before anything is read, so that a stranger learns nothing.
        if access is not Access.PUBLIC:
            unit = self._identify(unit, request, access)
        asked = read_arguments(route.operation, request, members)
        if access is Access.CLIENT:
            unit = unit.act_as(_identify_client(unit, asked, proved=_bearer(request)))
        self._admit(route, unit, asked)
        if _is_once(request):
            return self._answer_once(route, request, unit, asked)
        return answering.answer(route.operation, route.action(unit, asked))

    def _answer_guarded(
        self, route: Route, request: Request, members: dict[str, Any], *, unit: Unit, token: str
    ) -> Response:
        guard = applications.guard_reads(unit, token)
        try:
            value = route.action(unit, read_arguments(route.operation, request, members))
        finally:
            # When it failed, too: a stranger is told nothing but to prove who it is.
            guard.settle()
            self._charge(unit)
        return answering.answer(route.operation, value)

    def _answer_client(self, route: Route, request: Request, members: dict[str, Any], *, unit: Unit) -> Response | None:
        """Answer a client whose check is part of the action's first read; None where that cannot be."""
        if _is_once(request):
            return None
        try:
            asked = read_arguments(route.operation, request, members)
        except GatelodgeError:
            # A key is checked first, so that a stranger learns nothing.
            return None
        if route.reads_first is None or not route.reads_first(asked):
            return None
        client_id, client_secret = _name_client(asked)
        guard = applications.guard_client(
            unit,
            client_id,
            client_secret,
            proved=_bearer(request),
            admitted=lambda unit: self._admit(route, unit, asked),
        )
        if guard is None:
            return None
        try:
            value = route.action(unit, asked)
        finally:
            guard.settle()
        return answering.answer(route.operation, value)

    def _identify(self, unit: Unit, request: Request, access: Access) -> Unit:
        if request.embedded:
            return unit.act_as(_embedded_actor(self.runtime, unit.actor))
        token = _bearer(request)
        if token:
            return unit.act_as(applications.identify_key(unit, token))
        if access is Access.API_KEY:
            raise Unauthorized
        return unit

    def _admit(self, route: Route, unit: Unit, asked: msgspec.Struct) -> None:
        self._charge(unit)
        if route.admit is not None:
            route.admit(unit, asked)

    def _charge(self, unit: Unit) -> None:
        for kind, name_subject, allowance in self._floods:
            subject = name_subject(unit.actor)
            if not subject:
                continue
            wait = self.runtime.floods.charge(f"{kind}:{subject}", allowance, unit.now)
            if wait is not None:
                raise RateLimited(retry_after=wait)

    def _answer_once(self, route: Route, request: Request, unit: Unit, asked: msgspec.Struct) -> Response:
        runtime = self.runtime
        name = _name_answer(runtime, request, unit)
        kept = find_answer(unit.read, runtime.sealer, name, now=unit.now)
        if kept is not None:
            return answering.replay(kept)
        keeper = AnswerKeeper(
            runtime.sealer,
            name,
            now=unit.now,
            render=lambda value: answering.keep(answering.answer(route.operation, value)),
        )
        unit.keeper = keeper
        try:
            return self._act(route, unit, asked, keeper)
        except AlreadyAnswered:
            kept = find_answer(unit.read, runtime.sealer, name, now=unit.now)
            if kept is None:
                raise
            return answering.replay(kept)

    def _act(self, route: Route, unit: Unit, asked: msgspec.Struct, keeper: AnswerKeeper) -> Response:
        value: object
        try:
            value = route.action(unit, asked)
        except GatelodgeError as error:
            if unit.concluded or error.status in _NOT_KEPT or error.status >= _FIRST_SERVER_FAULT:
                raise
            value = error
        if not unit.concluded:
            runtime = self.runtime
            runtime.database.write(lambda queries: keeper.keep(queries, value))
        return answering.answer(route.operation, value)


def _read_floods(settings: Settings) -> tuple[_Flood, ...]:
    """Choose what limits the requests of each caller; nothing, where limits are off."""
    if not settings.limits:
        return ()
    allowances = (
        ("key", _api_key_of, read_allowance(settings.limit_per_credential)),
        ("environment", _environment_of, read_allowance(settings.limit_per_environment)),
        ("address", _address_of, read_allowance(settings.limit_per_address)),
    )
    return tuple((kind, name, allowance) for kind, name, allowance in allowances if allowance is not None)


def _api_key_of(actor: Actor) -> str | None:
    return actor.api_key_id


def _environment_of(actor: Actor) -> str | None:
    return actor.environment_id


def _address_of(actor: Actor) -> str | None:
    return None if actor.believed else actor.ip_address


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    # Some public clients send the scheme with an empty token: no credentials (page 00 §2).
    return token.strip() if scheme.lower() == "bearer" else ""


def _embedded_actor(runtime: Runtime, actor: Actor) -> Actor:
    home = runtime.memory.get("embedded_actor")
    if home is None:
        raise Forbidden("This runtime has no environment of its own.")
    home_actor: Actor = home
    return msgspec.structs.replace(
        home_actor,
        request_id=actor.request_id,
        ip_address=actor.ip_address,
        user_agent=actor.user_agent,
    )


def _identify_client(unit: Unit, asked: msgspec.Struct, *, proved: str) -> Actor:
    client_id, client_secret = _name_client(asked)
    # Within this process the actor has an environment of its own, whatever a header would say.
    proved = proved if unit.actor.api_key_id else ""
    return applications.identify_client(unit, client_id, client_secret, proved=proved)


def _name_client(asked: msgspec.Struct) -> tuple[str | None, str | None]:
    return getattr(asked, "client_id", None), getattr(asked, "client_secret", None)


def _is_once(request: Request) -> bool:
    return request.method == "POST" and bool(request.headers.get("idempotency-key", "").strip())


def _name_answer(runtime: Runtime, request: Request, unit: Unit) -> bytes:
    actor = unit.actor
    return name_answer(
        runtime.sealer,
        actor.environment_id,
        actor.api_key_id or "",
        actor.client_id or "",
        request.method,
        request.path,
        request.headers["idempotency-key"],
        request.body.decode("latin-1"),
    )
