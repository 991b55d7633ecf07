"""What the commands print: tables for people, JSON for machines, one line for a fault."""

from __future__ import annotations

import sys


def fail(message: str) -> int:
    """Print one line on standard error, and give the exit status of a failure."""
    print(f"gatelodge: {message}", file=sys.stderr)
    return 1
