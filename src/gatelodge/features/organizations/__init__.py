"""Organizations, the domains they hold, and what they demand of a sign-in.

Tables: organizations, organization_domains. Events: organization.created,
organization.updated, organization.deleted, organization_domain.created,
organization_domain.updated, organization_domain.verified,
organization_domain.verification_failed, organization_domain.deleted.

A domain is verified because the caller vouches for it, or because a TXT record is found
that the organization was told to set. The worker looks for it, less and less often, until
it is there or the time is over. One organization at most holds a domain as verified, and
public mail providers' domains are nobody's. An organization's own roles are in `roles`; they
are reached from here, where its existence is known. Memberships and invitations stand
above: they let go before an organization is deleted.
"""
