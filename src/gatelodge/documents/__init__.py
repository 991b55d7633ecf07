"""What the server tells of its API: the OpenAPI document and the reference page.

Both are generated from the table of operations by `make generate`; the style sheet is
written by hand.
"""
