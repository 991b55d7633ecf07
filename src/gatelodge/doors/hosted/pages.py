"""Every page and the forms on it, by path."""

from __future__ import annotations

from gatelodge.doors.hosted import assets, authorize, sign_in, signed_out, signing_up, steps
from gatelodge.doors.hosted.answering import posted, shown
from gatelodge.kit.route import Lane

PAGES = (
    *assets.PAGES,
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
    posted("/sign-in/password", sign_in.take_password, lane=Lane.HASH),
    posted("/sign-in/restart", sign_in.start_over),
    posted("/sign-up", signing_up.take_sign_up, lane=Lane.HASH),
    shown("/sign-up", signing_up.show_sign_up),
    shown("/signed-out", signed_out.show_signed_out),
    shown("/user_management/authorize", authorize.authorize, lane=Lane.WRITE),
)
