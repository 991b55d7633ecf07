"""Every page of the account and the forms on it, by path."""

from __future__ import annotations

from gatelodge.doors.hosted.account import credentials, factors, overview, passkeys, sessions
from gatelodge.doors.hosted.account.access import ACCOUNT, of_owner, of_sure_owner
from gatelodge.doors.hosted.account.credentials import EMAIL, PASSWORD
from gatelodge.doors.hosted.account.factors import FACTORS, RECOVERY
from gatelodge.doors.hosted.account.passkeys import PASSKEYS
from gatelodge.doors.hosted.account.sessions import SESSIONS
from gatelodge.doors.hosted.answering import posted, shown
from gatelodge.kit.route import Lane

PAGES = (
    shown(ACCOUNT, of_owner(overview.show_account), lane=Lane.WRITE),
    posted(EMAIL, of_sure_owner(credentials.ask_email, back=EMAIL)),
    shown(EMAIL, of_sure_owner(credentials.show_email, back=EMAIL), lane=Lane.WRITE),
    posted(FACTORS, of_sure_owner(factors.add_factor, back=FACTORS)),
    shown(FACTORS, of_sure_owner(factors.show_factors, back=FACTORS), lane=Lane.WRITE),
    posted("/account/factors/confirm", of_sure_owner(factors.confirm_factor, back=FACTORS)),
    shown("/account/factors/confirm", of_sure_owner(factors.show_confirm, back=FACTORS), lane=Lane.WRITE),
    posted("/account/factors/remove", of_sure_owner(factors.remove_factor, back=FACTORS)),
    posted("/account/factors/send", of_sure_owner(factors.send_code, back=FACTORS)),
    posted(PASSKEYS, of_sure_owner(passkeys.add_passkey, back=PASSKEYS)),
    shown(PASSKEYS, of_sure_owner(passkeys.show_passkeys, back=PASSKEYS), lane=Lane.WRITE),
    posted("/account/passkeys/options", of_sure_owner(passkeys.send_options, back=PASSKEYS)),
    posted("/account/passkeys/remove", of_sure_owner(passkeys.remove_passkey, back=PASSKEYS)),
    posted("/account/passkeys/rename", of_sure_owner(passkeys.rename_passkey, back=PASSKEYS)),
    posted(PASSWORD, of_sure_owner(credentials.set_password, back=PASSWORD), lane=Lane.HASH),
    shown(PASSWORD, of_sure_owner(credentials.show_password, back=PASSWORD), lane=Lane.WRITE),
    posted("/account/password/link", of_sure_owner(credentials.send_link, back=PASSWORD)),
    posted("/account/profile", of_owner(overview.save_profile)),
    posted(RECOVERY, of_sure_owner(factors.issue_recovery, back=RECOVERY)),
    shown(RECOVERY, of_sure_owner(factors.show_recovery, back=RECOVERY), lane=Lane.WRITE),
    shown(SESSIONS, of_owner(sessions.show_sessions), lane=Lane.WRITE),
    posted("/account/sessions/elsewhere", of_owner(sessions.sign_out_elsewhere)),
    posted("/account/sessions/end", of_owner(sessions.sign_out_place)),
    posted("/account/sign-out", of_owner(overview.sign_out)),
)
