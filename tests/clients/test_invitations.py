"""The official SDKs, unchanged, invite people on a real server."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clients.refusals import NOT_FOUND, UNPROCESSABLE, refused, refused_by_oauth, refused_with

if TYPE_CHECKING:
    from tests.clients.journeys import Journey

# The older SDKs leave the role of an invitation out of what they give.
SHOW_ROLE_OF_INVITATION = {"node-v10", "node-v11", "python-v10"}


def test_an_invitation_has_all_that_was_given(journey: Journey) -> None:
    sent = journey.value("invite")
    lasts = datetime.fromisoformat(sent["expires_at"]) - datetime.fromisoformat(sent["created_at"])

    assert sent["id"].startswith("invitation_")
    assert sent["email"].lower() == "joan@example.com"
    assert sent["state"] == "pending"
    assert sent["organization_id"] == journey.value("org_create")["id"]
    assert ("role_slug" in sent) is (journey.sdk in SHOW_ROLE_OF_INVITATION)
    assert sent.get("role_slug", "editor") == "editor"
    assert sent["inviter_user_id"] == journey.value("member_create")["user_id"]
    assert lasts.days == 3
    assert (sent["accepted_at"], sent["revoked_at"], sent["accepted_user_id"]) == (None, None, None)
    assert parse_qs(urlsplit(sent["accept_invitation_url"]).query)["invitation_token"] == [sent["token"]]


@pytest.mark.parametrize("step", ["invite_get", "invite_by_token"])
def test_an_invitation_is_found_by_id_and_by_token(journey: Journey, step: str) -> None:
    assert journey.value(step) == journey.value("invite")


def test_what_was_never_sent_is_no_invitation(journey: Journey) -> None:
    refused(journey, "invite_get_unknown", NOT_FOUND)
    refused(journey, "invite_by_unknown_token", NOT_FOUND)


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("invite_again", "email_already_invited_to_organization"),
        ("invite_too_long", "expires_in_days_too_long"),
        ("revoke_invite_again", "invite_not_pending"),
        ("resend_revoked", "invite_revoked"),
        ("accept_again", "invite_has_accepted_user_id"),
        ("deactivate_pending", "cannot_deactivate_pending_organization_membership"),
        ("reactivate_pending", "cannot_reactivate_pending_organization_membership"),
    ],
)
def test_what_the_state_of_an_invitation_forbids_is_refused(journey: Journey, step: str, code: str) -> None:
    refused_with(journey, step, code)


def test_an_invitation_sent_again_keeps_its_link(journey: Journey) -> None:
    first, again = journey.value("invite"), journey.value("invite_resend")

    assert (again["id"], again["token"]) == (first["id"], first["token"])
    assert again["state"] == "pending"
    assert again["expires_at"] > first["expires_at"]


def test_invitations_are_filtered_and_paged(journey: Journey) -> None:
    first, second, back = map(journey.value, ("invites_first", "invites_second", "invites_back"))

    assert back == first
    assert journey.value("invites_by_organization")["items"] == ["joan@example.com"]
    assert journey.value("invites_by_email")["items"] == ["joan@example.com"]
    assert first["items"] == ["joan@example.com", "kate@example.com"]
    assert first["before"] is None
    assert first["after"] == journey.value("revoke_invite")["id"]
    assert second["items"] == ["lena@example.com"]
    assert second["before"] is not None
    assert second["after"] is None


def test_a_cursor_that_is_no_invitation_is_refused(journey: Journey) -> None:
    refused(journey, "invites_with_foreign_cursor", UNPROCESSABLE)


def test_a_revoked_invitation_says_when(journey: Journey) -> None:
    revoked = journey.value("revoke_invite")

    assert revoked["state"] == "revoked"
    assert revoked["revoked_at"] is not None
    assert revoked["organization_id"] is None
    assert revoked.get("role_slug") is None
    refused_by_oauth(journey, "revoked_invite_used", "invitation_invalid")


def test_an_invited_user_is_a_pending_member_until_the_invitation_is_accepted(journey: Journey) -> None:
    pending, accepted = journey.value("pending_member"), journey.value("accept")
    member = journey.value("accepted_member")

    assert pending["status"] == "pending"
    assert accepted["state"] == "accepted"
    assert accepted["accepted_at"] is not None
    assert accepted["accepted_user_id"] == pending["user_id"]
    assert (member["id"], member["status"]) == (pending["id"], "active")


def test_a_sign_in_accepts_an_invitation_only_when_it_succeeds(journey: Journey) -> None:
    if journey.sdk == "python-v5":
        assert not journey.took("invited_signs_in"), "this SDK's password grant was thought to take no invitation"
        return
    refused_with(journey, "invited_wrong_password", "invalid_credentials")
    answer, accepted = journey.value("invited_signs_in"), journey.value("invite_accepted")

    assert journey.value("invite_still_pending")["state"] == "pending"
    assert answer["organization_id"] == journey.value("invite")["organization_id"]
    assert answer["claims"]["roles"] == ["editor"]
    assert accepted["state"] == "accepted"
    assert accepted["accepted_user_id"] == answer["user"]["id"]
    refused_by_oauth(journey, "invite_used_again", "invitation_invalid")
