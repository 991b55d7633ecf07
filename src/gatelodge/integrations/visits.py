"""The calls of a sign-in, one after the other, for the frameworks without coroutines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.integrations.exchanges import Asked, Held, Reply, Visit
from gatelodge.integrations.sign_in import SignInOptions, SignInPlan, find_passwords, make_plan
from gatelodge.sdk.errors import GatelodgeError, SessionCookieInvalid
from gatelodge.sdk.retry import SystemTiming
from gatelodge.sdk.verdicts import SessionFailureReason

if TYPE_CHECKING:
    from gatelodge.sdk._sync.client import UserManagement


class Visits:
    """Carries out the steps of a sign-in for one app, over HTTP or embedded."""

    def __init__(self, client: UserManagement, *, redirect_uri: str, options: SignInOptions) -> None:
        """Settle how users sign in; nothing is sent.

        Raises:
            ConfigurationInvalid: There is no cookie password, or an option cannot be used.
        """
        passwords = find_passwords(client, options, awaits=False)
        self._client = client
        self.plan: SignInPlan = make_plan(redirect_uri, passwords=passwords, options=options)

    def look(self, held: Held, asked: Asked) -> Visit:
        """Find out who is there, once for each request; an expired token is renewed on the way."""
        name = self.plan.cookie_name
        return held.visits.get(name) or held.note(name, self._find_visit(asked.cookies.get(name)))

    def log_in(self, asked: Asked) -> Reply:
        """Send the browser to the sign-in pages."""
        link = self._client.get_authorization_url_with_pkce(self.plan.redirect_uri, **self.plan.choose_link(asked))
        return self.plan.begin(asked, link=link, now=SystemTiming().now())

    def come_back(self, asked: Asked) -> Reply:
        """Trade the code that the browser comes back with, and send it on signed in."""
        found = self.plan.take_up(asked, now=SystemTiming().now())
        if isinstance(found, Reply):
            return found
        try:
            answer = self._client.authenticate_with_code(
                asked.query["code"],
                code_verifier=found.code_verifier,
                ip_address=asked.address,
                user_agent=asked.headers.get("user-agent"),
            )
        except GatelodgeError as error:
            return self.plan.explain(found, error)
        return self.plan.finish(found, answer)

    def log_out(self, asked: Asked) -> Reply:
        """Forget the session, and send the browser to where it is ended."""
        if not self.plan.may_sign_out(asked):
            return Reply(status=403, text="Sign out on a page of this app.")
        session_data = asked.cookies.get(self.plan.cookie_name)
        session = self._client.load_sealed_session(session_data, cookie_password=self.plan.passwords)
        try:
            url = session.get_logout_url(return_to=self.plan.signed_out_uri)
        except SessionCookieInvalid:
            url = None
        return self.plan.sign_out(asked, url=url)

    def _find_visit(self, session_data: str | None) -> Visit:
        session = self._client.load_sealed_session(session_data, cookie_password=self.plan.passwords)
        try:
            verdict = session.authenticate()
            if not verdict.authenticated and verdict.reason is SessionFailureReason.INVALID_JWT:
                return self.plan.judge(session.refresh())
        except GatelodgeError as error:
            return self.plan.excuse(error)
        return self.plan.judge(verdict)
