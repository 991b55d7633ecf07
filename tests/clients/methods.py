"""The forty-one methods that users of the official SDKs reach for, and the steps that show what each means.

A row says how a method is spelled where an SDK does not spell it as its language does (None:
the SDK has no such method), in which steps it works, in which it is refused, and in which one
sees what it has done. test_methods.py holds every SDK's journey against these rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Steps that an SDK cannot take: it has no such method, or no way to say what the step says.
LACKS: dict[str, frozenset[str]] = {
    "python-v5": frozenset(
        {
            "authorization_url_pkce",
            "empty_session_cookie",
            "invite_accepted",
            "invite_still_pending",
            "invite_used_again",
            "invited_signs_in",
            "invited_wrong_password",
            "magic_invited",
            "session_cookie",
            "tampered_session_cookie",
            "update_clears_external_id",
            "update_clears_metadata",
        }
    )
}


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method in Python's spelling; steps are parted by spaces."""

    name: str
    works: str
    refused: str = ""
    seen: str = ""
    spelled: dict[str, str | None] = field(default_factory=dict)

    def name_in(self, sdk: str) -> str | None:
        """Spell the method as an SDK does; None where it has no such method."""
        if sdk in self.spelled:
            return self.spelled[sdk]
        return self.usual_name_in(sdk)

    def usual_name_in(self, sdk: str) -> str:
        """Spell the method as the SDK's language does."""
        if sdk.startswith("python"):
            return self.name
        first, *others = self.name.split("_")
        return first + "".join(other.capitalize() for other in others)


METHODS = (
    Method(name="get_user", works="get", refused="get_unknown get_deleted"),
    Method(name="get_user_by_external_id", works="get_by_external_id", refused="get_by_unknown_external_id"),
    Method(
        name="list_users",
        works="list_by_email list_of_organization list_of_unknown_organization list_first_page list_second_page"
        " list_back list_newest_first list_all_automatically",
        refused="list_with_foreign_cursor",
    ),
    Method(
        name="create_user",
        works="create create_with_hash",
        refused="create_with_taken_email create_with_weak_password create_with_malformed_email create_with_broken_hash",
        seen="get sign_in hash_signs_in",
    ),
    Method(
        name="update_user",
        works="update update_clears_metadata update_clears_external_id update_password",
        refused="update_with_taken_email",
        seen="replaced_password new_password",
    ),
    Method(name="delete_user", works="delete", refused="delete_again", seen="get_deleted refresh_of_deleted"),
    Method(
        name="authenticate_with_password",
        works="sign_in hash_signs_in new_password invited_signs_in",
        refused="wrong_password unknown_user unverified_email replaced_password reset_old_password"
        " selection_required factor_required enrollment_required invited_wrong_password",
        seen="access_token list_sessions member_signs_in",
    ),
    Method(
        name="authenticate_with_code",
        works="code code_invited",
        refused="code_again code_without_verifier code_wrong_verifier revoked_invite_used",
        seen="code_public",
    ),
    Method(
        name="authenticate_with_refresh_token",
        works="refresh replay_at_once replays_in_parallel",
        refused="refresh_with_nonsense refresh_after_revoke refresh_of_deleted deactivated_refreshes"
        " deactivated_enters removed_refreshes reset_old_session",
        seen="replay_too_late switch member_refreshes_promoted",
    ),
    Method(
        name="authenticate_with_magic_auth",
        works="magic magic_invited",
        refused="magic_wrong magic_other_address magic_again magic_expired",
    ),
    Method(
        name="authenticate_with_totp",
        works="totp enrollment_totp",
        refused="totp_wrong totp_wrong_pending totp_used_step totp_again",
    ),
    Method(
        name="get_authorization_url",
        works="authorization_url authorization_url_of_connection",
        seen="authorized code authorization_url_of_nothing",
    ),
    Method(
        name="get_authorization_url_with_pkce",
        works="authorization_url_pkce",
        seen="authorized_with_pkce code_public code_wrong_verifier",
        spelled={
            "node-v8": "getAuthorizationUrlWithPKCE",
            "node-v10": "getAuthorizationUrlWithPKCE",
            "node-v11": "getAuthorizationUrlWithPKCE",
            "python-v5": None,
        },
    ),
    Method(
        name="load_sealed_session",
        works="session_authenticates session_refreshes refreshed_session_authenticates session_logout_url"
        " tampered_session session_with_wrong_password",
        refused="session_without_password",
        seen="sealed_refresh_after_logout",
    ),
    Method(
        name="authenticate_with_session_cookie",
        works="session_cookie tampered_session_cookie empty_session_cookie",
        seen="member_cookie",
        spelled={"python-v5": None},
    ),
    Method(
        name="list_sessions",
        works="list_sessions sessions_first sessions_second sessions_back list_sessions_after reset_sessions"
        " member_sessions",
        refused="sessions_of_unknown_user",
    ),
    Method(
        name="revoke_session",
        works="revoke revoke_again",
        refused="revoke_unknown",
        seen="refresh_after_revoke list_sessions_after",
    ),
    Method(name="get_logout_url", works="logout_url sign_out_and_return", seen="sealed_refresh_after_logout"),
    Method(name="get_organization_membership", works="member_get accepted_member", refused="member_get_deleted"),
    Method(
        name="list_organization_memberships",
        works="members_list members_list_both members_list_inactive members_list_pending members_list_by_user"
        " members_list_first members_list_second members_list_back",
        refused="members_list_of_nobody",
    ),
    Method(
        name="create_organization_membership",
        works="member_create",
        refused="member_create_again member_create_unknown_user member_create_unknown_organization",
        seen="member_signs_in",
    ),
    Method(
        name="update_organization_membership",
        works="member_update member_update_several",
        refused="member_update_unknown_role",
        seen="member_refreshes_promoted member_cookie",
    ),
    Method(
        name="delete_organization_membership",
        works="member_delete",
        refused="member_delete_again",
        seen="member_get_deleted removed_refreshes removed_signs_in",
    ),
    Method(
        name="deactivate_organization_membership",
        works="deactivate deactivate_again",
        refused="deactivate_pending",
        seen="deactivated_refreshes deactivated_signs_in deactivated_enters members_list_inactive",
    ),
    Method(
        name="reactivate_organization_membership",
        works="reactivate reactivate_again",
        refused="reactivate_pending",
        seen="reactivated_signs_in",
    ),
    Method(
        name="send_verification_email",
        works="verification_send",
        refused="send_to_verified",
        seen="verification_mail",
    ),
    Method(name="verify_email", works="verify", refused="verify_wrong verify_again", seen="send_to_verified"),
    Method(
        name="get_email_verification",
        works="verification_get",
        refused="verification_get_unknown",
        seen="verification_grant",
    ),
    Method(
        name="create_password_reset",
        works="reset_create",
        refused="reset_create_unknown",
        seen="reset",
        spelled={"python-v10": "reset_password"},
    ),
    Method(
        name="reset_password",
        works="reset",
        refused="reset_weak reset_again reset_expired",
        seen="reset_old_password reset_old_session reset_new_password reset_sessions",
        spelled={"python-v10": "confirm_password_reset"},
    ),
    Method(name="get_password_reset", works="reset_get", refused="reset_get_unknown"),
    Method(
        name="create_magic_auth",
        works="magic_create magic_create_invited",
        refused="magic_create_malformed magic_create_uninvited",
        seen="magic magic_invited",
    ),
    Method(name="get_magic_auth", works="magic_get", refused="magic_get_unknown", seen="magic"),
    Method(
        name="enroll_auth_factor",
        works="factor_enroll factor_import",
        refused="factor_enroll_unknown",
        seen="factor_verify factor_verify_wrong factor_required enrollment_totp",
        spelled={
            "node-v10": "createUserAuthFactor",
            "node-v11": "createUserAuthFactor",
            "python-v10": "create_user_auth_factor",
        },
    ),
    Method(
        name="list_auth_factors",
        works="factor_list factors_first factors_second factors_back factor_list_after",
        refused="factor_list_of_unknown",
        spelled={
            "node-v10": "listUserAuthFactors",
            "node-v11": "listUserAuthFactors",
            "python-v10": "list_user_auth_factors",
        },
    ),
    Method(
        name="send_invitation",
        works="invite",
        refused="invite_again invite_too_long",
        seen="pending_member invited_signs_in invite_used_again invite_expired code_invited",
    ),
    Method(
        name="list_invitations",
        works="invites_by_organization invites_by_email invites_first invites_second invites_back",
        refused="invites_with_foreign_cursor",
    ),
    Method(
        name="get_invitation",
        works="invite_get invite_still_pending invite_accepted",
        refused="invite_get_unknown",
    ),
    Method(
        name="revoke_invitation",
        works="revoke_invite",
        refused="revoke_invite_again",
        seen="revoked_invite_used resend_revoked",
    ),
    Method(name="resend_invitation", works="invite_resend", refused="resend_revoked", seen="invite_accepted"),
    Method(name="get_jwks_url", works="jwks_url", seen="access_token"),
)
