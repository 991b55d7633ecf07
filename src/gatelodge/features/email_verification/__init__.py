"""E-mail verification: six digits that prove an address.

Table: email_verifications. Events: email_verification.created, user.updated by way of
users, authentication.email_verification_succeeded and _failed.

    step-up, or the operation → a code, its mail, its event in one write
    the code comes back → charged in a write of its own → judged → spent with what it bought

A verification belongs to one user and one address: a change of either voids it, and a
newer one makes the older lapse. Its code is sealed, since the wire reads it back with an
API key, and hashed to be compared.
"""
