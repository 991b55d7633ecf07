"""Sealed sessions: one codec for the cookies of all official SDKs (contract page 31).

A file for each format, `contents` for what is inside, `cookies` to open any of them and to
write the one that is asked for. No file here knows the network or asks for the time.
"""
