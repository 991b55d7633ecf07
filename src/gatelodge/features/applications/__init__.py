"""Environments and what may call them: client ids, API keys, redirect URIs, CORS origins.

Tables: environments, clients, api_keys, redirect_uris, cors_origins. No events.

An environment is the wall: every object belongs to one, and an id of another does not
exist. An API key is its environment's secret, shown once and stored as a keyed hash; it
is looked up at each request, never cached, so a revoked key is refused at once. The
client secret of the wire is that same key.
"""
