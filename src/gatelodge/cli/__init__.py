"""The command `gatelodge`: one file a command, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import metadata

from cyclopts import App, CycloptsError, Parameter

_HELP = """\
User management that a team runs itself, on the wire that the official WorkOS SDKs speak.

For example:

  gatelodge serve --dev        # try it: nothing needs to be set
  gatelodge init               # begin an installation for production
  gatelodge users --help       # learn what a command does
"""
_COMMANDS = (
    ("serve", "gatelodge.cli.serve:serve", "Run the server."),
    ("init", "gatelodge.cli.init:init", "Write a configuration with a fresh master key."),
    ("migrate", "gatelodge.cli.migrate:migrate", "Bring the database to this version's schema."),
    ("apply", "gatelodge.cli.apply:apply", "Bring an installation to what a seed file says."),
    ("backup", "gatelodge.cli.backup:backup", "Copy a SQLite database while it is served."),
    ("doctor", "gatelodge.cli.doctor:doctor", "Look for what is wrong with an installation."),
    ("environments", "gatelodge.cli.environments:app", "Make and delete environments; allow redirects and origins."),
    ("keys", "gatelodge.cli.keys:app", "Issue and revoke API keys; change the keys that sign and seal."),
    ("outbox", "gatelodge.cli.outbox:app", "Look after mails and SMS that did not get out."),
    ("users", "gatelodge.cli.users:app", "Find, make and remove users; end their sessions."),
)
_ASKS_FOR_LIST: tuple[list[str], ...] = ([], ["-h"], ["--help"])
_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit with its status: 0, 1 for a fault, 130 for Ctrl-C."""
    sys.exit(_run(sys.argv[1:]))


def make_app(*, lists: bool = False) -> App:
    """Make the application; with `lists` it shows what its commands do without importing them."""
    app = App(
        name="gatelodge",
        help=_HELP,
        version=lambda: metadata.version("gatelodge"),
        help_format="plaintext",
        default_parameter=Parameter(negative=(), show_default=False),
        suppress_keyboard_interrupt=False,
    )
    for order, (name, path, summary) in enumerate(_COMMANDS):
        # A summary given here would take the place of the command's own help.
        app.command(path, name=name, sort_key=order, help=summary if lists else None)
    return app


def _run(arguments: list[str]) -> int:
    from gatelodge.cli.printing import drop_output, fail

    if not all(_is_text(argument) for argument in arguments):
        return fail("An argument is no text in UTF-8.")
    try:
        status = make_app(lists=arguments in _ASKS_FOR_LIST)(
            arguments,
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


def _is_text(argument: str) -> bool:
    """Tell whether it can be stored and printed; Python passes other bytes on as half characters."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _explain_usage(fault: CycloptsError) -> str:
    command = " ".join(("gatelodge", *(fault.command_chain or ())))
    return f"{' '.join(str(fault).split())} See `{command} --help`."
