"""Passkeys: WebAuthn credentials that sign a user in by themselves, each held by a device or a password manager.

Tables: passkeys, passkey_challenges. Events: authentication.passkey_… are told by the sign-in.

A challenge is issued to one browser for one purpose, and spent by whatever answers it, right
or wrong. What comes back is judged by the library (`rules`), and what the library cannot know
is judged here: whose passkey it is, and whether its count of signatures has gone back. Then
there may be a copy of it: it is barred, and its owner is told by mail.
"""
