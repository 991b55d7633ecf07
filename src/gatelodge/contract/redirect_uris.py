"""Redirect URIs on the wire (contract page 24 §1)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.paging import Page, PageRequest

Uri = Annotated[str, msgspec.Meta(min_length=1, max_length=2048)]


class RedirectUri(msgspec.Struct, frozen=True, kw_only=True):
    """Where a browser may be sent after signing in; exactly one of an environment is the default."""

    object: Literal["redirect_uri"] = "redirect_uri"
    id: str
    uri: str
    """An absolute URI; one `*` may stand in the left-most label of the host, or as the port of this machine."""
    default: bool
    created_at: str
    updated_at: str


class RedirectUriId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a redirect URI."""

    id: str


class ListRedirectUris(PageRequest, frozen=True, kw_only=True):
    """List redirect URIs, newest first."""


class CreateRedirectUri(msgspec.Struct, frozen=True, kw_only=True):
    """List one more redirect URI."""

    uri: Uri
    """https, http of this machine, or the scheme of a native app; without a fragment."""


_TAG = "user-management.redirect-uris"
_PATH = "/user_management/redirect_uris"

LIST_REDIRECT_URIS = Operation(
    name="list_redirect_uris",
    method="GET",
    path=_PATH,
    access=Access.API_KEY,
    request=ListRedirectUris,
    result=Page[RedirectUri],
    tag=_TAG,
    summary="List redirect URIs.",
)
CREATE_REDIRECT_URI = Operation(
    name="create_redirect_uri",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=CreateRedirectUri,
    result=RedirectUri,
    status=201,
    tag=_TAG,
    summary="Let browsers be sent to a URI after signing in.",
    errors=("redirect_uri_already_exists",),
)
DELETE_REDIRECT_URI = Operation(
    name="delete_redirect_uri",
    method="DELETE",
    path=_PATH + "/{id}",
    access=Access.API_KEY,
    request=RedirectUriId,
    result=Nothing,
    status=204,
    tag=_TAG,
    summary="Let browsers no longer be sent to a URI after signing in.",
    errors=("default_redirect_uri",),
)

OPERATIONS = (CREATE_REDIRECT_URI, DELETE_REDIRECT_URI, LIST_REDIRECT_URIS)
