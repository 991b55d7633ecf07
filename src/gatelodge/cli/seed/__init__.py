"""Seed files: YAML that says what an installation should hold, and the steps that bring it there.

`marks` reads YAML into shapes and knows the line of everything; `shapes` are what may stand
in a file; `checks` finds what a file gets wrong in itself. `plan` compares a file with what
is there, by the steps of `settle`, `authorize`, `organize` and `populate`, and carries out
the difference by the slices' own actions. Nothing is ever deleted.
"""
