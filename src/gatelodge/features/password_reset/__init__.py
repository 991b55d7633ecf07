"""Password reset: a link that is mailed to the address sets a new password.

Table: password_resets. Events: password_reset.created, password_reset.succeeded, and
user.updated and session.revoked by way of users and sessions.

    an address asks → a token, its mail, its event in one write
    the token comes back with a password → judged → hashed → one write: the token is spent,
    the password set, the address proved, every session and all that was under way ended

A token belongs to one user, one address and the password of the moment: when any of them
is no more, it is void. A reset never signs in, so it gets nobody past a second factor.
"""
