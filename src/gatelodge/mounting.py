"""The engine as an app to mount: WSGI in Django or Flask, wrapped as ASGI in FastAPI."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gatelodge.doors.embedded import Engine, open_engine
from gatelodge.doors.forking import OnePerProcess, part_with_sqlite

if TYPE_CHECKING:
    from a2wsgi import WSGIMiddleware


class MountedApp:
    """A WSGI application (PEP 3333) that opens its engine in each process at first use.

    A server that forks after loading (gunicorn with `--preload`) thus never shares a
    database connection between processes, even if its engine was used before. The host's
    own pool bounds the waiters, and the proxy before it the slow bodies.
    """

    def __init__(
        self, database: str, *, client_id: str | None, master_key: str | None, settings: Mapping[str, object]
    ) -> None:
        """Remember what to open."""

        def open_one() -> Engine:
            return open_engine(database, client_id=client_id, master_key=master_key, settings=settings)

        self._engines = OnePerProcess(open_one, part_with_sqlite)

    @property
    def engine(self) -> Engine:
        """Give this process's engine, opening it when there is none yet."""
        return self._engines.get()

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
        engine = self._engines.take()
        if engine is not None:
            engine.close()


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
