"""Write the reference page from the OpenAPI document: one page of HTML, without a script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from tools.generate_openapi import build_document
from tools.reference_view import HOST, View, name_of

TARGET = "src/gatelodge/documents/reference.html"
_FOLDER = Path(__file__).resolve().parent
# What readers come for first; the other sections follow in alphabetical order.
_FIRST = ("user-management.authentication", "user-management.users", "user-management.session-tokens")
_TITLES = {
    "authorization": "Roles",
    "multi-factor-auth": "Second factors",
    "multi-factor-auth.challenges": "Challenges",
    "sso": "Single sign-on",
    "user-management.cors-origins": "CORS origins",
    "user-management.jwt-template": "JWT template",
    "user-management.multi-factor-authentication": "Users' second factors",
    "user-management.organization-membership": "Memberships",
    "user-management.redirect-uris": "Redirect URIs",
}
_CODE = re.compile(r"`([^`]+)`")


def generate() -> dict[str, str]:
    """Give the page's text."""
    document = build_document()
    view = View(document)
    templates = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    templates.filters["words"] = words
    templates.filters["json"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    page = templates.get_template("reference.html.jinja").render(
        info=document["info"],
        host=HOST,
        sections=_sections(document, view),
        objects=_objects(document, view),
    )
    return {TARGET: page + "\n"}


def words(text: str) -> Markup:
    """Write prose: paragraphs, and code between backquotes."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
    marked = [_CODE.sub(r"<code>\1</code>", str(escape(part))) for part in paragraphs]
    # Escaped one line above; what is added is markup of ours.
    return Markup("\n".join(f"<p>{part}</p>" for part in marked))  # noqa: S704  # see above


def _sections(document: dict[str, Any], view: View) -> list[dict[str, Any]]:
    sections = []
    for tag in sorted(document["tags"], key=lambda tag: (_rank(tag["name"]), _title(tag["name"]))):
        operations = [
            _operation(view, method.upper(), path, described)
            for path, methods in document["paths"].items()
            for method, described in methods.items()
            if tag["name"] in described["tags"]
        ]
        sections.append(
            {
                "id": re.sub(r"\W+", "-", tag["name"]),
                "title": _title(tag["name"]),
                "words": tag.get("description", ""),
                "operations": operations,
            }
        )
    return sections


def _rank(tag: str) -> int:
    return _FIRST.index(tag) if tag in _FIRST else len(_FIRST)


def _title(tag: str) -> str:
    return (
        _TITLES.get(tag)
        or tag.removeprefix("user-management.").replace("-", " ").replace(".", ": ").replace("_", " ").capitalize()
    )


def _operation(view: View, method: str, path: str, described: dict[str, Any]) -> dict[str, Any]:
    status, schema = view.answer(described)
    description, _, who = described["description"].rpartition("\n\n")
    return {
        "id": described["operationId"],
        "method": method,
        "path": path,
        "title": described["summary"],
        "words": description,
        "who": who,
        "parameters": view.parameters(described),
        "bodies": view.bodies(described),
        "takes_form": "application/x-www-form-urlencoded" in described.get("requestBody", {}).get("content", {}),
        "status": status,
        "answer_words": described["responses"][status]["description"],
        "answer_name": name_of(schema) if schema and "$ref" in schema else "",
        "sample": view.sample(schema) if schema else None,
        "errors": view.errors(described),
        "curl": view.curl(method, path, described),
    }


def _objects(document: dict[str, Any], view: View) -> list[dict[str, Any]]:
    """List the objects that answers are made of and that bodies hold, with what is inside them."""
    schemas = document["components"]["schemas"]
    answers = [view.answer(each)[1] for methods in document["paths"].values() for each in methods.values()]
    waiting = [name_of(schema) for schema in answers if schema and "$ref" in schema]
    bodies = [
        each["requestBody"]
        for methods in document["paths"].values()
        for each in methods.values()
        if "requestBody" in each
    ]
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(bodies)):
        waiting += re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schemas[name]))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += re.findall(r'"#/components/schemas/(\w+)"', json.dumps(schemas[name]))
    return [
        {"name": name, "words": schemas[name].get("description", ""), "members": view.members(schemas[name])}
        for name in sorted(found)
    ]
