"""Passwords: policy, hashing, and the hashes brought along from elsewhere.

Table: passwords. No events of its own.

A password is checked against the policy and hashed before any transaction; the slice
that changes the user writes the hash in its own transaction. Imported hashes verify as
their source did and are replaced by argon2id at the first sign-in. Where the settings say
so, a new password is looked up among those that have leaked elsewhere, before it is hashed.
"""
