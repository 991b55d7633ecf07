"""What each server process does when it starts: everything is made after the fork."""

from __future__ import annotations

import gc
import os
import signal
import threading

from gatelodge.doors.api.rsgi import RsgiApp
from gatelodge.doors.assemble import assemble, open_door
from gatelodge.doors.worker import Worker
from gatelodge.kit.settings import Settings

_LOOK = 0.5


def load_app(settings: Settings, parent: int) -> RsgiApp:
    """Make the runtime, the door and the worker thread of this process."""
    runtime = assemble(settings)
    door = open_door(runtime)
    worker = Worker(runtime, door.log)
    worker.start()
    threading.Thread(target=_follow, args=(parent,), name="parent-watch", daemon=True).start()
    app = RsgiApp(door, worker.stop)
    # All that is here by now stays: a full collection would look through it again and again, and
    # hold up every request for ten milliseconds.
    gc.collect()
    gc.freeze()
    return app


def _follow(parent: int) -> None:
    """Stop when the parent is gone: a worker that outlived it would hold the port for ever."""
    waiting = threading.Event()
    while not waiting.wait(_LOOK):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
