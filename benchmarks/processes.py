"""Run a function in a process of its own, so that load and server share no interpreter."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE = 120.0


class Running(Generic[T]):
    """A function that runs elsewhere."""

    def __init__(self, process: multiprocessing.process.BaseProcess, answers: Connection) -> None:
        self._process = process
        self._answers = answers

    def result(self) -> T:
        """Wait for the result.

        Raises:
            RuntimeError: The process ended without one, or took too long.
        """
        try:
            if not self._answers.poll(_PATIENCE):
                raise EOFError
            return cast("T", self._answers.recv())
        except EOFError:
            raise RuntimeError("a process of the benchmark ended without a result; its reason is above") from None
        finally:
            self._process.join(5)
            self._process.kill()


def start(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> Running[T]:
    """Start a function of a module in a fresh interpreter."""
    context = multiprocessing.get_context("spawn")
    answers, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, function, arguments, options), daemon=True)
    process.start()
    sender.close()
    return Running(process, answers)


def _run(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    # A session of its own, as the servers have: Linux shares the cores among sessions first.
    os.setsid()
    sender.send(function(*arguments, **options))
