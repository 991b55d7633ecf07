"""Operations, client methods, settings and documents say the same, and generated files are fresh."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from gatelodge import AsyncUserManagement, UserManagement
from gatelodge.contract import errors
from gatelodge.contract.operations import OPERATIONS
from gatelodge.doors.assemble import ROUTES
from gatelodge.kit.settings import Settings
from tests.house import exemptions
from tests.house.source import PACKAGE, ROOT
from tools import generate
from tools.field_docs import field_docs

DOCUMENTS = PACKAGE / "documents"
NAMES = {operation.name for operation in OPERATIONS}


def openapi() -> dict[str, Any]:
    """Read the committed document."""
    document: dict[str, Any] = json.loads((DOCUMENTS / "openapi.json").read_text(encoding="utf-8"))
    return document


class Page(HTMLParser):
    """The reference page, as far as its ids, links and scripts go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: set[str] = set()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.ids += [str(given["id"])] if "id" in given else []
        self.targets |= {str(given["href"])} if "href" in given else set()
        assert not any(name.startswith("on") or name == "style" for name in given), attrs


def reference() -> Page:
    """Read the committed page."""
    return Page((DOCUMENTS / "reference.html").read_text(encoding="utf-8"))


def test_generated_files_are_fresh() -> None:
    assert generate.stale(generate.generate()) == [], "run `make generate`"


def test_every_operation_has_one_route() -> None:
    routed = [route.operation.name for route in ROUTES]

    assert sorted(routed) == sorted(NAMES)


@pytest.mark.parametrize("client", [UserManagement, AsyncUserManagement])
def test_every_operation_has_a_client_method(client: type) -> None:
    methods = {name for name in dir(client) if not name.startswith("_")}
    called = {name for name in NAMES if any(each == name or each.startswith(f"{name}_with_") for each in methods)}
    called |= {name for name in exemptions.BY_ADDRESS if f"get_{name}_url" in methods}
    called |= {name for name, method in exemptions.BY_OTHER_NAME.items() if method in methods}
    missing = NAMES - called

    assert missing == set(exemptions.WITHOUT_CLIENT_METHOD)


def test_the_openapi_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(openapi()).iter_errors()) == []


def test_the_openapi_document_has_every_operation_and_no_other() -> None:
    described = [method["operationId"] for methods in openapi()["paths"].values() for method in methods.values()]

    assert sorted(described) == sorted(NAMES)


def test_the_reference_shows_every_operation_and_every_link_leads_somewhere() -> None:
    page = reference()
    places = {f"#{name}" for name in page.ids}

    assert set(page.ids) >= NAMES
    assert len(page.ids) == len(set(page.ids))
    assert {target for target in page.targets if target.startswith("#")} <= places
    assert {target for target in page.targets if not target.startswith("#")} == {"/docs/reference.css", "/openapi.json"}


def test_the_reference_needs_no_script() -> None:
    assert "script" not in reference().tags
    assert "style" not in reference().tags


def test_every_setting_says_what_it_does() -> None:
    assert set(field_docs(Settings)) == {field.name for field in msgspec.structs.fields(Settings)}


def test_every_member_of_the_contract_has_words() -> None:
    schemas = openapi()["components"]["schemas"]
    silent = {
        f"{name}.{member}"
        for name, schema in schemas.items()
        if name not in vars(errors)
        for member, described in schema.get("properties", {}).items()
        if not described.keys() & {"$ref", "anyOf", "const", "description"}
    }

    assert not silent, "tools/member_words.py has one line for each name"


@pytest.mark.parametrize("path", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))

    assert not [link for link in links if not (path.parent / link).exists()]


def test_the_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name.partition("-")[0]) for path in sorted(ROOT.glob("docs/decisions/*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))
