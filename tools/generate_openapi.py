"""Write the OpenAPI 3.1 document from the table of operations."""

from __future__ import annotations

import inspect
import json
import re
import tomllib
import typing
from pathlib import Path
from typing import Any

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.operations import OPERATIONS
from tools.actions import explain
from tools.openapi_errors import error_components, error_responses, shared_responses
from tools.openapi_schemas import Schema, answers_json, read_components, refer, request_shapes

ROOT = Path(__file__).resolve().parent.parent
TARGET = "src/gatelodge/documents/openapi.json"

ABOUT = """\
User management that a team runs itself, on the wire that the official WorkOS SDKs speak.

Every body is JSON in UTF-8, and so is every error. Ids are a prefix and a ULID; instants are ISO 8601 in UTC
with exactly three fractional digits. Unknown members are ignored. Lists are pages over `(created_at, id)`, newest
first; `list_metadata` holds the cursors of the neighbouring pages. Any POST may carry an `Idempotency-Key`: the same
key with the same body gets the first answer again for 24 hours.

Gatelodge is not affiliated with WorkOS.
"""

# What each section is about, by the tag of its operations.
SECTIONS: dict[str, str] = {
    "api_keys": "Keys that an organization's or a user's own programs call your app with.",
    "authorization": "Roles of an environment and of one organization, and who has them.",
    "connections": "Single sign-on connections of organizations.",
    "events": "What happened, in the order in which it was committed.",
    "multi-factor-auth": "Second factors by themselves.",
    "multi-factor-auth.challenges": "Questions that a second factor answers.",
    "organization-domains": "Domains that organizations have proved to be theirs.",
    "organizations": "The customers of your app, each with its members.",
    "permissions": "What roles are made of.",
    "sso": "Single sign-on: authorize, exchange, profile, log out.",
    "user-management.authentication": "Signing in, renewing and ending sessions.",
    "user-management.cors-origins": "Browser origins that may call this API.",
    "user-management.invitations": "Invitations to sign up, or to join an organization.",
    "user-management.jwt-template": "Claims that are added to access tokens.",
    "user-management.magic-auth": "Six-digit codes to sign in with, by mail.",
    "user-management.multi-factor-authentication": "A user's second factors.",
    "user-management.organization-membership": "Who is a member where, and as what.",
    "user-management.redirect-uris": "Where a sign-in may lead back to.",
    "user-management.session-tokens": "Public keys that verify access tokens.",
    "user-management.users": "The accounts of an environment, and their sessions.",
    "webhooks": "Where events are posted to.",
}

WHO_CALLS = {
    Access.API_KEY: "With an API key.",
    Access.CLIENT: "With `client_id` and `client_secret` in the body; some grants are open to public clients, by "
    "`client_id` alone.",
    Access.PUBLIC: "Anyone.",
}


def generate() -> dict[str, str]:
    """Give the document's text."""
    return {TARGET: json.dumps(build_document(), indent=1, ensure_ascii=False) + "\n"}


def build_document() -> dict[str, Any]:
    """Build the document; a page of users is called `UserPage` in it."""
    named: dict[str, Any] = json.loads(re.sub(r"\bPage_(\w+?)_(?=\")", r"\1Page", json.dumps(_build())))
    return named


def _build() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in sorted(OPERATIONS, key=lambda operation: (operation.path, operation.method)):
        path = re.sub(r"\*\}", "}", operation.path)
        paths.setdefault(path, {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gatelodge",
            "version": _version(),
            "description": ABOUT,
            "license": {"name": "Apache 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": tag, **({"description": SECTIONS[tag]} if tag in SECTIONS else {})}
            for tag in sorted({operation.tag for operation in OPERATIONS})
        ],
        "paths": paths,
        "components": {
            "schemas": {**read_components(OPERATIONS), **error_components(OPERATIONS)},
            "responses": shared_responses(OPERATIONS),
            "headers": _HEADERS,
            "parameters": _PARAMETERS,
            "securitySchemes": _SECURITY,
        },
    }


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


_HEADERS: dict[str, Schema] = {
    "Location": {"description": "Where the browser goes next.", "schema": {"type": "string", "format": "uri"}},
    "RequestId": {"description": "Names the request in the server's log.", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Whole seconds to wait before trying again.", "schema": {"type": "integer"}},
}
_PARAMETERS: dict[str, Schema] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same body gets the first answer again for 24 hours.",
        "schema": {"type": "string", "maxLength": 512},
    },
}
_SECURITY: dict[str, Schema] = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key of the environment, `sk_…`."},
}


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary.removesuffix("."),
        "description": f"{explain(operation)}\n\n{WHO_CALLS[operation.access]}",
        "parameters": _parameters(operation),
        "responses": {str(operation.status): _success(operation), **error_responses(operation)},
        "security": _security(operation.access),
    }
    if not operation.reads_query:
        described["requestBody"] = _body(operation)
    if operation.redirects:
        page = {"description": "Signed out, and no place to go on to is configured.", "content": {"text/html": {}}}
        described["responses"]["200"] = page
    return described


def _security(access: Access) -> list[dict[str, list[str]]]:
    if access is Access.API_KEY:
        return [{"apiKey": []}]
    return [{"apiKey": []}, {}] if access is Access.CLIENT else [{}]


def _parameters(operation: Operation) -> list[Schema]:
    # The components have lost what travels in the path, so the shape is read anew.
    name = request_shapes(operation)[0].__name__
    members = read_components((_bodiless(operation),))[name].get("properties", {})
    required = _required(operation)
    path: list[Schema] = [
        {"name": member, "in": "path", "required": True, "schema": _textual(members[member])}
        for member in operation.path_members
    ]
    if not operation.reads_query:
        keyed = [{"$ref": "#/components/parameters/IdempotencyKey"}] if operation.method == "POST" else []
        return [*path, *keyed]
    return [*path, *(_query(member, members[member], required) for member in members if member not in _names(path))]


def _bodiless(operation: Operation) -> Operation:
    plain_path = re.sub(r"[{}*]", "", operation.path)
    return msgspec.structs.replace(operation, path=plain_path, result=None)


def _required(operation: Operation) -> set[str]:
    shapes = request_shapes(operation)
    return {field.encode_name for field in msgspec.structs.fields(shapes[0]) if field.required}


def _names(parameters: list[Schema]) -> set[str]:
    return {parameter["name"] for parameter in parameters}


def _query(name: str, schema: Schema, required: set[str]) -> Schema:
    described: Schema = {"name": name, "in": "query", "required": name in required, "schema": _textual(schema)}
    if "description" in schema:
        described["description"] = schema["description"]
        described["deprecated"] = schema["description"].startswith("Deprecated")
    if described["schema"].get("type") == "array":
        described |= {"style": "form", "explode": False}
    return described


def _textual(schema: Schema) -> Schema:
    """Describe a member that travels as text, where there is no null."""
    kind = schema.get("type")
    if isinstance(kind, list):
        schema = {**schema, "type": kind[0]}
    if "enum" in schema:
        schema = {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return {key: value for key, value in schema.items() if key != "description"}


def _body(operation: Operation) -> Schema:
    schema = refer(operation.request)
    content = {"application/json": {"schema": schema}}
    if operation.form:
        content["application/x-www-form-urlencoded"] = {"schema": schema}
    return {"required": bool(_required(operation) - set(operation.path_members)), "content": content}


def _success(operation: Operation) -> Schema:
    headers = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}
    if operation.redirects:
        return {
            "description": "The browser goes on.",
            "headers": {"Location": {"$ref": "#/components/headers/Location"}},
        }
    if not answers_json(operation):
        return {"description": "Done; there is no body.", "headers": headers}
    content = {"application/json": {"schema": refer(operation.result)}}
    return {"description": _result_words(operation), "headers": headers, "content": content}


def _result_words(operation: Operation) -> str:
    shape = typing.get_origin(operation.result) or operation.result
    return inspect.cleandoc(shape.__doc__ or "Done.").partition("\n\n")[0]
