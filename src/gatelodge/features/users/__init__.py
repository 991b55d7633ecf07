"""Users: the accounts of an environment, one for each address of e-mail.

Table: users. Events: user.created, user.updated, user.deleted.

An address is trimmed and kept as given; it is normalized once, into a column that is
unique in the environment, and every look-up goes through that form. A change merges
metadata key by key. Deleting a user ends its sessions first and then removes all that
hangs on it, in one transaction.
"""
