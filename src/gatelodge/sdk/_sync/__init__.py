# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""The client, as plain functions: the methods of each resource in a file of their own."""
