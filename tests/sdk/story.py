"""One life of a team, told call by call, and written down so that two tellings can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pyotp

from gatelodge import errors
from tests.sdk.household import Household

PASSWORD = "seventeen yellow herons"

_ID = re.compile(r"\b([a-z_]+)_[0-9A-HJKMNP-TV-Z]{26}\b")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# Drawn anew each time; that they are there, and what they are, is told.
_DRAWN = frozenset(
    {
        *("access_token", "refresh_token", "token", "code", "secret", "qr_code", "uri", "verification_token"),
        *("accept_invitation_url", "password_reset_token", "password_reset_url", "pending_authentication_token"),
        *("device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in"),
        *("client_id", "radar_auth_attempt_id"),
    }
)
_PASSING = frozenset({"request_id"})


class Diary:
    """Calls a client and writes down what came back: a result, or the error, which is given back as a value."""

    def __init__(self, um: Household, *, place: str) -> None:
        self.pages: list[str] = []
        self._um = um
        self._place = place
        self._ids: dict[str, str] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **members: Any) -> Any:
            given: Any
            try:
                given = getattr(self._um, name)(*arguments, **members)
            except errors.GatelodgeError as error:
                given = error
            self._write(name, given)
            return given

        return call

    def mail(self, name: str) -> str:
        """Make an address of this telling."""
        return f"{name}@{self._place}.example.com"

    def tell(self, name: str, value: object) -> None:
        """Write down something else."""
        self._write(name, value)

    def _write(self, name: str, given: Any) -> None:
        if isinstance(given, errors.GatelodgeError):
            members = {key: value for key, value in vars(given).items() if key not in _PASSING}
            told: Any = {"class": type(given).__name__, "status": given.status, "code": given.code, **members}
        elif hasattr(given, "list_metadata"):
            cursors = [getattr(given.list_metadata, end) is not None for end in ("before", "after")]
            told = {"data": given.data, "cursors": cursors}
        else:
            told = given
        plain = msgspec.to_builtins(told, enc_hook=vars)
        kind = type(given).__name__.removeprefix("Async")
        self.pages.append(f"{name} -> {kind}: {msgspec.json.encode(self._mask(plain), order='sorted').decode()}")

    def _mask(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._mask_member(key, member) for key, member in value.items()}
        if isinstance(value, list):
            return [self._mask(item) for item in value]
        if not isinstance(value, str):
            return value
        value = _INSTANT.sub("<instant>", value.replace(self._place, "<place>"))
        return _ID.sub(lambda found: self._ids.setdefault(found[0], f"<{found[1]} {len(self._ids)}>"), value)

    def _mask_member(self, key: str, value: Any) -> Any:
        if key in _DRAWN and value is not None and not (key == "code" and "_" in str(value)):
            return f"<{type(value).__name__}>"
        return self._mask(value)


def tell_story(um: Household, *, place: str) -> list[str]:
    """Live it, and give the pages of its diary."""
    diary = Diary(um, place=place)
    ada = _tell_of_users(diary)
    _tell_of_sessions(diary, ada)
    _tell_of_organizations(diary, ada)
    _tell_of_codes(diary)
    _tell_of_factors(diary)
    _tell_of_the_end(diary, ada)
    return diary.pages


def _tell_of_users(diary: Diary) -> Any:
    email = diary.mail("ada")
    ada = diary.create_user(
        email, password=PASSWORD, first_name="Ada", external_id=f"crm/{diary.mail('x')} ?#", metadata={"tier": "gold"}
    )
    diary.create_user(email.upper())
    diary.create_user(diary.mail("weak"), password="short")
    diary.create_user("no address")
    diary.create_user(diary.mail("far"), metadata={"x" * 41: "y"})
    diary.create_user(diary.mail("both"), password=PASSWORD, password_hash="x", password_hash_type="bcrypt")
    diary.get_user(ada.id)
    diary.get_user("user_01H0000000000000000000000X")
    diary.get_user("no id at all/..")
    diary.get_user_by_external_id(ada.external_id)
    diary.list_users(email)
    diary.list_users(diary.mail("nobody"))
    diary.list_users(limit=0)
    diary.list_users(after="user_unknown")
    diary.update_user(ada.id, last_name="Lovelace", first_name=None, metadata={"tier": None, "seat": "12"})
    diary.update_user(ada.id)
    diary.update_user(ada.id, external_id=None, metadata=None, locale="en-GB", email_verified=True)
    diary.update_user(ada.id, locale="xx-nowhere")
    diary.update_user("user_unknown", first_name="X")
    diary.delete_user("user_unknown")
    diary.list_user_identities(ada.id)
    return ada


def _tell_of_sessions(diary: Diary, ada: Any) -> None:
    told = {"ip_address": "203.0.113.7", "user_agent": "story"}
    diary.authenticate_with_password(ada.email, password="wrong", **told)
    diary.authenticate_with_password(diary.mail("nobody"), password=PASSWORD, **told)
    begun = diary.authenticate_with_password(ada.email, password=PASSWORD, **told)
    renewed = diary.authenticate_with_refresh_token(begun.refresh_token)
    again = diary.authenticate_with_refresh_token(begun.refresh_token)
    diary.tell("the replay gives the same pair", again.refresh_token == renewed.refresh_token)
    diary.authenticate_with_refresh_token("nonsense")
    diary.authenticate_with_refresh_token(renewed.refresh_token, organization_id="org_unknown")
    diary.authenticate_with_code("nonsense", code_verifier="v" * 43)
    diary.authenticate_with_password(ada.email, password=PASSWORD, client_id="client_of_nobody")
    sessions = diary.list_sessions(ada.id)
    diary.list_sessions("user_unknown")
    diary.revoke_session(sessions.data[0].id)
    diary.revoke_session("session_01H0000000000000000000000X")
    diary.authenticate_with_refresh_token(renewed.refresh_token)
    diary.get_jwks("client_of_nobody")
    device = diary.create_device_authorization()
    diary.authenticate_with_device_code(device.device_code)
    diary.authenticate_with_device_code("nonsense")


def _tell_of_organizations(diary: Diary, ada: Any) -> None:
    acme = diary.create_organization("Acme", external_id=diary.mail("acme"), metadata={"plan": "team"})
    diary.get_organization_by_external_id(diary.mail("acme"))
    diary.create_organization("Acme", external_id=diary.mail("acme"))
    diary.update_organization(acme.id, name="Acme Ltd", metadata={"plan": None})
    diary.get_organization("org_unknown")
    slug = diary.mail("lead").translate(str.maketrans("@.", "--"))
    diary.create_permission(f"{slug}:write", name="Write")
    diary.create_environment_role(slug, name="Lead")
    diary.create_environment_role(slug, name="Lead")
    diary.add_environment_role_permission(slug, permission_slug=f"{slug}:write")
    member = diary.create_organization_membership(ada.id, organization_id=acme.id, role_slug=slug)
    diary.create_organization_membership(ada.id, organization_id=acme.id)
    diary.create_organization_membership(ada.id, organization_id="org_unknown")
    diary.update_organization_membership(member.id, role_slug="no-such-role")
    diary.list_organization_memberships()
    diary.list_organization_memberships(ada.id, statuses=["active", "inactive"])
    diary.authenticate_with_password(ada.email, password=PASSWORD)
    diary.deactivate_organization_membership(member.id)
    diary.list_organization_memberships(organization_id=acme.id)
    diary.reactivate_organization_membership(member.id)
    invited = diary.send_invitation(diary.mail("bob"), organization_id=acme.id, inviter_user_id=ada.id)
    diary.send_invitation(diary.mail("bob"), organization_id=acme.id)
    diary.send_invitation(diary.mail("eve"), expires_in_days=31)
    diary.list_invitations(diary.mail("bob"))
    diary.get_invitation_by_token(invited.token)
    diary.accept_invitation(invited.id)
    diary.revoke_invitation(invited.id)
    diary.resend_invitation(invited.id)
    diary.get_invitation(invited.id)
    diary.create_organization_domain(acme.id, domain=diary.mail("acme").partition("@")[2])
    diary.list_organizations(search="\x00")
    diary.delete_organization_membership(member.id)
    diary.get_organization_membership(member.id)
    diary.delete_organization(acme.id)


def _tell_of_codes(diary: Diary) -> None:
    email = diary.mail("grace")
    grace = diary.create_user(email, password=PASSWORD)
    step = diary.authenticate_with_password(email, password=PASSWORD)
    pending = step.pending_authentication_token
    diary.authenticate_with_email_verification("000000x", pending_authentication_token=pending)
    proof = diary.get_email_verification(step.email_verification_id)
    diary.authenticate_with_email_verification(proof.code, pending_authentication_token=pending)
    diary.authenticate_with_email_verification(proof.code, pending_authentication_token=pending)
    diary.send_verification_email(grace.id)
    magic = diary.create_magic_auth(email)
    diary.get_magic_auth(magic.id)
    diary.authenticate_with_magic_auth(magic.code, email=diary.mail("nobody"))
    diary.authenticate_with_magic_auth(magic.code, email=email)
    diary.authenticate_with_magic_auth(magic.code, email=email)
    reset = diary.create_password_reset(email)
    diary.create_password_reset(diary.mail("nobody"))
    diary.get_password_reset(reset.id)
    diary.reset_password(reset.password_reset_token, new_password="x")
    diary.reset_password(reset.password_reset_token, new_password=f"{PASSWORD} again")
    diary.reset_password(reset.password_reset_token, new_password=f"{PASSWORD} again")
    change = diary.send_email_change(grace.id, new_email=diary.mail("hopper"))
    diary.tell("nothing is changed yet", change.new_email)
    diary.confirm_email_change(grace.id, code="000000x")


def _tell_of_factors(diary: Diary) -> None:
    email = diary.mail("lin")
    lin = diary.create_user(email, password=PASSWORD, email_verified=True)
    diary.enroll_auth_factor(lin.id, type="sms")
    enrolled = diary.enroll_auth_factor(lin.id, type="totp", totp_issuer="Acme", totp_user="lin")
    totp = pyotp.TOTP(enrolled.authentication_factor.totp.secret)
    challenge_id = enrolled.authentication_challenge.id
    diary.verify_challenge(challenge_id, code="12345")
    diary.verify_challenge(challenge_id, code=totp.now())
    diary.verify_challenge(challenge_id, code=totp.now())
    step = diary.authenticate_with_password(email, password=PASSWORD)
    asked = diary.challenge_auth_factor(step.authentication_factors[0].id)
    pending = {
        "authentication_challenge_id": asked.id,
        "pending_authentication_token": step.pending_authentication_token,
    }
    diary.authenticate_with_totp("12345", **pending)
    diary.list_auth_factors(lin.id)
    diary.delete_auth_factor(enrolled.authentication_factor.id)
    diary.get_auth_factor(enrolled.authentication_factor.id)
    diary.authenticate_with_organization_selection("org_unknown", pending_authentication_token="nonsense")


def _tell_of_the_end(diary: Diary, ada: Any) -> None:
    diary.delete_user(ada.id)
    diary.delete_user(ada.id)
    diary.list_events(["no.such_event"])
    diary.list_events(["user.created"], limit=101)
