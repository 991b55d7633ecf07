"""Sessions of a browser with the sign-in pages, so that a second app needs no second sign-in.

Table: browser_sessions. No events.

    sign-in done on the pages → browser session, its token in a cookie → a later authorize
    request goes on from what was proved then, through the same pipeline

The row is found by a keyed hash of the cookie. It ends with its time, with the sign-out of a
session that came of it, and whenever all sessions of its user end.
"""
