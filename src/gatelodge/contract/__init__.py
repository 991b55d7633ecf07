"""What crosses the wire: operations, shapes, errors, paging and ids.

Both sides read this package: the doors decode with it, the SDK encodes with it, so a
shape is written once. Nothing here does I/O, and msgspec is its only dependency.
"""
