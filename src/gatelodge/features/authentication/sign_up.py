"""Sign up on the pages, and enrol what a sign-in demands; no answer tells whether an address has an account."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import PasswordGrant
from gatelodge.contract.errors import (
    InvitationTokenInvalid,
    PasswordAuthDisabled,
    PendingTokenInvalid,
    SignUpNotAllowed,
    TooManyRequests,
    UserCreationError,
)
from gatelodge.contract.factors import EnrollUserFactor, FactorEnrolled
from gatelodge.contract.users import CreateUser, User
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication import attempts, in_browser, pending, redeem
from gatelodge.features.authentication.rules import Proof
from gatelodge.features.authorization.rules import AuthorizationRequest
from gatelodge.features.factors import enroll
from gatelodge.features.invitations import actions as invitations
from gatelodge.features.invitations.rules import StoredInvitation
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.users import actions as users
from gatelodge.features.users import notices
from gatelodge.features.users.rules import require_email_form
from gatelodge.kit import limits
from gatelodge.kit.database import Queries
from gatelodge.kit.outbox import feign
from gatelodge.kit.phone import NotAPhoneNumber, normalise_phone
from gatelodge.kit.unit import Unit

_ROWS = 8
"""What a new account and its first sign-in write beside the mail."""


class AddressTaken(Exception):
    """The address has an account; its owner is told by mail, whoever asked is not."""


class SignUp(msgspec.Struct, frozen=True, kw_only=True):
    """What a person gives to sign up."""

    email: str
    password: str
    first_name: str | None = None
    last_name: str | None = None


def may_sign_up(unit: Unit, request: AuthorizationRequest) -> bool:
    """Tell whether a stranger may make an account here: anybody, or whoever is invited."""
    if applications.find_policy(unit).sign_up == "open":
        return True
    return find_invitation(unit, request.asked.invitation_token) is not None


def find_invitation(unit: Unit, token: str | None) -> StoredInvitation | None:
    """Find the invitation that a browser came with, as long as it is pending."""
    try:
        return invitations.require_usable(unit, token) if token else None
    except InvitationTokenInvalid:
        return None


def sign_up(unit: Unit, request: AuthorizationRequest, *, wanted: SignUp) -> in_browser.Arrived:
    """Make an account with a password and begin its first sign-in, which asks for the address to be proved.

    For an address that has an account the same work is done, and its owner told by mail.

    Raises:
        AddressTaken: It has; the page goes on as if it had not.
        SignUpNotAllowed, PasswordAuthDisabled: The environment does not allow it.
        RequestInvalid, PasswordStrengthError: The address or the password is no good.
        InvitationTokenInvalid, InvitationForOtherEmail: The invitation is not for this.
        StepRequired: As it nearly always goes on.
    """
    if not applications.find_policy(unit).password:
        raise PasswordAuthDisabled
    if not may_sign_up(unit, request):
        raise SignUpNotAllowed
    form = require_email_form(wanted.email)
    token = request.asked.invitation_token
    invitation = invitations.require_usable(unit, token) if token else None
    if invitation is not None:
        invitations.check_address(unit, invitation, form)
    grant = PasswordGrant(email=wanted.email, password=wanted.password)
    # It counts as an attempt to sign in, and unlike one that is right it is never given back: what is
    # left of the attempts would tell whether there was an account.
    attempts.charge_sign_in(unit, grant, form=form, user=None)
    user = _create(unit, wanted, form)
    if user is None:
        unit.hasher.waste(wanted.password)
        feign(unit, rows=_ROWS)
        notices.tell_account_exists(unit, form, link=None)
        raise AddressTaken
    proof = redeem.bind(unit, _prove(unit, user, grant), invitation)
    return in_browser.begin(unit, request, proof=proof)


def _create(unit: Unit, wanted: SignUp, form: str) -> User | None:
    """Make the account; None, after the same work, when the address has one."""
    if users.find_user_by_email(unit, form) is not None:
        passwords.prepare_password(unit, wanted.password, email=form)
        return None
    asked = CreateUser(
        email=wanted.email,
        password=wanted.password,
        first_name=wanted.first_name or None,
        last_name=wanted.last_name or None,
    )
    try:
        return users.create_user(unit, asked)
    except UserCreationError:
        return None


def _prove(unit: Unit, user: User, grant: PasswordGrant) -> Proof:
    proved = passwords.prove(unit, user.id, grant.password, address=user.email)

    def confirm(queries: Queries) -> None:
        passwords.confirm(queries, unit, user.id, proved)

    progress = pending.begin(unit, grant, user, method="Password", proved=proved)
    return Proof(user=user, progress=progress, kind="password", settle=confirm, checks_password=True)


def enroll_required(unit: Unit, pending_token: str, *, phone_number: str | None) -> FactorEnrolled:
    """Enrol the factor that a sign-in under way demands: an app, or the telephone that is given.

    Raises:
        PendingTokenInvalid: The sign-in is gone, or its user has a factor by now.
        RequestInvalid: The number cannot be used.
        TooManyRequests: Too many codes were sent to this user or this telephone.
    """
    _, user = pending.require_pending(unit, pending_token)
    if enroll.list_verified(unit, user.id):
        raise PendingTokenInvalid
    return enroll_another(unit, user, phone_number=phone_number)


def enroll_another(unit: Unit, user: User, *, phone_number: str | None) -> FactorEnrolled:
    """Enrol an app for a user, or the telephone that is given; it counts once its first code was right.

    Raises:
        RequestInvalid: The number cannot be used.
        TooManyRequests: Too many codes were sent to this user or this telephone.
    """
    if phone_number is not None:
        _charge_sms(unit, user, phone_number)
        asked = EnrollUserFactor(user_id=user.id, type="sms", phone_number=phone_number)
    else:
        asked = EnrollUserFactor(user_id=user.id, type="totp")
    return enroll.enroll_user_factor(unit, asked)


def _charge_sms(unit: Unit, user: User, phone_number: str) -> None:
    try:
        number = normalise_phone(phone_number)
    except NotAPhoneNumber:
        return
    setting = unit.settings.limit_per_send
    sends = [limits.limit_on(unit, setting, "enroll_sms", "send", subject) for subject in (user.id, number)]
    wait = unit.write(lambda queries: limits.charge(queries, unit, *sends))
    if wait is not None:
        raise TooManyRequests(retry_after=wait)
