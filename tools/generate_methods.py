"""Write docs/reference.md: every method of the class with its HTTP call, its errors and an example."""

from __future__ import annotations

import inspect
import re
from typing import Any

from gatelodge import PageOf, Session, UserManagement
from tools.examples import example_of

TARGET = "docs/reference.md"

ABOUT = """\
# Reference

Every method of `UserManagement`. `AsyncUserManagement` has the same ones as coroutines, those that write addresses
and `load_sealed_session` excepted, which send nothing. Arguments after the first are named. What a method raises is
in [`gatelodge.errors`](objects.md#errors), what they give are [objects](objects.md); besides what is listed with
each, any call may raise `Unauthorized`, `RateLimited`, `ServiceUnavailable`, `ServerError`, `ConnectionFailed`,
`RequestTimedOut` and `AnswerUnreadable`. The examples speak of `um`, a client as the [tutorial](tutorial.md) makes
it.

"""

# In the order in which a reader needs them; a test sees that none is left out.
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Users", ("Users", "Identities", "EmailChanges")),
    ("Signing in", ("Authentication", "Steps", "Devices", "Authorization")),
    ("Sessions", ("SealedSessions", "Sessions", "Tokens")),
    ("Codes and links by mail", ("MagicAuthCodes", "EmailVerifications", "PasswordResets")),
    ("Second factors", ("Factors",)),
    ("Organizations", ("Organizations",)),
    ("Memberships", ("Memberships",)),
    ("Invitations", ("Invitations",)),
    ("Roles and permissions", ("Roles", "OrganizationRoles", "Permissions")),
    ("Events", ("Events",)),
    ("Redirect URIs and origins", ("RedirectUris", "CorsOrigins")),
    ("The client itself", ("UserManagement",)),
)

# What methods give that has methods of its own: the title, the class, and what is said of it.
HELPERS: tuple[tuple[str, type, str], ...] = (
    (
        "Loaded sessions",
        Session,
        "What `load_sealed_session` gives; `AsyncSession` for coroutines. See [session cookies](session-cookies.md).",
    ),
    (
        "Pages of lists",
        PageOf,
        "What a list gives; `AsyncPageOf` for coroutines. `data` and a walk over it give the items of this page alone.",
    ),
)

_CALL = re.compile(r"`((?:DELETE|GET|PATCH|POST|PUT) [^`]+)`")
PAGES = re.compile(r",? ?\(?contract pages? [\d, and§]+\)?")
# The call that the method is, rather than one that a sentence speaks of.
_OWN_CALL = re.compile(_CALL.pattern + r"(?=[.,])")
_RAISED = re.compile(r"^    (\w[\w, ]*): (.*)$")

# What an example needs beyond what the signature demands, and what it cannot learn from the wire's examples.
_MORE: dict[str, dict[str, Any]] = {
    "create_organization_membership": {"role_slug": "editor"},
    "create_user": {"password": "correct horse 17", "first_name": "Ada"},
    "get_authorization_url": {"provider": "authkit", "state": "k3Vb81"},
    "get_authorization_url_with_pkce": {"provider": "authkit"},
    "get_logout_url": {"return_to": "https://app.example.com"},
    "list_events": {"events": ["user.created"]},
    "list_organization_memberships": {"user_id": "user_01K0V7S3GQ8XH2M4N6P8R0T2VW"},
    "list_users": {"limit": 100},
    "send_invitation": {"organization_id": "org_01K0V7S3GQ8XH2M4N6P8R0T2VW"},
    "update_user": {"first_name": "Augusta"},
}
_VALUES: dict[str, Any] = {
    "magic_auth_id": "magic_auth_01K0V7S3GQ8XH2M4N6P8R0T2VW",
    "name": "Editor",
    "invitation_id": "invitation_01K0V7S3GQ8XH2M4N6P8R0T2VW",
    "organization_domain_id": "org_domain_01K0V7S3GQ8XH2M4N6P8R0T2VW",
    "password_reset_id": "password_reset_01K0V7S3GQ8XH2M4N6P8R0T2VW",
    "pending_authentication_token": "cTDQJTTkTkkVYxQUlKBIxEsFs",
    "permission_slug": "posts:create",
    "redirect_uri": "https://app.example.com/callback",
    "session_data": "Fe26.2**…",
    "slug": "editor",
    "token": "Z1uX3RbwcIl5fIGJJJCXXisdI",
    "type": "totp",
    "uri": "https://app.example.com/callback",
}
_WIDTH = 88
_NO_EXAMPLE = {"close", "embedded", "joined"}


def generate() -> dict[str, str]:
    """Give the page's text."""
    parts = [ABOUT]
    for title, names in SECTIONS:
        parts.append(f"## {title}\n\n")
        parts += [_method(UserManagement, name) for owner in names for name in methods_of(owner)]
    for title, kind, words in HELPERS:
        parts.append(f"## {title}\n\n{words}\n\n")
        parts += [_method(kind, name) for name in vars(kind) if not name.startswith("_") and _is_told(kind, name)]
    return {TARGET: "".join(parts).rstrip() + "\n"}


def methods_of(owner: str) -> list[str]:
    """Name the public methods that a class of the client brings, in the order of its source."""
    held = next(kind for kind in UserManagement.__mro__ if kind.__name__ == owner)
    return [name for name in vars(held) if not name.startswith("_") and callable(getattr(held, name))]


def write_example(name: str) -> str | None:
    """Write a call with what it demands; None where a page of its own shows it."""
    if name in _NO_EXAMPLE:
        return None
    parameters = inspect.signature(getattr(UserManagement, name)).parameters.values()
    given = {each.name: _value(name, each.name) for each in parameters if _is_needed(each)}
    given |= _MORE.get(name, {})
    unnamed = {each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD}
    written = [repr(value) if each in unnamed else f"{each}={value!r}" for each, value in given.items()]
    return f"um.{name}({', '.join(written)})".replace("'", '"')


def http_call(name: str) -> str | None:
    """Give the request that a method sends, or None where it sends none."""
    found = _CALL.search(inspect.getdoc(getattr(UserManagement, name)) or "")
    return found.group(1) if found else None


def _is_needed(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.name != "self"


def _value(method: str, parameter: str) -> Any:
    if parameter == "name" and "organization" in method and "role" not in method:
        return "Acme"
    if parameter == "slug" and "permission" in method:
        return "posts:create"
    known = _VALUES.get(parameter, example_of(parameter))
    if known is None:
        message = f"tools/generate_methods.py knows no example of {parameter}, which {method} demands"
        raise ValueError(message)
    return known


def _is_told(kind: type, name: str) -> bool:
    return inspect.isfunction(held := getattr(kind, name)) or isinstance(held, property)


def _method(kind: type, name: str) -> str:
    held = getattr(kind, name)
    text = inspect.getdoc(held) or ""
    words, _, raised = _without_example(text).partition("\n\nRaises:\n")
    is_client = kind is UserManagement
    call = http_call(name) if is_client else None
    paragraphs = [_prose(paragraph) for paragraph in words.split("\n\n")]
    parts = [f"### `{name}`" if is_client else f"### `{kind.__name__}.{name}`"]
    parts += [f"```python\n{_signature(held)}\n```"] if callable(held) else []
    parts += [f"**`{call}`**"] if call else []
    parts += [paragraph for paragraph in paragraphs if paragraph]
    parts += [_errors(raised)] if raised else []
    example = write_example(name) if is_client else own_example(text)
    parts += [f"```python\n{example}\n```"] if example else []
    return "\n\n".join(parts) + "\n\n"


def own_example(text: str) -> str | None:
    """Cut the example out of a description."""
    found = re.search(r"\n\nExample:\n((?:    .*\n?)+)", text)
    return inspect.cleandoc(found.group(1)) if found else None


def _without_example(text: str) -> str:
    """Leave out what a docstring shows: it speaks of its surroundings, and the page's examples stand alone."""
    return re.sub(r"\n\nExamples?:(?:\n+ {4}.*)+", "", text)


def _prose(paragraph: str) -> str:
    """Write a paragraph without what stands elsewhere: the HTTP call and the page of the contract."""
    line = PAGES.sub("", _OWN_CALL.sub("", " ".join(paragraph.split()), count=1)).strip()
    line = re.sub(r"^[.,] *", "", line)
    return re.sub(r" +([.,])", r"\1", line)


def _signature(method: Any) -> str:
    name, signature = method.__name__, inspect.signature(method)
    parameters = [each for each in signature.parameters.values() if each.name != "self"]
    arguments = [_argument(each) for each in parameters]
    named = [index for index, each in enumerate(parameters) if each.kind is each.KEYWORD_ONLY]
    if named:
        arguments.insert(named[0], "*")
    answer = str(signature.return_annotation).replace("'", "")
    short = f"{name}({', '.join(arguments)}) -> {answer}"
    if len(short) <= _WIDTH:
        return short
    return f"{name}(\n    " + ",\n    ".join(arguments) + f",\n) -> {answer}"


def _argument(parameter: inspect.Parameter) -> str:
    annotation = str(parameter.annotation).replace("'", "")
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}".replace("'", '"')
    return f"{parameter.name}: {annotation}{default}"


def _errors(raised: str) -> str:
    """Write the list of errors, the details of each on one line."""
    items: list[str] = []
    for line in raised.splitlines():
        found = _RAISED.match(line)
        if found:
            names = ", ".join(f"`{each}`" for each in found.group(1).split(", "))
            items.append(f"- {names}: {found.group(2)}")
        elif items:
            items[-1] += f" {line.strip()}"
    return "Raises:\n\n" + "\n".join(items)
