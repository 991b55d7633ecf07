"""How a server's processes hear that they shall stop, and how they stop.

They hear it once, however often and however early they are told. A worker takes no new
connection from then on, but gives those that it has taken a moment to ask, and takes leave
of them with the answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import socket
import struct
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_SECONDS_TO_ASK = 0.2
# Linux: one instruction of its packet filter, "return 0", which keeps no byte of any packet.
_ATTACH_FILTER = 26
_DROP_ALL = struct.pack("HBBI", 0x06, 0, 0, 0)


class _Interrupt(threading.Event):
    """What the first process waits for, never so long that it could miss a signal.

    Of two signals at once another thread may take both. The waiting thread, whose Python
    alone runs handlers, is not woken then: it looks for itself every second.
    """

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002  # Granian gives none
        while not super().wait(1.0):
            pass
        return True


def stop_first(server: Any) -> list[int]:  # noqa: ANN401  # Granian's own server
    """Let one signal stop the first process; give the list of those that were heard, for its workers.

    Granian 2.8 sets its event in the handler, on the thread that waits for it: a signal that
    comes while that thread holds the event's lock stops it for ever. So another thread sets it.

    A worker begins with this handler, as a fork does, and a signal that comes so early is in
    the list when it asks.
    """
    heard: list[int] = []

    def stop(number: int, frame: object) -> None:  # noqa: ARG001  # what Python calls a handler with
        if not heard:
            heard.append(number)
            server.interrupt_signal = True
            threading.Thread(target=server.main_loop_interrupt.set).start()

    server.main_loop_interrupt = _Interrupt()
    server.signal_handler_interrupt = stop
    return heard


def stop_once(heard: list[int]) -> None:
    """Let one signal to stop through to Granian in this worker process, and no other.

    Ctrl-C reaches every process of a terminal, and systemd sends its SIGTERM to a whole
    service; the first process then sends each worker another one. In Granian 2.8 two
    within a few milliseconds lock a worker up (`WorkerSignal.set` waits, with the GIL, for
    a thread that waits for the GIL), and after half a minute it is killed with the
    requests it had. So workers leave Ctrl-C to the first process, and hear SIGTERM once.

    A loop that does not run yet hears nothing: uvloop puts such a signal aside, and looks
    at it when the next one comes. So SIGTERM is noted until the loop runs, which then asks.
    What the loop hears is in the list, too.
    """
    from granian import _signals

    def note(number: int, frame: object) -> None:  # noqa: ARG001  # what Python calls a handler with
        heard.append(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, note)
    set_all: Any = _signals.set_loop_signals

    def set_loop_signals(loop: AbstractEventLoop) -> Any:  # noqa: ANN401  # Granian's own event
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        event = set_all(loop)
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, note)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        unheard = [event]

        def stop() -> None:
            if unheard:
                heard.append(signal.SIGTERM)
                # Granian hangs up on whoever has not asked yet, and takes connections until then.
                loop.call_later(_SECONDS_TO_ASK if turn_away() else 0, unheard.pop().set)

        def listen() -> None:
            loop.add_signal_handler(signal.SIGTERM, stop)
            if heard:
                stop()

        loop.call_soon(listen)
        return event

    _signals.set_loop_signals = set_loop_signals


def turn_away() -> bool:
    """Let no packet reach the listening sockets of this process any more; False where that cannot be had.

    A client that connects now hears nothing, and knocks again after a second: at the server that
    has been started in this one's place, or at a closed door. What is connected is not touched.
    """
    if sys.platform != "linux":
        return False
    program = ctypes.create_string_buffer(_DROP_ALL)
    told = struct.pack("HP", 1, ctypes.addressof(program))
    done = False
    # They are Granian's, and are not to be had from it.
    for entry in Path("/proc/self/fd").iterdir():
        with (
            contextlib.suppress(OSError),
            socket.fromfd(int(entry.name), socket.AF_INET, socket.SOCK_STREAM) as opened,
        ):
            if opened.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                opened.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, told)
                done = True
    return done
