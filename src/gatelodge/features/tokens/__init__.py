"""Access tokens and the keys that sign them.

Table: signing_keys. No events.

Each environment has RSA keys of its own, sealed at rest and published as a JWKS with
self-signed certificates. A new key is published ten minutes before it signs, and an old
one stays published until the last token it signed has expired, so that no client that
caches the set ever meets a token it cannot verify.
"""
