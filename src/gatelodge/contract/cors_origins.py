"""CORS origins on the wire (contract page 24 §2)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.paging import Page, PageRequest

Origin = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class CorsOriginResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A browser origin whose pages may call the API."""

    object: Literal["cors_origin"] = "cors_origin"
    id: str
    origin: str
    created_at: str
    updated_at: str


class ListCorsOrigins(PageRequest, frozen=True, kw_only=True):
    """List CORS origins, newest first."""


class CreateCorsOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """List one more CORS origin."""

    origin: Origin


_TAG = "user-management.cors-origins"
_PATH = "/user_management/cors_origins"

LIST_CORS_ORIGINS = Operation(
    name="list_cors_origins",
    method="GET",
    path=_PATH,
    access=Access.API_KEY,
    request=ListCorsOrigins,
    result=Page[CorsOriginResponse],
    tag=_TAG,
    summary="List CORS origins.",
)
CREATE_CORS_ORIGIN = Operation(
    name="create_cors_origin",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=CreateCorsOrigin,
    result=CorsOriginResponse,
    status=201,
    tag=_TAG,
    summary="Let pages of a browser origin call the API.",
    errors=("duplicate_cors_origin",),
)

OPERATIONS = (CREATE_CORS_ORIGIN, LIST_CORS_ORIGINS)
