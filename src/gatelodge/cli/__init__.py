"""The command `gatelodge`: one file a command, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import metadata

from cyclopts import App, CycloptsError, Parameter

app = App(
    name="gatelodge",
    help=(
        "User management that a team runs itself, on the wire that the official WorkOS SDKs speak.\n\n"
        "Try it:           gatelodge serve --dev\n"
        "For production:   gatelodge init"
    ),
    version=lambda: metadata.version("gatelodge"),
    help_format="plaintext",
    default_parameter=Parameter(negative=(), show_default=False),
    suppress_keyboard_interrupt=False,
)
app.command("gatelodge.cli.serve:serve", help="Run the server.", sort_key=1)
app.command("gatelodge.cli.init:init", help="Write a configuration with a fresh master key.", sort_key=2)
app.command("gatelodge.cli.migrate:migrate", help="Bring the database to this version's schema.", sort_key=3)
app.command("gatelodge.cli.doctor:doctor", help="Look for what is wrong with an installation.", sort_key=4)
app.command("gatelodge.cli.environments:app", name="environments", sort_key=5)
app.command("gatelodge.cli.keys:app", name="keys", sort_key=6)
app.command("gatelodge.cli.users:app", name="users", sort_key=7)

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its status: 0, 1 for a fault, 130 for Ctrl-C."""
    sys.exit(_run())


def _run() -> int:
    from gatelodge.cli.printing import drop_output, fail

    try:
        status = app(
            print_error=False,
            exit_on_error=False,
            result_action="return_int_as_exit_code_else_zero",
        )
        sys.stdout.flush()
    except CycloptsError as fault:
        return fail(_explain_usage(fault))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return 1
    except Exception as fault:
        from gatelodge.cli.faults import explain

        line = explain(fault)
        if line is None:
            raise
        return fail(line)
    return int(status)


def _explain_usage(fault: CycloptsError) -> str:
    command = " ".join(("gatelodge", *(fault.command_chain or ())))
    return f"{' '.join(str(fault).split())} See `{command} --help`."
