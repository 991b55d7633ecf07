"""A site of Django whose transactions an embedded client joins; prints what is there after each."""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings
from django.db import connection, transaction

from gatelodge import UserManagement, errors
from tests.harness.inprocess import CLIENT, MASTER_KEY


class Regretted(Exception):
    """Undoes a block."""


def describe(url: str) -> dict[str, Any]:
    """Say where the database is in Django's words."""
    if url.startswith("sqlite"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.removeprefix("sqlite:///")}
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": asked.get("host", [parts.hostname or ""])[0],
        "PORT": asked.get("port", [parts.port or ""])[0],
    }


def add_tenant(name: str, user_id: str) -> None:
    """Write a row of the site's own."""
    with connection.cursor() as cursor:
        cursor.execute("insert into tenants (name, user_id) values (%s, %s)", [name, user_id])


def look(um: UserManagement) -> list[Any]:
    """Give the tenants, the users and the invitations that everybody sees."""
    with connection.cursor() as cursor:
        cursor.execute("select name from tenants order by name")
        tenants = [name for (name,) in cursor.fetchall()]
    emails = sorted(user.email.partition("@")[0] for user in um.list_users())
    return [tenants, emails, len(um.list_invitations().data)]


def live(um: UserManagement) -> dict[str, Any]:
    """Go through what a site does, and tell what became of it."""
    told: dict[str, Any] = {}
    with transaction.atomic(), um.joined(connection) as inside:
        add_tenant("acme", inside.create_user("ada@example.com").id)
    told["committed"] = look(um)
    try:
        with transaction.atomic(), um.joined(connection) as inside:
            add_tenant("undone", inside.create_user("bob@example.com").id)
            inside.send_invitation("zoe@example.com")
            raise Regretted
    except Regretted:
        told["undone"] = look(um)
    with transaction.atomic(), um.joined(connection) as inside:
        add_tenant("outer", inside.create_user("outer@example.com").id)
        try:
            with transaction.atomic():
                add_tenant("inner", inside.create_user("inner@example.com").id)
                raise Regretted
        except Regretted:
            pass
        try:
            inside.create_user("ada@example.com")
        except errors.UserCreationError as taken:
            told["taken"] = taken.errors[0].code
        inside.send_invitation("zoe@example.com")
    told["half undone"] = look(um)
    try:
        with um.joined(connection) as inside:
            inside.create_user("alone@example.com")
    except errors.CannotJoin as refusal:
        told["without a transaction"] = "begin a transaction" in str(refusal)
    return told


if __name__ == "__main__":
    settings.configure(DATABASES={"default": describe(sys.argv[1])})
    django.setup()
    with connection.cursor() as opened:
        opened.execute("create table tenants (name text primary key, user_id text not null)")
    with UserManagement.embedded(sys.argv[1], client_id=CLIENT, master_key=MASTER_KEY) as client:
        sys.stdout.write(json.dumps(live(client)))
