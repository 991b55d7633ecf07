"""What an address is told of the account it has, where the answer on a page must tell nobody."""

from __future__ import annotations

from gatelodge.features.applications import actions as applications
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import require_email_form
from gatelodge.kit import limits
from gatelodge.kit.database import Queries
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit

_SUBJECT = "account_notice"


def tell_account_exists(unit: Unit, email: str, *, link: str | None) -> None:
    """Mail whoever has an account that somebody tried to sign up with its address.

    For a page that strangers see, which answers alike whether or not there is an account:
    an unknown address is charged the same, and no mail is sent. So is a known one that was
    told too often of late; nobody hears of that either. `link` is where to sign in.

    Raises:
        RequestInvalid: The address is none.
    """
    form = require_email_form(email)
    sends_mail = applications.find_policy(unit).sends_mail
    user = users.find_user_by_email(unit, form)
    sends = limits.limit_on(unit, unit.settings.limit_per_code_send, _SUBJECT, "send", form)

    def write(queries: Queries) -> None:
        wait = limits.charge(queries, unit, sends)
        if wait is None and user is not None and sends_mail:
            post_mail(queries, unit, "account_exists", to=user.email, locale=user.locale, values={"link": link})

    unit.write(write)
