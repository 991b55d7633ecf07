"""The engine as an app to mount: WSGI in Django or Flask, wrapped as ASGI in FastAPI."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gatelodge.doors.embedded import Engine, open_engine

if TYPE_CHECKING:
    from a2wsgi import WSGIMiddleware


class MountedApp:
    """A WSGI application (PEP 3333) that opens its engine in each process at first use.

    A server that forks after loading (gunicorn with `--preload`) thus never shares a
    database connection between processes. The host's own pool bounds the waiters, and the
    proxy before it the slow bodies.
    """

    def __init__(
        self, database: str, *, client_id: str | None, master_key: str | None, settings: Mapping[str, object]
    ) -> None:
        """Remember what to open."""
        self._master_key = master_key
        self._database = database
        self._client_id = client_id
        self._settings = settings
        self._lock = threading.Lock()
        self._opened: tuple[int, Engine] | None = None

    @property
    def engine(self) -> Engine:
        """Give this process's engine, opening it when there is none yet."""
        opened = self._opened
        if opened is not None and opened[0] == os.getpid():
            return opened[1]
        with self._lock:
            if self._opened is None or self._opened[0] != os.getpid():
                engine = open_engine(
                    self._database,
                    client_id=self._client_id,
                    master_key=self._master_key,
                    settings=self._settings,
                )
                self._opened = (os.getpid(), engine)
            return self._opened[1]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        return self.engine.wsgi(environ, start_response)

    def as_asgi(self) -> WSGIMiddleware:
        """Wrap the app for an ASGI host; calls run on threads of the wrapper."""
        from a2wsgi import WSGIMiddleware

        app: Any = self
        return WSGIMiddleware(app)

    def close(self) -> None:
        """Close this process's engine; the next request opens another."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None and opened[0] == os.getpid():
            opened[1].close()


def create_app(
    database: str,
    *,
    base_url: str,
    client_id: str | None = None,
    master_key: str | None = None,
    settings: Mapping[str, object] | None = None,
) -> MountedApp:
    """Make the API as an app to mount at the root of a host name.

    `base_url` is the public origin that tokens name as their issuer. The app's environment
    is made in an empty database; `gatelodge keys create` issues its API key. Other settings
    come from `settings` and the environment, development mode excepted.
    """
    return MountedApp(
        database,
        client_id=client_id,
        master_key=master_key,
        settings={**(settings or {}), "base_url": base_url},
    )
