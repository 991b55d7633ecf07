"""What each server process does when it starts: everything is made after the fork."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Sequence

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.doors.api.rsgi import RsgiApp
from gatelodge.doors.assemble import assemble, open_door
from gatelodge.doors.worker import Worker
from gatelodge.kit.clock import SystemClock
from gatelodge.kit.database import CannotOpen
from gatelodge.kit.log import Log
from gatelodge.kit.settings import Settings
from gatelodge.kit.unit import Runtime

_LOOK = 0.5


def load_app(settings: Settings, parent: int, *, heard: Sequence[int]) -> RsgiApp:
    """Make the runtime, the door and the worker thread of this process.

    `heard` gets the signal to stop.
    """
    threading.Thread(target=_follow, args=(parent,), name="parent-watch", daemon=True).start()
    runtime = _assemble(settings, heard)
    door = open_door(runtime)
    worker = Worker(runtime, door.log)
    worker.start()
    app = RsgiApp(door, worker.stop, is_stopping=lambda: bool(heard))
    # All that is here by now stays: a full collection would look through it again and again, and
    # hold up every request for ten milliseconds.
    gc.collect()
    gc.freeze()
    return app


def _assemble(settings: Settings, heard: Sequence[int]) -> Runtime:
    """Make the runtime, once the database is there.

    The first process has seen it, so a worker that does not find it was started again while it
    is away. Were it to end, too, Granian would take that for a loop and end the whole server.
    """
    waiting, told = threading.Event(), False
    while not heard:
        try:
            return assemble(settings)
        except (CannotOpen, ServiceUnavailable) as fault:
            if not told:
                Log(SystemClock(), level=settings.log_level).fault("worker waits for the database", fault)
                told = True
        waiting.wait(_LOOK)
    raise SystemExit(0)


def _follow(parent: int) -> None:
    """Stop when the parent is gone: a worker that outlived it would hold the port for ever."""
    waiting = threading.Event()
    while not waiting.wait(_LOOK):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
