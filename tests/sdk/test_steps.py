"""Second factors, the steps of a sign-in, codes of redirects and devices, through every way in."""

from __future__ import annotations

import base64
import hashlib

import msgspec
import pyotp
import pytest

from gatelodge import FactorEnrolled, User, errors
from gatelodge.features.authentication.rules import Progress
from gatelodge.features.authorization import actions as authorization
from gatelodge.features.devices import actions as devices
from gatelodge.testing import FrozenClock
from tests.harness.devices import approve
from tests.harness.inprocess import CLIENT
from tests.sdk.household import Home, Household

ADA, PASSWORD = "ada@example.com", "seventeen yellow herons"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-7636-rule"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def make_ada(um: Household) -> User:
    user: User = um.create_user(ADA, password=PASSWORD, email_verified=True)
    return user


def code_of(clock: FrozenClock, enrolled: FactorEnrolled, *, steps: int = 0) -> str:
    totp = enrolled.authentication_factor.totp
    assert totp is not None
    return pyotp.TOTP(totp.secret).at(clock.now() // 1000 + 30 * steps)


def signed_in_as(user: User) -> str:
    """Write the state of a sign-in that was done on a page."""
    return msgspec.json.encode(Progress(user_id=user.id, client_id=CLIENT, method="Password")).decode()


def issue_code(home: Home, user: User, *, challenge: str | None) -> str:
    """Issue the code that a page sends a browser back with."""
    unit = home.unit()
    return unit.write(
        lambda queries: authorization.issue_code(
            queries, unit, user_id=user.id, client_id=CLIENT, state=signed_in_as(user), code_challenge=challenge
        )
    )


def test_a_confirmed_factor_is_asked_for_at_the_next_sign_in(um: Household, clock: FrozenClock) -> None:
    user = make_ada(um)
    enrolled = um.enroll_auth_factor(user.id, type="totp", totp_issuer="Acme", totp_user="ada")
    factor = enrolled.authentication_factor
    first = um.verify_challenge(enrolled.authentication_challenge.id, code=code_of(clock, enrolled, steps=-1))
    with pytest.raises(errors.MfaChallenge) as asked:
        um.authenticate_with_password(ADA, password=PASSWORD)
    pending = asked.value.pending_authentication_token
    challenge = um.challenge_auth_factor(factor.id)

    assert (first.valid, challenge.expires_at, factor.sms) == (True, None, None)
    assert [each.id for each in asked.value.authentication_factors] == [factor.id]
    answer = {"authentication_challenge_id": challenge.id, "pending_authentication_token": pending}
    code = code_of(clock, enrolled)
    with pytest.raises(errors.OneTimeCodeInvalid):
        um.authenticate_with_totp("000000" if code != "000000" else "000001", **answer)
    assert um.authenticate_with_totp(code, **answer).user.id == user.id
    with pytest.raises(errors.PendingTokenInvalid):
        um.authenticate_with_totp(code, **answer)


def test_a_challenge_says_whether_the_code_is_right_and_is_answered_once(um: Household, clock: FrozenClock) -> None:
    enrolled = um.enroll_auth_factor(make_ada(um).id, type="totp")
    challenge_id = enrolled.authentication_challenge.id

    assert um.verify_challenge(challenge_id, code="000").valid is False
    assert um.verify_challenge(challenge_id, code=code_of(clock, enrolled)).valid is True
    with pytest.raises(errors.ChallengePreviouslyVerified):
        um.verify_challenge(challenge_id, code=code_of(clock, enrolled))
    with pytest.raises(errors.NotFound):
        um.verify_challenge("auth_challenge_01", code="123456")


def test_factors_are_listed_without_secrets_and_deleted(um: Household, clock: FrozenClock) -> None:
    user = make_ada(um)
    secret = "JBSWY3DPEHPK3PXPJBSWY3DP"
    app = um.enroll_auth_factor(user.id, type="totp", totp_secret=secret).authentication_factor
    clock.advance(seconds=1)
    phone = um.create_auth_factor("sms", phone_number="+1 415 555 2671", user_id=user.id)
    alone = um.create_auth_factor("totp", totp_issuer="Acme", totp_user="door")

    shown = um.walk(um.list_auth_factors(user.id, limit=1))

    assert (app.totp.secret, app.totp.uri.startswith("otpauth://totp/")) == (secret, True)
    assert [factor.id for factor in shown] == [phone.id, app.id]
    assert (shown[0].sms.phone_number, shown[0].totp) == ("+14155552671", None)
    assert not hasattr(shown[1].totp, "secret")
    assert um.get_auth_factor(app.id) == shown[1]
    assert um.get_auth_factor(alone.id).user_id is None
    assert um.challenge_auth_factor(phone.id, sms_template="Code {{code}}!").expires_at == "2026-01-15T12:10:01.000Z"
    assert um.delete_auth_factor(app.id) is None
    assert [factor.id for factor in um.list_auth_factors(user.id)] == [phone.id]
    with pytest.raises(errors.NotFound):
        um.get_auth_factor(app.id)
    with pytest.raises(errors.RequestInvalid):
        um.enroll_auth_factor(user.id, type="sms", phone_number="12")


def test_a_member_of_several_organizations_chooses_one(um: Household) -> None:
    user = make_ada(um)
    first, second, other = (um.create_organization(name) for name in ("First", "Second", "Other"))
    for each in (first, second):
        um.create_organization_membership(user.id, organization_id=each.id)

    with pytest.raises(errors.OrganizationSelectionRequired) as asked:
        um.authenticate_with_password(ADA, password=PASSWORD)
    pending = asked.value.pending_authentication_token

    assert {each.id for each in asked.value.organizations} == {first.id, second.id}
    with pytest.raises(errors.OrganizationMembershipNotFound):
        um.authenticate_with_organization_selection(other.id, pending_authentication_token=pending)
    begun = um.authenticate_with_organization_selection(second.id, pending_authentication_token=pending)
    switched = um.authenticate_with_refresh_token(begun.refresh_token, organization_id=first.id)
    assert (begun.organization_id, switched.organization_id) == (second.id, first.id)
    assert um.list_sessions(user.id).data[0].organization_id == first.id
    with pytest.raises(errors.PendingTokenInvalid):
        um.authenticate_with_organization_selection(second.id, pending_authentication_token=pending)


def test_the_code_of_a_redirect_is_traded_once_by_its_verifier_or_by_the_secret(home: Home) -> None:
    user = make_ada(home.um)
    code = issue_code(home, user, challenge=CHALLENGE)
    plain = issue_code(home, user, challenge=None)

    with pytest.raises(errors.InvalidGrant):
        home.um.authenticate_with_code(code, code_verifier="x" * 43)
    with pytest.raises(errors.InvalidRequest):
        home.um.authenticate_with_code(code)
    with pytest.raises(errors.CodeChallengeNotFound):
        home.um.authenticate_with_code(plain, code_verifier=VERIFIER)
    assert home.um.authenticate_with_code(code, code_verifier=VERIFIER).user.id == user.id
    assert home.um.authenticate_with_code(plain).user.id == user.id
    for spent, verifier in ((code, VERIFIER), (plain, None)):
        with pytest.raises(errors.InvalidGrant):
            home.um.authenticate_with_code(spent, code_verifier=verifier)


def test_a_device_signs_in_once_its_user_has_confirmed(home: Home) -> None:
    user = make_ada(home.um)
    begun = home.um.create_device_authorization()
    with pytest.raises(errors.AuthorizationPending):
        home.um.authenticate_with_device_code(begun.device_code)
    with pytest.raises(errors.SlowDown):
        home.um.authenticate_with_device_code(begun.device_code)

    unit = home.unit()
    assert approve(unit, begun.user_code, user_id=user.id, state=signed_in_as(user))
    home.clock.advance(seconds=20)

    assert (begun.expires_in, begun.interval) == (300, 5)
    assert home.um.authenticate_with_device_code(begun.device_code).user.id == user.id
    with pytest.raises(errors.InvalidGrant):
        home.um.authenticate_with_device_code(begun.device_code)


def test_a_device_is_told_when_its_user_refused_or_did_nothing(home: Home) -> None:
    refused, late = home.um.create_device_authorization(), home.um.create_device_authorization()
    unit = home.unit()
    waiting = devices.find_waiting(unit, refused.user_code)
    assert waiting is not None
    assert devices.refuse_device(unit, waiting)

    with pytest.raises(errors.AccessDenied):
        home.um.authenticate_with_device_code(refused.device_code)
    home.clock.advance(seconds=301)
    with pytest.raises(errors.ExpiredToken):
        home.um.authenticate_with_device_code(late.device_code)
