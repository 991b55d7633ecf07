"""Magic auth: signing in by six digits that are mailed to the address.

Table: magic_auths. Events: magic_auth.created, user.created and user.updated by way of users.

    an address asks → the user, made now if need be → a code, its mail, its event in one write
    the code comes back with the address → charged in a write of its own → judged
    → spent in the write that opens the session, which also proves the address

A code belongs to one user and one address, and the newest is the only one. The grant
itself is in authentication, like every grant.
"""
