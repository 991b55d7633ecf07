"""Memberships: who belongs to which organization, and with which roles.

Tables: organization_memberships, role_assignments. Events: organization_membership.created, .updated,
.deleted.

Of a user and an organization there is one membership at most: pending while an invitation
waits, active, or inactive. Whatever ends a member's right to an organization ends the
sessions that are bound to it in the same transaction.
"""
