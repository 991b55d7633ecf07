"""Invitations: an address is asked in, to the application or to an organization.

Table: invitations. Events: invitation.created, .accepted, .resent, .revoked.

Of one address and organization there is one open invitation. Its token is sealed, since
the wire shows it, beside a keyed hash that finds it. It is spent by the very write that
opens the session of whoever accepts it, so two browsers racing with one link make one
membership. Accepting does not verify the address of an account that existed before.
"""
