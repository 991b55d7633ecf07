"""The OpenAPI document as the reference page shows it: tables, words and examples."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any, TypeAlias

from tools.examples import example_of

Schema: TypeAlias = dict[str, Any]

HOST = "http://localhost:4100"
KEY = "sk_test_default"
_MOST_IN_EXAMPLE = 6


@dataclass(frozen=True, kw_only=True)
class Member:
    """A row of a table: a member of a request or of an object."""

    name: str
    place: str
    type: str
    links: tuple[str, ...]
    needed: bool
    rules: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Body:
    """One form that a request body may have."""

    title: str
    words: str
    members: list[Member]


class View:
    """Reads one document."""

    def __init__(self, document: Schema) -> None:
        """Hold the document."""
        self.document = document
        self._schemas: dict[str, Schema] = document["components"]["schemas"]

    def schema(self, schema: Schema) -> Schema:
        """Follow a reference."""
        return self._schemas[name_of(schema)] if "$ref" in schema else schema

    def parameters(self, operation: Schema) -> list[Member]:
        """List what travels in the path and the query."""
        return [
            self._member(each["name"], each["schema"], needed=each["required"], place=each["in"], words=each)
            for each in operation["parameters"]
            if "$ref" not in each
        ]

    def bodies(self, operation: Schema) -> list[Body]:
        """List the forms of the request body; a sign-in has one for each grant."""
        if "requestBody" not in operation:
            return []
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        forms = schema.get("anyOf", [schema])
        described = [self.schema(form) for form in forms]
        return [
            Body(
                title=self._title(form) if len(forms) > 1 else "",
                words=form["description"] if len(forms) > 1 else "",
                members=self.asked_members(form),
            )
            for form in described
            if form.get("properties")
        ]

    def _title(self, form: Schema) -> str:
        return str(form["properties"]["grant_type"]["const"])

    def members(self, schema: Schema) -> list[Member]:
        """List the members of an object."""
        needed = set(schema.get("required", ()))
        return [
            self._member(name, member, needed=name in needed, place="", words=member)
            for name, member in schema.get("properties", {}).items()
        ]

    def asked_members(self, schema: Schema) -> list[Member]:
        """List the members of a request, those that it must have first."""
        return sorted(self.members(schema), key=lambda member: not member.needed)

    def _member(self, name: str, schema: Schema, *, needed: bool, place: str, words: Schema) -> Member:
        text, links = self._type(schema)
        return Member(
            name=name,
            place=place,
            type=text,
            links=links,
            needed=needed,
            rules=rules_of(schema),
            words=words.get("description", ""),
        )

    def _type(self, schema: Schema) -> tuple[str, tuple[str, ...]]:
        if "$ref" in schema:
            return "", (name_of(schema),)
        alternatives = schema.get("anyOf") or schema.get("oneOf")
        if alternatives:
            parts = [self._type(part) for part in alternatives]
            return " or ".join(text for text, _ in parts if text), tuple(link for _, links in parts for link in links)
        if "const" in schema:
            return json.dumps(schema["const"]), ()
        kind = schema.get("type", "anything")
        kinds = kind if isinstance(kind, list) else [kind]
        words: list[str] = []
        links: list[str] = []
        for each in kinds:
            text, found = self._kind(each, schema)
            words.append(text)
            links += found
        return " or ".join(word for word in words if word), tuple(links)

    def _kind(self, kind: str, schema: Schema) -> tuple[str, tuple[str, ...]]:
        if kind == "array":
            text, links = self._type(schema.get("items", {}))
            return f"array of {text}".rstrip(), links
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            text, links = self._type(schema["additionalProperties"])
            return f"map of {f'({text})' if ' or ' in text else text}".rstrip(), links
        return {"date-time": "instant"}.get(schema.get("format", ""), kind) if kind == "string" else kind, ()

    def answer(self, operation: Schema) -> tuple[str, Schema | None]:
        """Give the status of a success and the schema of its body."""
        status = next(status for status in operation["responses"] if status < "4")
        content = operation["responses"][status].get("content", {})
        return status, content.get("application/json", {}).get("schema")

    def errors(self, operation: Schema) -> list[tuple[str, str, str, bool]]:
        """List status, code, message and shape of the errors of an operation."""
        rows = []
        for status, given in operation["responses"].items():
            if status < "4":
                continue
            response = self.document["components"]["responses"][name_of(given)] if "$ref" in given else given
            schema = response["content"]["application/json"]["schema"]
            for each in schema.get("oneOf", [schema]):
                body = self.schema(each)
                is_oauth = "error" in body["properties"]
                code = body["properties"]["error" if is_oauth else "code"]["const"]
                rows.append((status, code, body["description"], is_oauth))
        return rows

    def sample(self, schema: Schema, *, kind: str = "", depth: int = 0) -> Any:
        """Make a value that fits a schema."""
        schema = self.schema(schema)
        if "const" in schema:
            return schema["const"]
        alternatives = schema.get("anyOf") or schema.get("oneOf")
        if alternatives:
            return self.sample(alternatives[0], kind=kind, depth=depth)
        kinds = schema.get("type", "string")
        first = kinds if isinstance(kinds, str) else kinds[0]
        if first == "object" and "properties" in schema:
            return self._sample_object(schema, kind=kind, depth=depth)
        if first == "array":
            return [self.sample(schema.get("items", {}), kind=kind, depth=depth + 1)]
        if "examples" in schema:
            return schema["examples"][0]
        plain: dict[str, Any] = {"boolean": True, "integer": 1, "number": 1, "object": {}}
        return schema["enum"][0] if "enum" in schema else plain.get(first, "…")

    def _sample_object(self, schema: Schema, *, kind: str, depth: int) -> dict[str, Any]:
        properties = schema["properties"]
        kind = properties.get("object", {}).get("const", kind)
        needed = schema.get("required", [])
        shown = {}
        for name in properties:
            if name not in needed and "examples" not in properties[name]:
                continue
            known = example_of(name, kind=kind)
            plain = "$ref" not in properties[name] and "const" not in properties[name]
            can_be_null = "null" in properties[name].get("type", ())
            if known is not None and plain:
                shown[name] = known
            elif can_be_null:
                shown[name] = None
            else:
                shown[name] = self.sample(properties[name], kind=kind, depth=depth + 1)
        return shown

    def curl(self, method: str, path: str, operation: Schema) -> str:
        """Write a command line that can be pasted into a shell beside a development server."""
        values = {member.name: example_of(member.name) or member.name for member in self.parameters(operation)}
        filled = re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[1])), path)
        query = [f"{m.name}={values[m.name]}" for m in self.parameters(operation) if m.place == "query" and m.needed]
        url = f"{HOST}{filled}{'?' if query else ''}{'&'.join(query)}"
        sent = self._sent(operation)
        is_plain = method == ("GET" if sent is None else "POST")
        lines = [f"curl{'' if is_plain else f' -X {method}'} {shlex.quote(url)}"]
        if operation["security"] == [{"apiKey": []}]:
            lines.append(f"-H 'Authorization: Bearer {KEY}'")
        if sent is not None:
            lines.append("-H 'Content-Type: application/json'")
            lines.append("-d " + shlex.quote(json.dumps(sent, indent=2, ensure_ascii=False)))
        return " \\\n  ".join(lines)

    def _sent(self, operation: Schema) -> dict[str, Any] | None:
        if "requestBody" not in operation:
            return None
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        forms = [self.schema(form) for form in schema.get("anyOf", [schema])]
        form = next((each for each in forms if "password" in each["properties"] and len(forms) > 1), forms[0])
        needed = form.get("required", [])
        # A client names itself in every grant, and the common members say most about the rest.
        names = [*needed, *(name for name in ("client_id", "client_secret") if name in form["properties"])]
        names += [name for name in form["properties"] if name not in names and "examples" in form["properties"][name]]
        sample = self._sample_object({**form, "required": list(form["properties"])}, kind="", depth=0)
        chosen = [name for name in names if not (name.endswith("_type") and name not in needed)]
        return {name: sample[name] for name in chosen[: max(_MOST_IN_EXAMPLE, len(needed))]}


def name_of(reference: Schema) -> str:
    """Name what a reference points at."""
    return str(reference["$ref"].rpartition("/")[2])


def rules_of(schema: Schema) -> str:
    """Say what a value must keep to."""
    words = []
    if "enum" in schema:
        words.append("one of " + ", ".join(str(value) for value in schema["enum"] if value is not None))
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        words.append(f"{low} to {high}")
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    if longest is not None:
        words.append(f"{shortest} to {longest} characters" if shortest else f"at most {longest} characters")
    if schema.get("default") not in (None, "", []):
        words.append(f"{schema['default']} unless given")
    return "; ".join(words)
