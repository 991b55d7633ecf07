"""The first page of an account: the name, the way to everything else, and out."""

from __future__ import annotations

from gatelodge.contract.users import UpdateUser, User
from gatelodge.doors.hosted import cookies
from gatelodge.doors.hosted.account.access import ACCOUNT, Account, come_back, read_done
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication import places
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.factors import enroll, recovery
from gatelodge.features.passkeys import register as passkeys
from gatelodge.features.password_reset import change
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.users import actions as users

_LONGEST_NAME = 100


def show_account(visit: Visit, account: Account) -> Response:
    """Show the account and what may be changed of it."""
    unit, user = visit.unit, account.user
    factors = enroll.list_verified(unit, user.id)
    return show(
        visit,
        "account",
        done=read_done(visit),
        user=user,
        may_change_email=email_change.may_change(unit, user),
        may_change_password=change.may_change(unit, user),
        has_password=passwords.has_password(unit, user.id),
        factors=len(factors),
        passkeys=_count_passkeys(visit, user),
        codes_left=recovery.count_codes(unit, user.id).left if factors else None,
        places=len(places.list_places(unit, user.id, current=account.session.id)),
    )


def _count_passkeys(visit: Visit, user: User) -> int | None:
    """Tell how many passkeys there are; None where there are none and may be none."""
    number = len(passkeys.list_passkeys(visit.unit, user.id))
    return number if number or passkeys.may_register(visit.unit, user) else None


def save_profile(visit: Visit, account: Account) -> Response:
    """Change the name; an empty one is taken away."""
    first, last = (visit.field(name, _LONGEST_NAME) for name in ("first_name", "last_name"))
    users.update_user(visit.unit, UpdateUser(user_id=account.user.id, first_name=first, last_name=last))
    return come_back(visit, ACCOUNT, done="profile")


def sign_out(visit: Visit, account: Account) -> Response:
    """Sign this browser out of the pages and of every app that it signed in to by them."""
    places.sign_out_place(visit.unit, account.user.id, account.session.id)
    visit.headers.append(cookies.write_cookie(cookies.SESSION, "", secure=visit.secure, seconds=0))
    return go_to(visit, "/signed-out")
