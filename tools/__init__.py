"""Developers' commands, run from the repository's root."""
