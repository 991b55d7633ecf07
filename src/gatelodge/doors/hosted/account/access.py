"""Find whose account a browser may see, and whether what it proved is recent enough to change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from gatelodge.contract.users import User
from gatelodge.doors.hosted.answering import Handler
from gatelodge.doors.hosted.authorize import begin
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.places import read_progress
from gatelodge.features.authorization.rules import Asked, Flow
from gatelodge.features.browser_sessions.rules import BrowserSession, is_fresh
from gatelodge.features.users import actions as users

ACCOUNT = "/account"
RECENT = 600
"""Seconds for which a sign-in lets its user change what protects the account."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account the browser is signed in to, and by which session."""

    session: BrowserSession
    user: User
    client_id: str


Page: TypeAlias = Callable[[Visit, Account], Response]


def of_owner(page: Page) -> Handler:
    """Serve a page to whoever is signed in; others sign in first and come back."""

    def handle(visit: Visit) -> Response:
        account = find_account(visit)
        return _lead_to_sign_in(visit, ACCOUNT) if account is None else page(visit, account)

    return handle


def of_sure_owner(page: Page, *, back: str) -> Handler:
    """Serve a page to whoever has signed in of late; others sign in once more and come back to `back`."""

    def handle(visit: Visit) -> Response:
        account = find_account(visit)
        if account is None:
            return _lead_to_sign_in(visit, back)
        if not is_fresh(account.session, max_age=RECENT, now=visit.unit.now):
            return _ask_again(visit, account, back)
        return page(visit, account)

    return handle


def find_account(visit: Visit) -> Account | None:
    """Find the account that this browser is signed in to, whatever environment it is of.

    An address that names a client means that client's environment, and no other.
    """
    asked = visit.ask("client_id")[:64]
    if asked:
        client = applications.find_client(visit.unit, asked)
        if client is None:
            return None
        visit.stand_for(client.environment_id, client.id)
        session = visit.find_session()
    else:
        session = visit.find_session_anywhere()
    user = users.find_user(visit.unit, session.user_id) if session is not None else None
    client_id = _find_client(visit, session)
    if session is None or user is None or client_id is None:
        return None
    visit.stand_for(visit.unit.actor.environment_id, client_id)
    return Account(session=session, user=user, client_id=client_id)


def _find_client(visit: Visit, session: BrowserSession | None) -> str | None:
    """Name the app that the browser signed in for, or another of its environment if that is gone."""
    if session is None:
        return None
    environment_id = visit.unit.actor.environment_id
    client = applications.find_client(visit.unit, read_progress(session).client_id)
    if client is None or client.environment_id != environment_id:
        client = applications.first_client(visit.unit, environment_id)
    return client.id if client is not None else None


def _lead_to_sign_in(visit: Visit, back: str) -> Response:
    client_id = visit.ask("client_id")[:64] or _find_only_client(visit)
    client = applications.find_client(visit.unit, client_id) if client_id else None
    if client is None:
        return show(visit, "error", status=400, code="account_unknown", again=None)
    visit.stand_for(client.environment_id, client.id)
    return begin(visit, Asked(client_id=client.id, returns_to=back))


def _find_only_client(visit: Visit) -> str | None:
    """Name the client to sign in by where there is but one environment, so that nothing has to be guessed."""
    environments = applications.list_environments(visit.unit)
    if len(environments) != 1:
        return None
    return next((client.id for client in environments[0][1]), None)


def _ask_again(visit: Visit, account: Account, back: str) -> Response:
    """Ask for the whole proof again, from the password or the code on, with the address filled in."""
    email = account.user.email
    asked = Asked(client_id=account.client_id, returns_to=back, prompts=frozenset({"login"}), login_hint=email)
    response = begin(visit, asked)
    visit.move(Flow(screen="prove", email=email))
    return response


def come_back(visit: Visit, path: str, *, done: str) -> Response:
    """Go back to a page that says what was done; a reload then does nothing twice."""
    return go_to(visit, f"{path}?done={done}")


def read_done(visit: Visit) -> str:
    """Tell what was just done, in the word of `come_back`, or in one that no page knows."""
    return visit.ask("done")[:20]
