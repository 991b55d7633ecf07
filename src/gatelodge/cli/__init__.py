"""The command `gatelodge`: one file a command, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import metadata

from cyclopts import App

app = App(
    name="gatelodge",
    help="User management that a team runs itself.",
    version=lambda: metadata.version("gatelodge"),
    help_format="markdown",
)
app.command("gatelodge.cli.serve:serve")


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(app())
