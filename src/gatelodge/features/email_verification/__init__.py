"""E-mail verification: six digits that prove an address.

Table: email_verifications. Events: email_verification.created.

A verification is created in the write that needs it; its code is sealed, since the wire
reads it back with an API key, and lives for ten minutes.
"""
