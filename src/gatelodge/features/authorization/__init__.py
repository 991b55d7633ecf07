"""Authorization: what an app sends a browser here for, and the code it comes back with.

Tables: authorization_requests, authorization_codes. No events.

    GET /user_management/authorize → request, its token in a cookie → the pages carry it on
    → sign-in passed every step → request spent, code issued → traded once for a session

A request is sealed, lives an hour and belongs to one browser. A code stands for a sign-in
that has passed every step. It is stored as a keyed hash with its PKCE challenge, lives ten
minutes, and is spent by the write that opens the session.
"""
