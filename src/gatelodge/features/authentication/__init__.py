"""Signing in: one pipeline for every grant.

Table: pending_authentications. Events: authentication.<method>_succeeded and _failed.

    client proved (by the door) → grant.prove → next_step → session, or a stored step-up

A grant only proves something about a user. The checks that all share are not in the
grants, so none can forget one; and no step calls another: `next_step` decides from what
is stored, so no reordering of requests can skip one.
"""
