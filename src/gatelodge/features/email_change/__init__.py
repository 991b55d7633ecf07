"""E-mail changes: a user moves to another address by a code that is mailed there.

Tables: email_changes, email_change_undos. No events of its own; user.updated comes by way of users.

    a new address → its code and mail, and a notice to the old one, in one write
    the code comes back → charged in a write of its own → judged → spent with the change

    a link in the second notice to the old one → confirmed on a page → the account taken back

A change belongs to one user, one old and one new address, and the password of the moment:
when any of them is no more, it is void. It is also void once the owner of the old address
shows up, by proving it or by resetting the password.
"""
