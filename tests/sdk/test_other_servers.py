"""The client on any server of this wire, WorkOS's own among them: nothing is presumed that the wire does not say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatelodge import UserManagement, errors
from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from tests.contract.wire import Member, Row, find_row, members_of, table
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.test_methods import PROMISES, Promise
from tests.sdk.test_public import FOR_COOKIES, WITHOUT_REQUEST, demanded

TOMORROW = {"newer_member": {"deep": [1, None, "x"]}, "another": None}
INSTANT = "2026-01-15T12:00:00.000Z"
ID = "0b6c1f0e-8d1b-4a4f-9f07-3d0f1f0c9a11"
"""An id of another shape than ours."""


def write_object(name: str, *, sparse: bool) -> dict[str, Any]:
    """Write an object of the wire: sparse with the least and with words of tomorrow, or with all that there is."""
    members = members_of(name) or {
        "data": Member(type=f"array<{name.removesuffix('List')}>", nullable=False, required=True)
    }
    told = {
        key: None if sparse and member.nullable else write_value(key, member.type, member.values, sparse=sparse)
        for key, member in members.items()
        if member.required or key == "data" or not sparse
    }
    return told | (TOMORROW if sparse else {})


def write_value(key: str, kind: str, values: tuple[str, ...], *, sparse: bool) -> Any:
    """Write a value of a type of the wire."""
    if values:
        return "newer_word" if sparse and len(values) > 1 else values[0]
    if kind in table()["objects"]:
        return write_object(kind, sparse=sparse)
    if found := re.fullmatch(r"array<(.+)>", kind):
        is_plain = found[1] not in table()["objects"]
        return [] if sparse and is_plain else [write_value(key, found[1], (), sparse=sparse)]
    plain: dict[str, Any] = {"boolean": True, "integer": 7, "number": 7, "date-time": INSTANT}
    if kind.startswith(("map", "object")):
        return {} if sparse else {"tier": "gold"}
    return plain.get(kind, ID if key == "id" or key.endswith("_id") else f"some {key}")


def find_call(promise: Promise) -> tuple[Operation, Row] | None:
    """Find the operation that a method calls, if the public API has it."""
    name = "authenticate" if promise.name.startswith("authenticate_with") else promise.name
    renamed = {"create_device_authorization": "create_device"}
    for operation in OPERATIONS:
        row = find_row(operation)
        if operation.name == renamed.get(name, name) and row is not None and row.answer is not None:
            return operation, row
    return None


CALLS = [
    (promise, *found)
    for promise in PROMISES
    if promise.name not in WITHOUT_REQUEST | FOR_COOKIES and (found := find_call(promise))
]


def ask(promise: Promise, client: Any) -> Any:
    members = demanded(promise)
    if promise.name == "list_organization_memberships":
        members["user_id"] = "user_x"
    return getattr(client, promise.name)(**members)


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "full"])
def test_every_answer_of_the_public_api_is_read(recorder: RecordingServer, sparse: bool) -> None:  # noqa: FBT001  # a parameter of the test
    unread: list[str] = []
    with UserManagement("sk_x", client_id="client_x", base_url=recorder.url, retries=0) as client:
        for promise, _, row in CALLS:
            body: Any = write_object(row.answer or "", sparse=sparse)
            if row.kind == "array":
                body = [body]
            recorder.answer(Answer(row.statuses[0], body))
            try:
                ask(promise, client)
            except (errors.GatelodgeError, AttributeError) as error:
                unread.append(f"{promise.name}: {error}")

    assert not unread, "\n".join(unread)
    assert len(CALLS) > 50


def test_what_another_server_leaves_out_is_none_and_its_ids_are_taken_as_they_are(recorder: RecordingServer) -> None:
    recorder.answer(Answer(200, write_object("UserlandUserOrganizationMembership", sparse=True)))
    with UserManagement("sk_x", client_id="client_x", base_url=recorder.url) as client:
        member = client.get_organization_membership("0b6c1f0e/../x")

    assert member.id == member.user_id == ID
    assert (member.organization_name or None, member.custom_attributes) == (None, {})
    assert str(member.status) == "newer_word"
    assert recorder.last.target == "/user_management/organization_memberships/0b6c1f0e%2F..%2Fx"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(404, {"message": "User not found: 'user_x'."}), errors.NotFound),
        (Answer(422, {"message": "Validation failed", "errors": [{"code": "x"}]}), errors.RequestInvalid),
        (Answer(403, {"message": "Forbidden"}), errors.Forbidden),
        (Answer(401, {"message": "Unauthorized"}), errors.Unauthorized),
        (Answer(429, {"message": "Too many requests."}, {"retry-after": "7"}), errors.RateLimited),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
def test_a_refusal_with_a_message_alone_is_known_by_its_status(
    recorder: RecordingServer, answer: Answer, kind: type[errors.GatelodgeError]
) -> None:
    recorder.answer(answer)

    with (
        UserManagement("sk_x", client_id="client_x", base_url=recorder.url, retries=0) as client,
        pytest.raises(kind) as caught,
    ):
        client.get_user("user_x")

    assert caught.value.message == answer.body["message"]
    assert caught.value.status == answer.status
    assert caught.value.retry_after == (7 if answer.status == 429 else None)


def test_the_names_of_the_official_clients_variables_are_enough(
    recorder: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"API_KEY": "sk_live_x", "CLIENT_ID": "client_x", "BASE_URL": recorder.url + "/"}.items():
        monkeypatch.setenv(f"WORKOS_{name}", value)
    recorder.answer(Answer(200, write_object("UserlandUser", sparse=False)))

    with UserManagement() as client:
        client.get_user("user_x")

    assert recorder.last.target == "/user_management/users/user_x"
    assert recorder.last.headers["authorization"] == "Bearer sk_live_x"
