"""Sessions and the refresh tokens that carry them on.

Tables: sessions, refresh_tokens, traded_pairs. Events: session.created, session.revoked.

A session is opened by the last write of a sign-in and lives until its absolute or idle
limit, or until it is revoked. Each refresh retires the token presented and stores the
hash of its successor; the pair itself is sealed beside the successor for 30 seconds, so
that a client that lost the answer, or fifty that raced, get the very same pair. A retired
token that comes later betrays a copy: the whole session ends.
"""
