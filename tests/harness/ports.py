"""Ports that nobody listens on."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Choose a loopback port that is free now.

    Somebody else may take it before it is used; whoever starts a server on it tries again
    with another when that happens.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
