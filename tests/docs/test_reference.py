"""docs/reference.md: no method is left out, and each example sends the request that stands above it."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator

import msgspec
import pytest

import gatelodge
from gatelodge import UserManagement, errors
from gatelodge.contract.errors import GatelodgeError
from tests.docs.fences import ROOT
from tests.sdk.recording import RecordingServer
from tools.generate_methods import SECTIONS, http_call, methods_of, write_example

COOKIE_PASSWORD = "a cookie password of thirty-two signs and more"
# The first sends when a cookie can be opened; the browser sends what the second writes.
SEND_NOTHING_HERE = {"authenticate_with_session_cookie", "get_logout_url"}
METHODS = sorted(
    name for name, _ in inspect.getmembers(UserManagement, callable) if not name.startswith("_")
)  # fmt: skip


@pytest.fixture(scope="module")
def recorder() -> Iterator[RecordingServer]:
    with RecordingServer() as server:
        yield server


@pytest.fixture(scope="module")
def um(recorder: RecordingServer) -> Iterator[UserManagement]:
    with UserManagement(
        "sk_test", client_id="client_dev", base_url=recorder.url, cookie_password=COOKIE_PASSWORD, retries=0
    ) as um:
        yield um


def test_every_method_stands_in_one_section() -> None:
    listed = [name for _, owners in SECTIONS for owner in owners for name in methods_of(owner)]
    page = (ROOT / "docs" / "reference.md").read_text("utf-8")

    assert sorted(listed) == METHODS
    assert re.findall(r"^### `(\w+)`$", page, re.MULTILINE) == listed


def test_every_object_that_is_given_is_described_member_by_member() -> None:
    page = (ROOT / "docs" / "objects.md").read_text("utf-8")
    public = {name for name in gatelodge.__all__ if issubclass_of_struct(getattr(gatelodge, name))}
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*) \|$", page.partition("## Errors")[0], re.MULTILINE)

    assert {"User", "AuthenticationResponse", "AuthenticatedSession", "Impersonator"} <= public | {"Impersonator"}
    assert public <= set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert len(rows) > 200
    assert [name for name, kind, words in rows if not (kind and words)] == []
    assert "| `sealed_session` | str \\| None |" in page
    assert re.findall(r"contract page", page) == []


def issubclass_of_struct(value: object) -> bool:
    return inspect.isclass(value) and issubclass(value, msgspec.Struct)


def test_every_error_is_described_with_its_status_and_its_code() -> None:
    page = (ROOT / "docs" / "objects.md").read_text("utf-8").partition("## Errors")[2]
    told = {name: (int(status), code) for name, status, code in re.findall(
        r"^\| `(\w+)` \| [`\w]* \| (\d+) \| `(\w+)` \| \S.*\|$", page, re.MULTILINE
    )}  # fmt: skip

    kinds = [each for each in vars(errors).values() if inspect.isclass(each)]
    assert told == {kind.__name__: (kind.status, kind.code) for kind in kinds if issubclass(kind, GatelodgeError)}


@pytest.mark.parametrize("name", [name for name in METHODS if write_example(name)])
def test_an_example_sends_the_request_that_is_named(name: str, um: UserManagement, recorder: RecordingServer) -> None:
    recorder.asked.clear()

    # The recorder answers an empty object, which most methods cannot read; what was sent is what counts.
    with contextlib.suppress(errors.GatelodgeError):
        eval(write_example(name) or "", {"um": um})  # noqa: S307  # our own generator wrote it

    call = http_call(name)
    if call is None or name in SEND_NOTHING_HERE:
        assert not recorder.asked
        return
    method, _, path = call.partition(" ")
    assert recorder.last.method == method
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
    assert re.fullmatch(pattern, recorder.last.target.partition("?")[0])
