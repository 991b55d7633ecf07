"""Every page and the forms on it, by path."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gatelodge.doors.hosted import (
    assets,
    authorize,
    device,
    email_change,
    invitation,
    passkeys,
    passwords,
    recovering,
    sign_in,
    signed_out,
    signing_up,
    steps,
    undoing,
)
from gatelodge.doors.hosted.account import pages as account_pages
from gatelodge.doors.hosted.answering import posted, shown
from gatelodge.doors.hosted.rendering import go_to
from gatelodge.kit.route import Lane

if TYPE_CHECKING:
    from gatelodge.doors.routing import Page

_PAGES = (
    *assets.PAGES,
    *account_pages.PAGES,
    posted("/confirm-email-change", email_change.confirm),
    shown("/confirm-email-change", email_change.show_confirm, lane=Lane.WRITE),
    posted("/device", device.take_code),
    shown("/device", device.show_device, lane=Lane.WRITE),
    posted("/device/answer", device.answer),
    posted("/forgot-password", passwords.send_link),
    shown("/forgot-password", passwords.show_forgot),
    posted("/invitation", invitation.accept),
    shown("/invitation", invitation.show_invitation),
    posted("/reset-password", passwords.set_password, lane=Lane.HASH),
    shown("/reset-password", passwords.show_reset),
    posted("/sign-in", sign_in.take_email),
    shown("/sign-in", sign_in.show_sign_in),
    posted("/sign-in/cancel", sign_in.give_up),
    posted("/sign-in/code", sign_in.take_code),
    posted("/sign-in/code/send", sign_in.send_code),
    posted("/sign-in/email", steps.verify_email),
    posted("/sign-in/email/send", steps.resend_email),
    posted("/sign-in/enroll", steps.enroll_factor),
    posted("/sign-in/factor", steps.answer_factor),
    posted("/sign-in/factor/choose", steps.choose_factor),
    posted("/sign-in/organization", steps.choose_organization),
    posted("/sign-in/passkey", passkeys.take_passkey),
    posted("/sign-in/passkey/options", passkeys.send_options),
    posted("/sign-in/password", sign_in.take_password, lane=Lane.HASH),
    posted("/sign-in/recover", recovering.take_code),
    shown("/sign-in/recover", recovering.show_recover),
    posted("/sign-in/restart", sign_in.start_over),
    posted("/sign-up", signing_up.take_sign_up, lane=Lane.HASH),
    shown("/sign-up", signing_up.show_sign_up),
    shown("/signed-out", signed_out.show_signed_out),
    posted("/undo-email-change", undoing.undo_change),
    shown("/undo-email-change", undoing.show_undo),
    shown("/user_management/authorize", authorize.authorize, lane=Lane.WRITE),
)


def _lead_back(pages: Iterable[Page]) -> Iterator[Page]:
    """Lead whoever opens the address of a form, as after a fault or in a restored tab, to the page that it is on."""
    shown_paths = {page.path for page in pages if page.method == "GET"}
    for page in pages:
        if page.method == "POST" and page.path not in shown_paths:
            above = page.path
            while above and above not in shown_paths:
                above = above.rpartition("/")[0]
            yield shown(page.path, functools.partial(go_to, address=above))


PAGES = (*_PAGES, *_lead_back(_PAGES))
