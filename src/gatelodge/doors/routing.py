"""Find the route of a path in a compiled tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from gatelodge.contract.errors import GatelodgeError, MethodNotAllowed, RouteNotFound
from gatelodge.doors.http import Request, Response
from gatelodge.kit.route import Lane, Route
from gatelodge.kit.unit import Runtime

PageHandler: TypeAlias = Callable[[Runtime, Request], Response]
Apologize: TypeAlias = Callable[[Runtime, Request, GatelodgeError], Response]


class Page:
    """A path that answers by itself: health, documents, development switches."""

    __slots__ = ("apologize", "handler", "lane", "method", "path")

    def __init__(
        self,
        method: str,
        path: str,
        handler: PageHandler,
        *,
        lane: Lane = Lane.READ,
        apologize: Apologize | None = None,
    ) -> None:
        """Hold the handler, the lane it waits on, and what tells a person that it could not answer."""
        self.apologize: Apologize | None = apologize
        self.method: str = method
        self.path: str = path
        self.handler: PageHandler = handler
        self.lane: Lane = lane


Target: TypeAlias = Route | Page


class _Node:
    __slots__ = ("literal", "methods", "names", "rest", "variable")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.rest: _Node | None = None
        self.methods: dict[str, Target] = {}
        self.names: dict[str, tuple[str, ...]] = {}


class Router:
    """The table of all paths. Literal segments win over variables."""

    def __init__(self, routes: Iterable[Route], pages: Iterable[Page] = ()) -> None:
        """Compile the routes and the pages into one tree."""
        self._root = _Node()
        for route in routes:
            operation = route.operation
            self._add(operation.method, operation.path, route, operation.path_members)
        for page in pages:
            self._add(page.method, page.path, page, ())
            if page.method == "GET":
                # What watches over servers asks with HEAD; the server leaves the body out.
                self._add("HEAD", page.path, page, ())

    def _add(self, method: str, path: str, target: Target, names: tuple[str, ...]) -> None:
        node = self._root
        for segment in path[1:].split("/"):
            node = _step(node, segment)
        if method in node.methods:
            raise ValueError(f"two routes for {method} {path}")
        node.methods[method] = target
        node.names[method] = names

    def find(self, method: str, path: str) -> tuple[Target, dict[str, Any]]:
        """Find the target and the path's members.

        Raises:
            RouteNotFound: No route has this path.
            MethodNotAllowed: A route has this path, but not with this method.
        """
        values: list[str] = []
        node = _walk(self._root, path[1:].split("/"), values)
        if node is None or not node.methods:
            raise RouteNotFound(f"There is no route {path[:200]!r}.")
        target = node.methods.get(method)
        if target is None:
            allowed = ", ".join(sorted(node.methods))
            raise MethodNotAllowed(f"This route takes {allowed}.", allow=allowed)
        return target, dict(zip(node.names[method], values, strict=True))

    def list_methods(self, path: str) -> list[str]:
        """List the methods that are served at this path; none when there is no such path."""
        node = _walk(self._root, path[1:].split("/"), [])
        return [] if node is None else sorted(node.methods)

    def is_public(self, path: str) -> bool:
        """Tell whether what is read at this path may be read by anybody, from anywhere."""
        node = _walk(self._root, path[1:].split("/"), [])
        target = None if node is None else node.methods.get("GET")
        return isinstance(target, Route) and target.public_for is not None


def _step(node: _Node, segment: str) -> _Node:
    if segment.endswith("*}"):
        node.rest = node.rest or _Node()
        return node.rest
    if segment.startswith("{"):
        node.variable = node.variable or _Node()
        return node.variable
    return node.literal.setdefault(segment, _Node())


def _walk(node: _Node, segments: list[str], values: list[str]) -> _Node | None:
    for index, segment in enumerate(segments):
        following = node.literal.get(segment)
        if following is None and node.rest is not None and (rest := "/".join(segments[index:])):
            values.append(rest)
            return node.rest
        if following is None and node.variable is not None and segment:
            values.append(segment)
            following = node.variable
        if following is None:
            return None
        node = following
    return node
