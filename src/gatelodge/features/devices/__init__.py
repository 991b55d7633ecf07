"""Devices without a browser sign in through one that has it (RFC 8628).

Table: device_codes. No events of its own.

The device shows a user code and polls with its own secret code; whoever is signed in
confirms or refuses on the verification page. A confirmed code is spent by the write that
opens the session; polling faster than the interval is told to slow down.
"""
