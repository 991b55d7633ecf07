"""The page on which users add, name and remove their passkeys."""

from __future__ import annotations

from gatelodge.contract.errors import GatelodgeError
from gatelodge.doors.hosted.account.access import Account, come_back, read_done
from gatelodge.doors.hosted.account.agents import read_agent
from gatelodge.doors.hosted.answering import status_of
from gatelodge.doors.hosted.arriving import is_wrong
from gatelodge.doors.hosted.rendering import answer_script, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.passkeys import register as passkeys
from gatelodge.features.passkeys.rules import LONGEST_NAME, MOST_PASSKEYS

PASSKEYS = "/account/passkeys"
_LONGEST_ID = 64


def show_passkeys(visit: Visit, account: Account) -> Response:
    """List the passkeys, and offer to add one."""
    return _show(visit, account)


def _show(visit: Visit, account: Account, *, fault: str | None = None, status: int = 200) -> Response:
    found = passkeys.list_passkeys(visit.unit, account.user.id)
    may_have = passkeys.may_register(visit.unit, account.user)
    may_add = may_have and len(found) < MOST_PASSKEYS
    return show(
        visit,
        "account_passkeys",
        fault=fault,
        status=status,
        has_scripts=may_add,
        done=read_done(visit),
        may_add=may_add,
        may_have=may_have,
        passkeys=found,
    )


def send_options(visit: Visit, account: Account) -> Response:
    """Give the script what the browser needs to make a passkey."""
    return answer_script(visit, passkeys.begin(visit.unit, account.session, account.user))


def add_passkey(visit: Visit, account: Account) -> Response:
    """Keep the passkey that the browser has made, under the name of the device; mail tells of it."""
    credential = visit.form.get("credential", "")
    name = ", ".join(part for part in read_agent(visit.unit.actor.user_agent or "") if part)
    try:
        passkeys.register(visit.unit, account.session, account.user, credential=credential, name=name)
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show(visit, account, fault=error.code, status=status_of(error))
    return come_back(visit, PASSKEYS, done="added")


def rename_passkey(visit: Visit, account: Account) -> Response:
    """Give a passkey of this very user another name."""
    name = visit.field("name", LONGEST_NAME)
    if name:
        passkeys.rename(visit.unit, account.user, visit.field("passkey_id", _LONGEST_ID), name=name)
    return come_back(visit, PASSKEYS, done="renamed")


def remove_passkey(visit: Visit, account: Account) -> Response:
    """Remove a passkey of this very user; mail tells of it."""
    passkeys.remove(visit.unit, account.user, visit.field("passkey_id", _LONGEST_ID))
    return come_back(visit, PASSKEYS, done="removed")
