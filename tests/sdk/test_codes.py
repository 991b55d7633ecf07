"""Mailed codes and links, through every way in: read back with the API key, good once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatelodge import errors
from gatelodge.kit import inbox
from gatelodge.testing import FrozenClock
from tests.conftest import FreshDatabase
from tests.sdk.faces import Face
from tests.sdk.household import Home, Household, at_home

ADA, NEW, PASSWORD = "ada@example.com", "ada@new.example.com", "seventeen yellow herons"


@pytest.fixture
def developing(face: Face, fresh_database: FreshDatabase) -> Iterator[Home]:
    """Open an engine that keeps its mails to look at."""
    with at_home(face, fresh_database("sqlite"), development=True, delivery="inbox") as home:
        yield home


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def last_event(um: Household, name: str) -> str:
    """Give the id of the object of the newest event of a kind."""
    return str(um.walk(um.list_events([name]))[-1].data["id"])


def test_a_mailed_code_signs_in_once(um: Household) -> None:
    made = um.create_magic_auth(ADA, ip_address="203.0.113.7")

    assert um.get_magic_auth(made.id) == made
    assert um.get_user(made.user_id).email_verified is False
    with pytest.raises(errors.OneTimeCodeInvalid):
        um.authenticate_with_magic_auth(wrong(made.code), email=ADA)
    begun = um.authenticate_with_magic_auth(made.code, email=ADA, user_agent="Journey/1")
    assert (begun.user.id, begun.authentication_method) == (made.user_id, "MagicAuth")
    assert (begun.user.email_verified, begun.organization_id, begun.oauth_tokens) == (True, None, None)
    assert um.list_sessions(made.user_id).data[0].user_agent == "Journey/1"
    with pytest.raises(errors.OneTimeCodeUsed):
        um.authenticate_with_magic_auth(made.code, email=ADA)
    with pytest.raises(errors.NotFound):
        um.get_magic_auth("magic_auth_01")


def test_a_mailed_code_has_its_time(um: Household, clock: FrozenClock) -> None:
    made = um.create_magic_auth(ADA)

    clock.advance(minutes=11)

    with pytest.raises(errors.OneTimeCodeExpired):
        um.authenticate_with_magic_auth(made.code, email=ADA)


def test_an_address_is_proved_by_the_code_that_was_mailed(um: Household) -> None:
    user = um.create_user(ADA)

    assert um.send_verification_email(user.id).user == user
    sent = um.get_email_verification(last_event(um, "email_verification.created"))
    with pytest.raises(errors.VerificationCodeIncorrect):
        um.verify_email(user.id, code=wrong(sent.code))
    assert (sent.user_id, sent.email) == (user.id, ADA)
    assert um.verify_email(user.id, code=sent.code).user.email_verified is True
    with pytest.raises(errors.EmailAlreadyVerified):
        um.send_verification_email(user.id)
    with pytest.raises((errors.EmailPreviouslyVerified, errors.VerificationCodeUsed)):
        um.verify_email(user.id, code=sent.code)
    with pytest.raises(errors.NotFound):
        um.send_verification_email("user_01")


def test_a_sign_in_goes_on_with_the_code_that_proves_the_address(um: Household) -> None:
    um.create_user(ADA, password=PASSWORD)
    with pytest.raises(errors.EmailVerificationRequired) as asked:
        um.authenticate_with_password(ADA, password=PASSWORD)
    pending = asked.value.pending_authentication_token
    code = um.get_email_verification(asked.value.email_verification_id).code

    with pytest.raises(errors.OneTimeCodeInvalid):
        um.authenticate_with_email_verification(wrong(code), pending_authentication_token=pending)
    begun = um.authenticate_with_email_verification(code, pending_authentication_token=pending)

    assert (begun.user.email_verified, begun.authentication_method) == (True, "Password")
    with pytest.raises(errors.PendingTokenInvalid):
        um.authenticate_with_email_verification(code, pending_authentication_token=pending)


def test_a_password_is_set_anew_by_the_mailed_link_once(um: Household) -> None:
    user = um.create_user(ADA, password=PASSWORD, email_verified=True)
    before = um.authenticate_with_password(ADA, password=PASSWORD)
    made = um.create_password_reset(ADA)

    assert um.get_password_reset(made.id) == made
    assert made.password_reset_token in made.password_reset_url
    with pytest.raises(errors.PasswordResetError):
        um.reset_password(made.password_reset_token, new_password="short")
    assert um.reset_password(made.password_reset_token, new_password="eleven green otters").user.id == user.id
    with pytest.raises(errors.PasswordResetError):
        um.reset_password(made.password_reset_token, new_password="twelve green otters")
    with pytest.raises(errors.InvalidGrant):
        um.authenticate_with_refresh_token(before.refresh_token)
    with pytest.raises(errors.InvalidCredentials):
        um.authenticate_with_password(ADA, password=PASSWORD)
    assert um.authenticate_with_password(ADA, password="eleven green otters").user.id == user.id
    with pytest.raises(errors.NotFound):
        um.create_password_reset("nobody@example.com")


def test_an_address_is_not_changed_without_the_right_code(um: Household) -> None:
    user = um.create_user(ADA, email_verified=True)
    um.create_user("grace@example.com")
    with pytest.raises(errors.NoPendingEmailChange):
        um.confirm_email_change(user.id, code="123456")

    begun = um.send_email_change(user.id, new_email=NEW)

    assert (begun.user, begun.new_email) == (user, NEW)
    assert um.get_user(user.id).email == ADA
    with pytest.raises(errors.EmailChangeNotNeeded):
        um.send_email_change(user.id, new_email=ADA)
    with pytest.raises(errors.NewEmailNotAvailable):
        um.send_email_change(user.id, new_email="grace@example.com")


def test_an_address_is_changed_by_the_code_that_the_new_one_got(developing: Home) -> None:
    um = developing.um
    user = um.create_user(ADA, email_verified=True)
    um.send_email_change(user.id, new_email=NEW)
    unit = developing.unit()
    (mail,) = inbox.list_kept(unit.read, unit.sealer, to=NEW)
    code = str(mail.values["code"])

    with pytest.raises(errors.EmailChangeCodeIncorrect):
        um.confirm_email_change(user.id, code=wrong(code))
    changed = um.confirm_email_change(user.id, code=code).user

    assert (changed.id, changed.email, changed.email_verified) == (user.id, NEW, True)
    with pytest.raises((errors.EmailChangeCodeUsed, errors.NoPendingEmailChange)):
        um.confirm_email_change(user.id, code=code)


def test_a_user_without_social_accounts_has_no_identities(um: Household) -> None:
    assert um.list_user_identities(um.create_user(ADA).id) == []
    with pytest.raises(errors.NotFound):
        um.list_user_identities("user_01")
