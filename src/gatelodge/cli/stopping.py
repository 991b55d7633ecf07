"""How a server's process hears that it shall stop: once, however often it is told."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


def stop_once() -> None:
    """Let one signal to stop through to Granian in this worker process, and no other.

    Ctrl-C reaches every process of a terminal, and systemd sends its SIGTERM to a whole
    service; the first process then sends each worker another one. In Granian 2.8 two
    within a few milliseconds lock a worker up (`WorkerSignal.set` waits, with the GIL, for
    a thread that waits for the GIL), and after half a minute it is killed with the
    requests it had. So workers leave Ctrl-C to the first process, and hear SIGTERM once.

    Until Granian has set its signals, SIGTERM ends the process at once: nothing runs yet.
    """
    from granian import _signals

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    set_all: Any = _signals.set_loop_signals

    def set_loop_signals(loop: AbstractEventLoop) -> Any:  # noqa: ANN401  # Granian's own event
        event = set_all(loop)
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        unheard = [event]

        def stop() -> None:
            if unheard:
                unheard.pop().set()

        loop.add_signal_handler(signal.SIGTERM, stop)
        return event

    _signals.set_loop_signals = set_loop_signals
