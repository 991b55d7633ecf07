"""List, add and delete redirect URIs and CORS origins, as the wire has them (contract page 24 §1, §2)."""

from __future__ import annotations

from gatelodge.contract.cors_origins import CorsOriginResponse, CreateCorsOrigin, ListCorsOrigins
from gatelodge.contract.errors import (
    CorsOriginTaken,
    Fault,
    NotFound,
    RedirectUriIsDefault,
    RedirectUriTaken,
    RequestInvalid,
)
from gatelodge.contract.operation import Nothing
from gatelodge.contract.paging import Page
from gatelodge.contract.redirect_uris import CreateRedirectUri, ListRedirectUris, RedirectUri, RedirectUriId
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.features.applications import store
from gatelodge.features.applications.addresses import find_origin_fault, find_redirect_fault
from gatelodge.features.applications.rules import SIGN_IN_REDIRECT
from gatelodge.kit.database import Queries, Row
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit


def list_redirect_uris(unit: Unit, asked: ListRedirectUris) -> Page[RedirectUri]:
    """List where browsers may be sent after signing in, newest first."""
    window = open_window(asked, "redir")
    rows = store.list_redirect_window(unit.read, unit.actor.environment_id, window, kind=SIGN_IN_REDIRECT)
    return fold_page(asked, window, rows, _render_redirect, identify=lambda redirect: redirect.id)


def create_redirect_uri(unit: Unit, asked: CreateRedirectUri) -> RedirectUri:
    """List one more redirect URI, which is good at once; the first is the default.

    Raises:
        RequestInvalid: A browser may not be sent there.
        RedirectUriTaken: It is listed already.
    """
    _require_sound("uri", find_redirect_fault(asked.uri, development=unit.settings.development))
    environment_id, redirect_id = unit.actor.environment_id, unit.new_id("redir")

    def write(queries: Queries) -> RedirectUri:
        # Of two that are the first at once, one is the default.
        store.hold_environment(queries, environment_id)
        if not store.insert_redirect(
            queries, environment_id, redirect_id, kind=SIGN_IN_REDIRECT, uri=asked.uri, now=unit.now
        ):
            raise RedirectUriTaken(f"The redirect URI {asked.uri!r} is listed already.")
        return _find(queries, environment_id, redirect_id)

    return unit.conclude(write)


def delete_redirect_uri(unit: Unit, asked: RedirectUriId) -> Nothing:
    """Let browsers no longer be sent to a redirect URI.

    Raises:
        NotFound: This environment has no such redirect URI.
        RedirectUriIsDefault: It is the default.
    """
    environment_id = unit.actor.environment_id

    def write(queries: Queries) -> Nothing:
        store.hold_environment(queries, environment_id)
        redirect = _find(queries, environment_id, asked.id)
        if redirect.default:
            raise RedirectUriIsDefault
        store.delete_redirect(queries, environment_id, kind=SIGN_IN_REDIRECT, uri=redirect.uri)
        return Nothing()

    return unit.conclude(write)


def list_cors_origins(unit: Unit, asked: ListCorsOrigins) -> Page[CorsOriginResponse]:
    """List the browser origins whose pages may call, newest first."""
    window = open_window(asked, "cors_origin")
    rows = store.list_origin_window(unit.read, unit.actor.environment_id, window)
    return fold_page(asked, window, rows, _render_origin, identify=lambda origin: origin.id)


def create_cors_origin(unit: Unit, asked: CreateCorsOrigin) -> CorsOriginResponse:
    """Let pages of a browser origin call the API, from now on.

    Raises:
        RequestInvalid: No browser sends such an origin.
        CorsOriginTaken: It is listed already.
    """
    _require_sound("origin", find_origin_fault(asked.origin, development=unit.settings.development))
    environment_id, origin_id = unit.actor.environment_id, unit.new_id("cors_origin")

    def write(queries: Queries) -> CorsOriginResponse:
        if not store.insert_origin(queries, environment_id, origin_id, origin=asked.origin, now=unit.now):
            raise CorsOriginTaken(f"The origin {asked.origin!r} is listed already.")
        return _render_origin((origin_id, asked.origin, unit.now, unit.now))

    return unit.conclude(write)


def _require_sound(field: str, fault: str | None) -> None:
    if fault is not None:
        raise RequestInvalid(f"{fault}.", errors=[Fault(code="invalid", field=field, message=f"{fault}.")])


def _find(queries: Queries, environment_id: str, redirect_id: str) -> RedirectUri:
    row = store.find_redirect(queries, environment_id, redirect_id, kind=SIGN_IN_REDIRECT)
    if row is None:
        raise NotFound.of("Redirect URI", redirect_id)
    return _render_redirect(row)


def _render_redirect(row: Row) -> RedirectUri:
    redirect_id, uri, is_default, created_at, updated_at = row
    return RedirectUri(
        id=redirect_id,
        uri=uri,
        default=bool(is_default),
        created_at=write_timestamp(created_at),
        updated_at=write_timestamp(updated_at),
    )


def _render_origin(row: Row) -> CorsOriginResponse:
    origin_id, origin, created_at, updated_at = row
    return CorsOriginResponse(
        id=origin_id, origin=origin, created_at=write_timestamp(created_at), updated_at=write_timestamp(updated_at)
    )
