"""Memberships: who belongs to which organization, and with which roles.

Table: organization_memberships. Events: organization_membership.created,
organization_membership.updated, organization_membership.deleted.

Of a user and an organization there is one membership at most: pending while an invitation
waits, active, or inactive. Its roles are kept by `roles`, one at least. Whatever ends a
member's right to an organization ends the sessions that are bound to it in the same
transaction; whatever binds a session to an organization holds the membership meanwhile.
Deleting a user or an organization begins here, where the memberships go first.
"""
