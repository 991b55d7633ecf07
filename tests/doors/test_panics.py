"""What breaks in a way that is no `Exception` is answered like any other fault."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from gatelodge.doors.embedded import open_engine
from gatelodge.doors.http import Request
from gatelodge.kit.entropy import SystemEntropy
from tests.conftest import FreshDatabase


class _Panic(BaseException):
    """As code in Rust raises it, with words that are nobody's business."""


class _Breaking(SystemEntropy):
    """A source of chance that breaks when it is told to."""

    breaks: BaseException | None = None

    def token_bytes(self, n: int) -> bytes:
        if self.breaks is not None:
            raise self.breaks
        return super().token_bytes(n)


def _create() -> Request:
    headers = {"content-type": "application/json"}
    body = json.dumps({"email": "ada@example.com"}).encode()
    return Request(method="POST", path="/user_management/users", headers=headers, body=body, embedded=True)


def test_a_panic_is_answered_and_told(fresh_database: FreshDatabase, capfd: pytest.CaptureFixture[str]) -> None:
    entropy = _Breaking()
    with closing(open_engine(fresh_database("sqlite"), master_key="m" * 43, entropy=entropy)) as engine:
        entropy.breaks = _Panic("secret words")
        broken = engine.respond(_create())
        entropy.breaks = None
        assert engine.respond(_create()).status == 201

    assert broken.status == 500
    assert json.loads(broken.body)["code"] == "server_error"
    told = capfd.readouterr().err
    assert "_Panic" in told
    assert "secret words" not in told + broken.body.decode()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_is_nobodys_answer(fresh_database: FreshDatabase, interruption: type[BaseException]) -> None:
    entropy = _Breaking()
    with closing(open_engine(fresh_database("sqlite"), master_key="m" * 43, entropy=entropy)) as engine:
        entropy.breaks = interruption()
        with pytest.raises(interruption):
            engine.respond(_create())
        entropy.breaks = None
        assert engine.respond(_create()).status == 201
