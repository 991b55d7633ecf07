"""Every error as it is written, and every way of asking badly that is the same at each operation."""

from __future__ import annotations

import typing
from typing import Any, ClassVar

import msgspec
import pytest

from gatelodge.contract import errors as family
from gatelodge.contract.errors import GatelodgeError, Shape, UnknownError, from_wire, known_errors, to_wire
from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.operations import OPERATIONS
from gatelodge.contract.users import User
from tests.contract.golden import assert_same
from tests.harness.inprocess import CLIENT, Answer, House

KINDS = [kind for kind in known_errors().values() if not kind.__subclasses__() and kind is not UnknownError]
EACH = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)

_USER = User(
    id="user_01KF0RDQG00YJBZZHEK77K5FNT",
    email="ada@example.com",
    email_verified=True,
    created_at="2026-01-15T12:00:00.000Z",
    updated_at="2026-01-15T12:00:00.000Z",
)
_SAMPLES: dict[Any, Any] = {
    str: "text",
    User: _USER,
    list[str]: ["text"],
    dict[str, bool]: {"password": True},
    list[family.Fault]: [family.Fault(code="required", field="email", message="email is required.")],
    list[family.FactorReference]: [family.FactorReference(id="auth_factor_01", type="totp")],
    list[family.OrganizationReference]: [family.OrganizationReference(id="org_01", name="Acme")],
}


def make(kind: type[GatelodgeError]) -> GatelodgeError:
    """Make an error with all that it may carry."""
    hints = typing.get_type_hints(kind, localns={"User": User})
    own = {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not ClassVar}
    details = {name: _SAMPLES[hint] for name, hint in own.items() if hint in _SAMPLES and not hasattr(kind, name)}
    return kind(**details)


def test_every_error_is_written_as_it_was_found_right() -> None:
    written = {kind.__name__: {"status": kind.status, "body": _plain(to_wire(make(kind)))} for kind in KINDS}

    assert_same("errors", dict(sorted(written.items())))


def _plain(body: dict[str, Any]) -> Any:
    return msgspec.json.decode(msgspec.json.encode(body))


@EACH
def test_an_error_comes_back_as_the_class_it_was(kind: type[GatelodgeError]) -> None:
    sent = make(kind)

    came = from_wire(kind.status, _plain(to_wire(sent)), retry_after=2)

    assert type(came) is kind
    assert (came.message, came.details, came.retry_after) == (sent.message, sent.details, 2)


@EACH
def test_an_error_has_the_members_that_official_clients_read(kind: type[GatelodgeError]) -> None:
    body = _plain(to_wire(make(kind)))

    if kind.shape is Shape.OAUTH:
        assert isinstance(body["error"], str)
        assert isinstance(body["error_description"], str)
        return
    # A plain body with `error` in it is taken for an OAuth one.
    assert "error" not in body
    assert isinstance(body["code"], str)
    assert isinstance(body["message"], str)
    assert all(isinstance(entry["code"], str) for entry in body.get("errors", ()))


KEYED = [operation for operation in OPERATIONS if operation.access is Access.API_KEY]
WITH_BODY = [operation for operation in KEYED if not operation.reads_query]


def send(house: House, operation: Operation, body: bytes = b"") -> Answer:
    """Send an operation a body, with ids in its path that nobody has."""
    path = "/".join("unknown" if part.startswith("{") else part for part in operation.path.split("/"))
    return house.call(operation.method, path, body=body)


def codes(answers: dict[str, Answer]) -> dict[str, tuple[int, str]]:
    """Give what each operation answered, as status and code."""
    return {name: (answer.status, answer.json["code"]) for name, answer in answers.items()}


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 5000])
def test_a_body_that_is_no_object_is_unreadable_everywhere(house: House, body: bytes) -> None:
    answers = {operation.name: send(house, operation, body) for operation in WITH_BODY}

    assert set(codes(answers).values()) == {(400, "invalid_request_body")}


def test_an_id_that_nobody_has_is_not_found_everywhere(house: House) -> None:
    named = [operation for operation in KEYED if operation.path_members and operation.reads_query]
    answers = {operation.name: send(house, operation) for operation in named}

    assert set(codes(answers).values()) == {(404, "entity_not_found")}
    named_in = {name: answer.json["entity_id"] for name, answer in answers.items()}
    # A secret that somebody tried is not repeated.
    assert named_in == {name: "" if name.endswith("_by_token") else "unknown" for name in answers}


def test_members_of_the_wrong_type_are_told_one_by_one_everywhere(house: House) -> None:
    for operation in WITH_BODY:
        needed = {
            field.encode_name
            for field in msgspec.structs.fields(operation.request)
            if field.required and field.encode_name not in operation.path_members
        }
        if needed:
            answer = send(house, operation, msgspec.json.encode({name: {"no": ["such"]} for name in needed}))

            assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters"), operation.name
            assert {entry["field"] for entry in answer.json["errors"]} == needed, operation.name


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten", "1.5"])
def test_a_limit_out_of_bounds_is_refused_by_every_list(house: House, limit: str) -> None:
    lists = [each for each in KEYED if "limit" in {field.name for field in msgspec.structs.fields(each.request)}]

    for operation in lists:
        path = operation.path.replace("{user_id}", house.create_user(f"{operation.name}@example.com")["id"])
        answer = house.call("GET", path, query={"limit": limit})

        assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters"), operation.name


@pytest.mark.parametrize("body", [b"", b"{}", b"client_id=client_dev", b'{"grant_type": 7}', b'{"grant_type": "none"}'])
def test_a_grant_that_cannot_be_read_is_refused_in_the_oauth_shape(house: House, body: bytes) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"} if b"=" in body else {}
    answer = house.call("POST", "/user_management/authenticate", body=body, headers=form, key=None)

    assert answer.status == 400
    assert answer.json["error"] in {"invalid_request", "invalid_client"}
    assert isinstance(answer.json["error_description"], str)


def test_an_unknown_route_and_a_wrong_method_are_told_in_json(house: House) -> None:
    unknown = house.call("GET", "/user_management/nothing")
    wrong = house.call("PATCH", f"/sso/jwks/{CLIENT}")

    assert (unknown.status, unknown.json["code"]) == (404, "not_found")
    assert (wrong.status, wrong.json["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "GET")
