"""Roles: sets of permissions for members, named by slugs that access tokens carry.

Tables: roles, role_permissions, role_scopes, role_ranks, role_assignments.
Events: role.created, role.updated, organization_role.created, organization_role.updated,
organization_role.deleted, permission.deleted.

A role counts in its scope: all of the environment, or one organization. Roles stand in an
order, the first of highest priority, and one is the default. An organization follows the
environment's order and default until it creates a role of its own; from then on it has its
own. An environment that has no roles yet gets `member` when the first is needed.
Organizations and memberships are not known here, though roles are assigned to them: whoever
names one has made sure that it exists.
"""
