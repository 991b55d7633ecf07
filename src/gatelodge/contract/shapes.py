"""Structs that msgspec reads into, each looked at by one thread alone.

msgspec looks into a Struct when it first reads into it, and keeps what it found on the
class. In 0.22 another thread that reads into the same class meanwhile follows a pointer
that is not set yet, and the process dies (SIGSEGV). So whatever reads into a Struct
names it through `ready`.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Hashable
from typing import TypeVar, cast

import msgspec

T = TypeVar("T")

_LOOKING = threading.Lock()
# A child that is forked while another thread looks would wait for that thread for ever.
# Where nothing can be forked, as on Windows, there is no such function.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_LOOKING.acquire,
        after_in_parent=_LOOKING.release,
        after_in_child=_LOOKING.release,
    )


def ready(shape: type[T]) -> type[T]:
    """Give the shape back once any thread may read into it, and into all that is in it."""
    _look(cast("Hashable", shape))
    return shape


@functools.cache
def _look(shape: Hashable) -> None:
    with _LOOKING:
        msgspec.json.Decoder(cast("type[object]", shape))
