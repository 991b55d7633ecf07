"""For tests: accounts of your own in milliseconds, a clock that travels, mail that can be read.

With pytest, take the fixture `gatelodge`; without it, `Template` opens the same. Nothing
here is for production: hashes cost next to nothing, and limits are off.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from gatelodge.testing.chance import CountingEntropy
from gatelodge.testing.clock import SOME_INSTANT, FrozenClock

if TYPE_CHECKING:
    from gatelodge.testing.accounts import PASSWORD, Gatelodge
    from gatelodge.testing.messages import Message
    from gatelodge.testing.template import Template

__all__ = ["PASSWORD", "SOME_INSTANT", "CountingEntropy", "FrozenClock", "Gatelodge", "Message", "Template"]

_HOMES = {
    "Gatelodge": "gatelodge.testing.accounts",
    "Message": "gatelodge.testing.messages",
    "PASSWORD": "gatelodge.testing.accounts",
    "Template": "gatelodge.testing.template",
}


def __getattr__(name: str) -> object:
    # pytest loads the plugin in every run, and most runs of it need no engine (PEP 562).
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
