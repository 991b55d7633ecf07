"""Every method that was promised, against the table that promises it."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatelodge import UNSET, AsyncUserManagement, UserManagement

WAITS_FOR_NOTHING = {
    "get_authorization_url",
    "get_authorization_url_with_pkce",
    "get_jwks_url",
    "get_logout_url",
    "load_sealed_session",
}


@dataclass(frozen=True)
class Promise:
    """A row of the table: `True` for an argument that may be None where it may be left out, too."""

    name: str
    arguments: tuple[str, ...]
    gives: str
    page: str


def promises() -> list[Promise]:
    lines = Path(__file__).with_name("methods.txt").read_text("utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [Promise(name, tuple(arguments), gives, page) for name, *arguments, gives, page in rows]


PROMISES = promises()


@pytest.fixture(params=PROMISES, ids=[promise.name for promise in PROMISES])
def promise(request: pytest.FixtureRequest) -> Promise:
    given: Promise = request.param
    return given


def describe(parameter: inspect.Parameter) -> str:
    """Write an argument as the table has it."""
    if parameter.default is parameter.empty:
        return parameter.name
    may_be_none = "None" in str(parameter.annotation)
    return parameter.name + ("=null" if parameter.default is UNSET and may_be_none else "?")


def test_the_table_names_every_method_of_the_class() -> None:
    held = {name for name, _ in inspect.getmembers(UserManagement, inspect.isfunction) if not name.startswith("_")}

    assert {promise.name for promise in PROMISES} <= held
    assert len({promise.name for promise in PROMISES}) == len(PROMISES)


def test_a_method_takes_what_was_promised(promise: Promise) -> None:
    _, *parameters = inspect.signature(getattr(UserManagement, promise.name)).parameters.values()

    promised = [argument for argument in promise.arguments if argument != "-"]
    assert set(promised) <= {describe(parameter) for parameter in parameters}
    # What is not in the table is free to come, but never to be demanded.
    assert {describe(parameter) for parameter in parameters if parameter.default is parameter.empty} <= set(promised)
    assert [parameter.name for parameter in parameters][:1] == [re.split(r"[?=]", name)[0] for name in promised][:1]


def test_a_method_gives_what_was_promised_and_says_where_that_is_written(promise: Promise) -> None:
    plain, awaited = (getattr(kind, promise.name) for kind in (UserManagement, AsyncUserManagement))
    documentation = inspect.getdoc(plain) or ""

    assert str(inspect.signature(plain).return_annotation).replace(" ", "") == promise.gives
    given: Any = inspect.signature(awaited).return_annotation
    assert str(given).replace(" ", "").replace("Async", "") == promise.gives
    assert inspect.iscoroutinefunction(awaited) is (promise.name not in WAITS_FOR_NOTHING)
    assert re.search(rf"contract\s+pages?\s[^.]*\b{promise.page}\b", documentation), documentation
