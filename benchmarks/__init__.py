"""Gatelodge against this machine's own limits: `make bench`.

Each rate of Gatelodge is set against the rate of the same machine, in the same minute, when
only the unavoidable part of the work is done: the same door bare, argon2id alone, one durable
commit and one signature. Rounds of both alternate, and what counts is the median of their
ratios: a busy machine slows both. The server is a real `gatelodge serve` in production mode
with everything as shipped.
"""
