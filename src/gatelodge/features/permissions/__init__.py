"""Permissions: what may be done, by slugs that roles are made of and applications ask for.

Table: permissions. Events: permission.created, permission.updated.

A permission's slug never changes, so roles and tokens name it by that. Deleting one, which
takes it from every role, is up to `roles`.
"""
