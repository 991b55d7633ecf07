"""The client: one class for every call of the wire, over HTTP or without a socket.

A method builds a request shape of `gatelodge.contract` and names its operation; `encoding`
writes the two as HTTP, a transport carries it, `decoding` reads the answer or the error.
`_async` is written by hand and `_sync` generated from it by `tools/generate_sync.py`.
Nothing here knows the engine, and any server of the same wire will do.
"""
