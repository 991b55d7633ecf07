"""What is printed when the server is up; in development mode, things to try that work when pasted."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from gatelodge.cli.opening import find_sqlite_file, hide_password
from gatelodge.cli.printing import count

if TYPE_CHECKING:
    from gatelodge.kit.settings import Settings


def announce(settings: Settings) -> None:
    """Print one line in production, the welcome in development mode."""
    print(write_welcome(settings) if settings.development else _write_line(settings), flush=True)


def _write_line(settings: Settings) -> str:
    engine = "PostgreSQL" if find_sqlite_file(settings) is None else "SQLite"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (
        f"Gatelodge {metadata.version('gatelodge')} serves {settings.base_url} on {host}:{settings.port} "
        f"({engine}, {count(settings.workers, 'worker')})"
    )


def write_welcome(settings: Settings) -> str:
    """Write the base URL, the credentials, a curl line and a few lines of Python.

    Pasted twice they work twice: the line lists, and the address of the new user has the
    time in it. They stand at the margin, since a terminal copies whole lines and Python
    refuses one that begins with a space.
    """
    from gatelodge.doors.known import API_KEY, CLIENT_ID

    url = settings.base_url
    return f"""\
Gatelodge {metadata.version("gatelodge")}, development mode, on {url}

  client id    {CLIENT_ID}
  API key      {API_KEY}
  data         {hide_password(settings.database_url)}
  start page   {url}/
  reference    {url}/docs/api
{_write_inbox_line(settings)}
Try it with curl:

curl -s {url}/user_management/users \\
  -H 'Authorization: Bearer {API_KEY}'

or with Python ({_name_python()}):

import time; from gatelodge import UserManagement
um = UserManagement(api_key="{API_KEY}", client_id="{CLIENT_ID}", base_url="{url}")
user = um.create_user(f"ada{{time.time_ns()}}@example.com", password="correct horse 17", email_verified=True)
signed_in = um.authenticate_with_password(user.email, password="correct horse 17")
print(signed_in.user.email, signed_in.access_token[:20], um.list_sessions(user.id).data[0].status)

Ctrl-C stops it.
"""


def _write_inbox_line(settings: Settings) -> str:
    """Say where mails and SMS can be read, when they are not sent."""
    if settings.delivery == "off" or (settings.delivery == "send" and settings.smtp_host):
        return ""
    return f"  mails, SMS   {settings.base_url}/_dev/inbox\n"


def _name_python() -> str:
    """Name this interpreter as it can be typed here."""
    program = Path(sys.executable)
    return str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)
