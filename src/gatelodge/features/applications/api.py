"""Which operation runs which action; environments, clients and API keys are the operator's, by command."""

from gatelodge.contract import cors_origins, redirect_uris
from gatelodge.features.applications import listing
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(operation=cors_origins.CREATE_CORS_ORIGIN, action=listing.create_cors_origin, lane=Lane.WRITE),
    Route(operation=redirect_uris.CREATE_REDIRECT_URI, action=listing.create_redirect_uri, lane=Lane.WRITE),
    Route(operation=redirect_uris.DELETE_REDIRECT_URI, action=listing.delete_redirect_uri, lane=Lane.WRITE),
    Route(operation=cors_origins.LIST_CORS_ORIGINS, action=listing.list_cors_origins, lane=Lane.READ),
    Route(operation=redirect_uris.LIST_REDIRECT_URIS, action=listing.list_redirect_uris, lane=Lane.READ),
)
