"""Enrol, show, list and delete factors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec import structs

from gatelodge.contract.errors import Fault, NotFound, RequestInvalid
from gatelodge.contract.factors import (
    AuthenticationFactor,
    AuthenticationFactorEnrolled,
    EnrollFactor,
    EnrollUserFactor,
    FactorEnrolled,
    FactorId,
    ListUserFactors,
)
from gatelodge.contract.operation import Nothing
from gatelodge.contract.paging import Page
from gatelodge.contract.users import UserId
from gatelodge.features.applications import actions as applications
from gatelodge.features.factors import notices, store
from gatelodge.features.factors.challenge import ask
from gatelodge.features.factors.rules import (
    SECRET_PURPOSE,
    Factor,
    check_secret,
    issue_secret,
    show_challenge,
    show_enrolled,
    show_factor,
)
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries, Question, ReferenceViolation
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.phone import NotAPhoneNumber, normalise_phone
from gatelodge.kit.unit import Unit

T = TypeVar("T")


def enroll_user_factor(unit: Unit, asked: EnrollUserFactor) -> FactorEnrolled:
    """Enrol a factor for a user, with its first challenge; it counts once that is answered.

    Raises:
        NotFound: This environment has no such user.
        RequestInvalid: The number or the secret cannot be used.
    """
    user = users.get_user(unit, UserId(user_id=asked.user_id))
    if asked.type == "sms":
        factor, secret = _sms_factor(unit, asked.phone_number), None
    else:
        given = check_secret(asked.totp_secret) if asked.totp_secret else None
        factor, secret = _totp_factor(
            unit,
            issuer=asked.totp_issuer or applications.find_policy(unit).brand_name or unit.settings.brand_name,
            user=asked.totp_user or user.email,
            secret=given,
        )
    factor = structs.replace(factor, user_id=user.id)
    enrolled = show_enrolled(factor, secret)

    def write(queries: Queries) -> FactorEnrolled:
        store.insert_factor(queries, unit.actor.environment_id, factor)
        challenge = ask(queries, unit, factor)
        return FactorEnrolled(authentication_factor=enrolled, authentication_challenge=show_challenge(challenge))

    return _conclude(unit, write, user_id=user.id)


def enroll_factor(unit: Unit, asked: EnrollFactor) -> AuthenticationFactorEnrolled:
    """Enrol a factor by itself, for a user or for none; no challenge is made.

    Raises:
        NotFound: A user is named that this environment does not have.
        RequestInvalid: What the type needs is missing or cannot be used.
    """
    user = users.get_user(unit, UserId(user_id=asked.user_id)) if asked.user_id else None
    secret: str | None = None
    if asked.type == "sms":
        factor = _sms_factor(unit, asked.phone_number)
    else:
        missing = [name for name in ("totp_issuer", "totp_user") if not getattr(asked, name)]
        if missing:
            raise RequestInvalid(
                errors=[Fault(code="required", field=name, message=f"{name} is required.") for name in missing]
            )
        factor, secret = _totp_factor(unit, issuer=asked.totp_issuer or "", user=asked.totp_user or "")
    factor = structs.replace(factor, user_id=user.id if user else None)
    enrolled = show_enrolled(factor, secret)

    def write(queries: Queries) -> AuthenticationFactorEnrolled:
        store.insert_factor(queries, unit.actor.environment_id, factor)
        return enrolled

    return _conclude(unit, write, user_id=asked.user_id or "")


def _conclude(unit: Unit, write: Callable[[Queries], T], *, user_id: str) -> T:
    try:
        return unit.conclude(write)
    except ReferenceViolation:
        # The user was deleted between our look and our write.
        raise NotFound.of("User", user_id) from None


def _sms_factor(unit: Unit, phone_number: str | None) -> Factor:
    if not phone_number:
        raise RequestInvalid(errors=[Fault(code="required", field="phone_number", message="phone_number is required.")])
    try:
        number = normalise_phone(phone_number)
    except NotAPhoneNumber:
        message = "phone_number must be a telephone number in E.164, such as +15005550006."
        fault = Fault(code="invalid", field="phone_number", message=message)
        raise RequestInvalid(errors=[fault]) from None
    return Factor(
        id=unit.new_id("auth_factor"),
        user_id=None,
        type="sms",
        phone_number=number,
        created_at=unit.now,
        updated_at=unit.now,
    )


def _totp_factor(unit: Unit, *, issuer: str, user: str, secret: str | None = None) -> tuple[Factor, str]:
    secret = secret or issue_secret(unit.random)
    factor = Factor(
        id=unit.new_id("auth_factor"),
        user_id=None,
        type="totp",
        totp_issuer=issuer,
        totp_user=user,
        secret=unit.sealer.seal(secret.encode("ascii"), purpose=SECRET_PURPOSE),
        created_at=unit.now,
        updated_at=unit.now,
    )
    return factor, secret


def get_factor(unit: Unit, asked: FactorId) -> AuthenticationFactor:
    """Get a factor without its secret.

    Raises:
        NotFound: This environment has no such factor.
    """
    return show_factor(require_factor(unit, asked.authentication_factor_id))


def require_factor(unit: Unit, factor_id: str) -> Factor:
    """Find a factor, or raise NotFound."""
    factor = store.find_factor(unit.read, unit.actor.environment_id, factor_id)
    if factor is None:
        raise NotFound.of("Authentication factor", factor_id)
    return factor


def list_user_factors(unit: Unit, asked: ListUserFactors) -> Page[AuthenticationFactor]:
    """List a user's factors, newest first, without secrets.

    Raises:
        NotFound: This environment has no such user.
    """
    users.get_user(unit, UserId(user_id=asked.user_id))
    window = open_window(asked, "auth_factor")
    rows = store.list_window(unit.read, unit.actor.environment_id, asked.user_id, window)
    return fold_page(
        asked,
        window,
        rows,
        lambda row: show_factor(store.read_factor(row)),
        identify=lambda factor: factor.id,
    )


def list_verified(unit: Unit, user_id: str) -> list[Factor]:
    """List the factors that a user may answer with."""
    return store.list_verified(unit.read, unit.actor.environment_id, user_id)


def ask_for_verified(unit: Unit, user_id: str) -> Question:
    """Ask whether a user may answer with any factor, together with whatever else is asked."""
    return store.ask_for_verified(unit.actor.environment_id, user_id)


def remove_factors(queries: Queries, unit: Unit, user_id: str, *, since: int = 0) -> None:
    """Remove the factors and recovery codes of a user, within the transaction of what asks for it.

    `since` leaves those that were made before an instant, in milliseconds.
    """
    store.delete_factors_of_user(queries, unit.actor.environment_id, user_id, since=since)
    store.delete_recovery_codes(queries, unit.actor.environment_id, user_id, since=since)


def show_unconfirmed(unit: Unit, factor: Factor) -> AuthenticationFactorEnrolled | None:
    """Show once more what a factor was enrolled with, until its first code was right; None from then on."""
    if factor.verified_at is not None:
        return None
    if factor.secret is None:
        return show_enrolled(factor, None)
    return show_enrolled(factor, unit.sealer.unseal(factor.secret, purpose=SECRET_PURPOSE).decode("ascii"))


def delete_factor(unit: Unit, asked: FactorId) -> Nothing:
    """Delete a factor and its challenges; mail tells the owner of one that counted.

    With the last factor go the recovery codes, which have nothing left to stand in for.

    Raises:
        NotFound: This environment has no such factor.
    """
    factor = require_factor(unit, asked.authentication_factor_id)
    tells_owner = notices.are_sent(unit, factor)

    def write(queries: Queries) -> Nothing:
        gone = store.delete_factor(queries, unit.actor.environment_id, factor.id)
        if gone is None:
            raise NotFound.of("Authentication factor", factor.id)
        if gone.user_id is not None and not store.list_verified(queries, unit.actor.environment_id, gone.user_id):
            store.delete_recovery_codes(queries, unit.actor.environment_id, gone.user_id)
        if tells_owner and gone.verified_at is not None:
            notices.tell_removed(queries, unit, gone)
        return Nothing()

    return unit.conclude(write)
