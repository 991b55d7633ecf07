"""Authorization codes: what a redirect carries back, to be traded once for a session.

Table: authorization_codes. No events.

A code stands for a sign-in that has passed every step. It is stored as a keyed hash with
its PKCE challenge, lives ten minutes, and is spent by the write that opens the session.
"""
