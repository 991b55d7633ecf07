"""Identities: the accounts at social providers that users sign in by.

Table: identities. No events.

A subject of a provider belongs to one user of the environment; a sign-in through the
provider writes it, and deleting the user removes it.
"""
