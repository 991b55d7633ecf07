"""One test for both faces of the client: plain functions and coroutines."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from gatelodge import AsyncUserManagement, UserManagement

Face = Literal["sync", "async"]
FACES: tuple[Face, ...] = ("sync", "async")

KEY = "sk_test_key"
CLIENT = "client_test"
NOW = 1_768_478_400.0
"""2026-01-15T12:00:00Z."""


class Use(Protocol):
    """Calls a method `get_user(…)` by its name, and waits for what it gives."""

    def __getattr__(self, name: str) -> Callable[..., Any]: ...


@dataclass
class NoWaiting:
    """A timing whose waits are only written down; chance is in the middle."""

    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return NOW

    def chance(self) -> float:
        return 0.5

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


class AsyncNoWaiting(NoWaiting):
    async def sleep(self, seconds: float) -> None:  # type: ignore[override]  # the same, awaited
        self.waits.append(seconds)


@dataclass
class Client:
    """A client of either face, made anew for each call, so that each async call has its own loop."""

    face: Face
    options: dict[str, Any]
    waits: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **members: Any) -> Any:
            return self.use(lambda client: getattr(client, name)(*arguments, **members))

        return call

    def use(self, action: Callable[[Any], Any]) -> Any:
        if self.face == "sync":
            with UserManagement(**self.options, timing=NoWaiting(self.waits)) as client:
                return action(client)
        return asyncio.run(self._use(action))

    async def _use(self, action: Callable[[Any], Any]) -> Any:
        async with AsyncUserManagement(**self.options, timing=AsyncNoWaiting(self.waits)) as client:
            given = action(client)
            return await given if inspect.isawaitable(given) else given

    def collect(self, action: Callable[[Any], Any]) -> list[Any]:
        """Give every item of a list, page after page."""
        if self.face == "sync":
            return list(self.use(lambda client: list(action(client).auto_paging_iter())))

        async def gather(client: Any) -> list[Any]:
            page = await action(client)
            return [item async for item in page.auto_paging_iter()]

        return list(self.use(gather))
