"""The fixture `gatelodge`, as a project that has Gatelodge installed would use it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import pytest

from gatelodge import AuthenticatedSession, RefusedSession, errors
from gatelodge.testing import PASSWORD, CountingEntropy, FrozenClock

if TYPE_CHECKING:
    from gatelodge.testing import Gatelodge, Template

WITHOUT_PYTEST = """
import sys, gatelodge, gatelodge.testing
from gatelodge.testing import PASSWORD, Gatelodge, Message, Template
print("pytest" in sys.modules)
"""
QUICKLY = (
    "import sys, gatelodge.testing.plugin; print(*(name for name in sys.modules if name.startswith('gatelodge.')))"
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_user_is_created_and_signed_in_with_no_word_about_either(gatelodge: Gatelodge) -> None:
    ada = gatelodge.create_user()

    signed_in = gatelodge.sign_in(ada)

    assert (ada.email, ada.email_verified) == ("user1@example.com", True)
    assert signed_in.user.id == ada.id
    assert gatelodge.um.get_user(ada.id).last_sign_in_at == signed_in.user.last_sign_in_at


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_accounts_of_its_own(turn: str, gatelodge: Gatelodge) -> None:
    assert gatelodge.um.list_users().data == []
    assert gatelodge.inbox == []

    gatelodge.create_user("ada@example.com", first_name=turn)


def test_a_fresh_environment_takes_milliseconds(gatelodge_template: Template) -> None:
    durations = []
    for _ in range(5):
        begin = time.process_time()
        with gatelodge_template.open() as opened:
            opened.create_user()
        durations.append(time.process_time() - begin)

    # About 30 ms with a user created, on an idle core 15; making one from nothing takes half a second and more.
    assert min(durations) < 0.150, durations


def test_environments_that_are_open_at_once_do_not_see_each_other(gatelodge_template: Template) -> None:
    with gatelodge_template.open() as one, gatelodge_template.open() as other:
        ada = one.create_user("ada@example.com")

        with pytest.raises(errors.NotFound):
            other.um.get_user(ada.id)


def test_ninety_days_of_an_account_pass_in_a_moment(gatelodge: Gatelodge) -> None:
    um, clock = gatelodge.um, gatelodge.clock
    begin = time.process_time()
    ada = gatelodge.create_user("ada@example.com")
    refresh_token = gatelodge.sign_in(ada).refresh_token
    born = clock.now()

    for _ in range(4):
        clock.advance(days=6)
        refresh_token = um.authenticate_with_refresh_token(refresh_token).refresh_token
    clock.advance(days=66)

    with pytest.raises(errors.OAuthError):
        um.authenticate_with_refresh_token(refresh_token)
    assert gatelodge.sign_in(ada).user.id == ada.id
    assert clock.now() - born == 90 * 86_400_000
    assert um.get_user(ada.id).last_sign_in_at != ada.created_at
    assert time.process_time() - begin < 1


def test_the_clock_moves_by_every_unit_and_back() -> None:
    clock = FrozenClock(1_000)

    clock.advance(days=1, hours=1, minutes=1, seconds=1)
    assert clock.now() == 1_000 + 90_061_000

    clock.advance(hours=-1)
    assert clock.now() == 1_000 + 86_461_000


def test_the_code_of_a_mail_is_read_and_used(gatelodge: Gatelodge) -> None:
    gatelodge.create_user("ada@example.com")
    gatelodge.um.create_magic_auth("ada@example.com")

    message = gatelodge.last_message("ADA@example.com")
    signed_in = gatelodge.um.authenticate_with_magic_auth(message.code or "", email="ada@example.com")

    assert (message.channel, message.to, message.template) == ("email", "ada@example.com", "magic_auth")
    assert message.code is not None
    assert message.code in message.text
    assert message.code in (message.html or "")
    assert message.subject
    assert message.link is None
    assert message.sent_at == gatelodge.clock.now()
    assert signed_in.user.email == "ada@example.com"


def test_the_link_of_a_mail_is_read(gatelodge: Gatelodge) -> None:
    gatelodge.create_user("ada@example.com")
    reset = gatelodge.um.create_password_reset("ada@example.com")

    message = gatelodge.last_message()

    assert message.link is not None
    assert reset.password_reset_token in message.link
    assert message.code is None


def test_an_sms_is_read_in_our_words_and_in_the_callers(gatelodge: Gatelodge) -> None:
    ada = gatelodge.create_user()
    factor = gatelodge.um.enroll_auth_factor(ada.id, type="sms", phone_number="+12025550123").authentication_factor
    gatelodge.um.challenge_auth_factor(factor.id, sms_template="Your word is {{code}}.")

    ours, theirs = [message for message in gatelodge.inbox if message.channel == "sms"][-2:]

    assert ours.to == theirs.to == "+12025550123"
    assert (ours.subject, ours.html, theirs.template) == (None, None, None)
    assert ours.code is not None
    assert ours.code in ours.text
    assert theirs.text == f"Your word is {theirs.code}."


def test_the_inbox_is_in_order_and_can_be_emptied(gatelodge: Gatelodge) -> None:
    for name in ("ada", "grace"):
        gatelodge.um.create_magic_auth(f"{name}@example.com")

    assert [message.to for message in gatelodge.inbox] == ["ada@example.com", "grace@example.com"]

    gatelodge.clear_inbox()

    assert gatelodge.inbox == []
    with pytest.raises(LookupError, match=r"nothing was sent to ada@example\.com"):
        gatelodge.last_message("ada@example.com")


def test_a_member_signs_in_to_the_organization_that_is_named(gatelodge: Gatelodge) -> None:
    acme, globex = gatelodge.create_organization("Acme"), gatelodge.create_organization()
    gatelodge.um.create_environment_role("editor", name="Editor")
    ada = gatelodge.create_user(organization=acme, role_slug="editor")
    gatelodge.um.create_organization_membership(ada.id, organization_id=globex.id)

    assert gatelodge.sign_in(ada, organization=acme).organization_id == acme.id
    assert gatelodge.sign_in(ada, organization=globex.id).organization_id == globex.id
    with pytest.raises(errors.OrganizationSelectionRequired):
        gatelodge.sign_in(ada)


def test_who_is_not_a_member_is_not_signed_in_there(gatelodge: Gatelodge) -> None:
    acme = gatelodge.create_organization()
    ada = gatelodge.create_user()

    with pytest.raises(errors.GatelodgeError):
        gatelodge.sign_in(ada, organization=acme)


def test_a_sign_in_brings_a_cookie_that_lives_by_the_clock(gatelodge: Gatelodge) -> None:
    cookie = gatelodge.sign_in(gatelodge.create_user()).sealed_session

    there = gatelodge.um.authenticate_with_session_cookie(cookie)
    gatelodge.clock.advance(minutes=6)
    late = gatelodge.um.authenticate_with_session_cookie(cookie)
    renewed = gatelodge.um.load_sealed_session(cookie).refresh()

    assert isinstance(there, AuthenticatedSession)
    assert isinstance(late, RefusedSession)
    assert renewed.authenticated


def test_an_authenticators_code_goes_by_the_clock(gatelodge: Gatelodge) -> None:
    ada = gatelodge.create_user()
    enrolled = gatelodge.um.enroll_auth_factor(ada.id, type="totp")
    factor, challenge = enrolled.authentication_factor, enrolled.authentication_challenge
    assert factor.totp is not None

    old = gatelodge.totp_code(factor.totp.secret)
    gatelodge.clock.advance(minutes=5)

    assert gatelodge.totp_code(factor.totp.secret) != old
    assert gatelodge.um.verify_challenge(challenge.id, code=gatelodge.totp_code(factor.totp.secret)).valid


def test_a_user_without_a_password_can_be_made(gatelodge: Gatelodge) -> None:
    ada = gatelodge.create_user(password=None, email_verified=False)

    assert not ada.email_verified
    with pytest.raises(errors.InvalidCredentials):
        gatelodge.sign_in(ada, password=PASSWORD)


@pytest.mark.anyio
async def test_coroutines_see_the_same_accounts(gatelodge: Gatelodge) -> None:
    ada = gatelodge.create_user("ada@example.com")

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(gatelodge.async_um.create_magic_auth, "ada@example.com")

    assert (await gatelodge.async_um.get_user(ada.id)).email == "ada@example.com"
    assert len(gatelodge.inbox) == 5


@pytest.mark.anyio
async def test_it_is_closed_inside_a_running_loop_and_more_than_once(gatelodge_template: Template) -> None:
    with gatelodge_template.open() as opened:
        await opened.async_um.list_users()
        await opened.async_um.close()
        opened.close()

        with pytest.raises(errors.ServiceUnavailable):
            opened.um.list_users()


def test_threads_share_it(gatelodge: Gatelodge) -> None:
    threads = [threading.Thread(target=gatelodge.create_user) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    emails = {user.email for user in gatelodge.um.list_users().data}
    assert emails == {f"user{number}@example.com" for number in range(1, 9)}


def test_limits_are_off_until_they_are_asked_for(gatelodge: Gatelodge, gatelodge_template: Template) -> None:
    ada = gatelodge.create_user()
    for _ in range(12):
        gatelodge.sign_in(ada)

    with gatelodge_template.open(settings={"limits": True}) as limited:
        ada = limited.create_user()
        for _ in range(10):
            with pytest.raises(errors.InvalidCredentials):
                limited.sign_in(ada, password="not the right horse 18")
        with pytest.raises(errors.TooManyRequests):
            limited.sign_in(ada)


def test_nothing_is_left_behind(gatelodge_template: Template) -> None:
    with gatelodge_template.open() as opened:
        opened.create_user()
        file = Path(opened.database_url.removeprefix("sqlite:///"))
        assert file.exists()

    assert not list(file.parent.glob(f"{file.name}*"))


def test_the_package_needs_no_pytest_and_the_plugin_no_engine() -> None:
    def run(program: str) -> str:
        return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert run(WITHOUT_PYTEST).split() == ["False"]
    assert {name for name in run(QUICKLY).split() if not name.startswith("gatelodge.testing")} == set()


def test_chance_repeats() -> None:
    assert CountingEntropy("a").token_bytes(8) == CountingEntropy("a").token_bytes(8)
    assert CountingEntropy("a").token_bytes(8) != CountingEntropy("b").token_bytes(8)
