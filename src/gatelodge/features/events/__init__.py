"""Events: what happened, written in the transaction of the change.

Tables: events, event_positions. No events of its own.

An action records an event with the change it tells of. Ids made from the unit's instant
become visible out of order, so an event gets its position only after the commit: a
sequencer, under a lock on the environment's one row, numbers what is visible and not yet
numbered. The worker runs it, and so does every reading of the list; a cursor resolves to
a position, hence nothing that commits later can come to stand before it.
"""
