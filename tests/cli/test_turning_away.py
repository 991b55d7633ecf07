"""A worker that stops takes no new connection, and hangs up on nobody who has one."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from gatelodge.cli import stopping

_WORKER = """
import socket
from gatelodge.cli import stopping

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
accepted, _ = listener.accept()
print(stopping.turn_away(), flush=True)
accepted.sendall(accepted.recv(100))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can have a socket hear nothing")
def test_newcomers_hear_nothing_while_those_who_are_connected_are_answered() -> None:
    with subprocess.Popen([sys.executable, "-c", _WORKER], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        address = ("127.0.0.1", int(worker.stdout.readline()))
        with socket.create_connection(address, timeout=20) as connected:
            assert worker.stdout.readline() == "True\n"
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.3)

            connected.sendall(b"am I still heard?")

            assert connected.recv(100) == b"am I still heard?"
        assert worker.wait(timeout=20) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address, timeout=20)


def test_where_the_system_cannot_have_that_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert not stopping.turn_away()
