"""No value of any member of any operation is a fault of ours: each is taken, or refused with a JSON object.

The table is made from the operations, so one that is added later is in it without a line here.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from gatelodge.contract.authentication import GRANT_SHAPES
from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from tests.harness.inprocess import CLIENT, KEY, Answer, House

SOME_ID = "01KF0JQ6G0X4HT7K6SSMBV18BY"
JSON_VALUES = [
    "null", "true", "0", "-1", "1.5", "-0", '""', '" "', "[]", "{}", "[null]", '{"a": null}', '{"": ""}',
    "1" + "0" * 30, "-1" + "0" * 400, "1e400", "9" * 5000, "NaN", "Infinity",
    '"\\u0000"', '"a\\u0000b"', '{"\\u0000": "x"}', '["\\u0000"]', '"\\ud800"', '"\\udc00\\ud800"', '"\\u202e\\u2028"',
    '"' + "x" * 100_000 + '"', '"' + "\U0001f600" * 300 + '"', '"%s%n{0}"', '"\'; drop table users; --"',
    "[" * 5000 + "]" * 5000, '{"a":' * 3000 + "1" + "}" * 3000, '{"a": 1, "a": 2}', "\xff", '"\x00"', "'x'", "",
    f'"user_{SOME_ID}"', f'"user_{"Z" * 26}"', '"../.."', '"\uff12"', '"2026-13-45T99:99:99Z"', '"+12025550123"',
]  # fmt: skip
TEXTS = ["", " ", "\0", "x" * 50_000, "\u202e", "%", "' or 1=1 --", "..", "\U0001f600", f"user_{SOME_ID}", "\n"]


def _is_an_answer(answer: Answer) -> bool:
    if answer.status >= 500:
        return False
    return answer.status < 400 or isinstance(answer.json, dict)


def _members(shape: Any) -> list[str]:
    shapes = typing.get_args(shape) or (shape,)
    return sorted({member.encode_name for one in shapes for member in msgspec.structs.fields(one)})


def _path(operation: Operation, values: dict[str, str]) -> str:
    parts = operation.path.split("/")
    return "/".join(
        values.get(part.strip("{}*"), f"user_{SOME_ID}") if part.startswith("{") else part for part in parts
    )


def _with(rest: dict[str, Any], member: str, value: str) -> bytes:
    members = [f"{msgspec.json.encode(name).decode()}:{msgspec.json.encode(rest[name]).decode()}" for name in rest]
    return f"{{{','.join([*members, f'{msgspec.json.encode(member).decode()}:{value}'])}}}".encode("latin-1", "replace")


def _send_bodies(house: House, operation: Operation) -> Iterator[tuple[str, Answer]]:
    for member in _members(operation.request):
        for value in JSON_VALUES:
            body = _with({"email": "eve@example.com"} if member != "email" else {}, member, value)
            yield f"{member}: {value[:40]}", house.call(operation.method, _path(operation, {}), body=body)


def _send_texts(house: House, operation: Operation) -> Iterator[tuple[str, Answer]]:
    for member in _members(operation.request):
        for text in TEXTS:
            if member in operation.path_members:
                path = _path(operation, {member: text})
                yield f"{member} = {text[:40]!r}", house.call(operation.method, path, {})
            elif operation.reads_query:
                yield (
                    f"{member} = {text[:40]!r}",
                    house.call(operation.method, _path(operation, {}), query={member: text}),
                )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_no_value_of_a_member_is_a_fault_of_ours(house: House, operation: Operation) -> None:
    sent = list(_send_texts(house, operation))
    if not operation.reads_query:
        sent += _send_bodies(house, operation)

    assert not [(what, answer.status) for what, answer in sent if not _is_an_answer(answer)]


@pytest.mark.parametrize("grant_type", GRANT_SHAPES)
def test_no_value_in_a_grant_is_a_fault_of_ours(house: House, grant_type: str) -> None:
    house.create_user()
    path = "/user_management/authenticate"
    shape = GRANT_SHAPES[grant_type]
    good = dict.fromkeys(_members(shape), "x")
    good |= {"grant_type": grant_type, "client_id": CLIENT, "client_secret": KEY}
    good |= {"email": "ada@example.com"} if "email" in good else {}
    wrong = []

    for member in good:
        rest = {name: value for name, value in good.items() if name != member}
        for value in JSON_VALUES:
            answer = house.call("POST", path, body=_with(rest, member, value), key=None)
            wrong += [] if _is_an_answer(answer) else [(member, value[:40], answer.status)]
        for text in TEXTS:
            form = urlencode({**rest, member: text}).encode()
            headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
            answer = house.call("POST", path, body=form, headers=headers, key=None)
            wrong += [] if _is_an_answer(answer) else [(member, text[:40], answer.status)]

    assert not wrong


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b'"x"', b"5", b"{", b'{"a"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"{}{}", b"{'a': 1}", b"[" * 100_000,
     b'{"a":' * 100_000, b"\x00", b"{\x00}", b"a=b"],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused_as_such(house: House, body: bytes) -> None:
    for path in ("/user_management/users", "/user_management/authenticate", "/user_management/sessions/revoke"):
        answer = house.post(path, body=body)
        assert (answer.status, answer.json["code"]) == (400, "invalid_request_body"), path
    assert house.get("/user_management/users").json["data"] == []


@pytest.mark.parametrize("body", [b"", b" ", b"\r\n"])
def test_an_empty_body_is_an_empty_object(house: House, body: bytes) -> None:
    created = house.post("/user_management/users", body=body)
    grant = house.post("/user_management/authenticate", body=body)

    assert (created.status, created.json["errors"][0]["field"]) == (422, "email")
    assert (grant.status, grant.json["error"]) == (400, "invalid_request")


def test_every_wrong_member_is_named(house: House) -> None:
    answer = house.post("/user_management/users", {"email": 5, "first_name": [], "email_verified": "yes"})

    faults = {(error["field"], error["code"]) for error in answer.json["errors"]}
    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert faults == {("email", "invalid_type"), ("first_name", "invalid_type"), ("email_verified", "invalid_type")}
    assert all(isinstance(error["message"], str) for error in answer.json["errors"])


def test_a_message_does_not_repeat_a_secret_that_was_sent_wrongly(house: House) -> None:
    for body in ({"email": "ada@example.com", "password": {"secret": "correct horse 17"}},
                 {"email": ["correct horse 17"]}, {"email": "correct horse 17"}):  # fmt: skip
        answer = house.post("/user_management/users", body)
        assert answer.status == 422
        assert b"correct horse" not in answer.body
