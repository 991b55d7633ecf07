"""The documents are served, say what is answered, and their examples work."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from tests.contract.requests import REQUESTS
from tests.harness.furnished import Furnished
from tests.harness.inprocess import KEY, Answer, House
from tools.generate_openapi import build_document
from tools.reference_view import View

DOCUMENT = build_document()
VIEW = View(DOCUMENT)


@pytest.fixture
def house(furnished: Furnished) -> Any:
    """Give a house; what is described does not depend on the engine."""
    with furnished.lend("sqlite") as url:
        made = House(url, limits=False)
        yield made
        made.close()


def described(operation: Operation) -> dict[str, Any]:
    """Find an operation in the document."""
    found: dict[str, Any] = DOCUMENT["paths"][operation.path.replace("*}", "}")][operation.method.lower()]
    return found


def departures(operation: Operation, answer: Answer) -> list[str]:
    """List where an answer departs from what the document says of its status."""
    response = described(operation)["responses"][str(answer.status)]
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [] if answer.json is None else ["the document knows of no body"]
    validator = OAS31Validator({**schema, "components": DOCUMENT["components"]})
    return [fault.message for fault in validator.iter_errors(answer.json)]


@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_an_answer_is_as_the_document_says(house: House, name: str) -> None:
    operation = next(each for each in OPERATIONS if each.name == name)

    assert departures(operation, REQUESTS[name](house)) == []


def test_a_refusal_is_as_the_document_says(house: House) -> None:
    for operation in OPERATIONS:
        path = re.sub(r"\{\w+\*?\}", "unknown", operation.path)
        for key in (KEY, "sk_test_of_nobody"):
            answer = house.call(operation.method, path, key=key)

            assert departures(operation, answer) == [], (operation.name, answer)


def test_a_departure_is_seen(house: House) -> None:
    operation = next(each for each in OPERATIONS if each.name == "get_user")
    answer = REQUESTS["get_user"](house)
    answer.json["email_verified"] = None

    assert departures(operation, answer)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_example_names_its_own_operation_and_sends_what_can_be_read(house: House, operation: Operation) -> None:
    words = shlex.split(
        VIEW.curl(operation.method, operation.path.replace("*}", "}"), described(operation)).replace("\\\n", "")
    )
    url = next(word for word in words if word.startswith("http://localhost:4100/"))
    path, _, query = url.removeprefix("http://localhost:4100").partition("?")
    body = words[words.index("-d") + 1].encode() if "-d" in words else b""

    answer = house.call(
        operation.method, path, body=body, query=dict(pair.split("=") for pair in query.split("&") if pair)
    )

    assert answer.status not in {405, 422, 500}, answer
    assert (answer.json or {}).get("code") not in {"not_found", "invalid_request_body"}, answer
    assert ("-X" not in words) == (operation.method == ("POST" if body else "GET"))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/openapi.json", "application/json"),
        ("/docs/api", "text/html; charset=utf-8"),
        ("/docs/reference.css", "text/css; charset=utf-8"),
    ],
)
def test_a_document_is_served_to_anyone(house: House, path: str, kind: str) -> None:
    answer = house.call("GET", path, key=None)

    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert len(answer.body) > 1000


def test_the_document_served_is_the_one_that_was_generated(house: House) -> None:
    served = house.call("GET", "/openapi.json", key=None)

    assert json.loads(served.body) == json.loads(json.dumps(DOCUMENT))
