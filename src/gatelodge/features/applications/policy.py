"""What an environment lets its users do: the policy that every sign-in respects."""

from __future__ import annotations

from typing import Literal

import msgspec

from gatelodge.features.applications.brand import BrandName, Colour, SecureLink, Text, Title

SignUp = Literal["open", "invitation", "closed"]


class EnvironmentPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An environment's policy; what is absent has the default.

    `sign_up` governs accounts that a sign-in would create: `open` to anyone, by
    `invitation` only, or `closed`. The API's own `create_user` is not concerned.
    """

    password: bool = True
    magic_auth: bool = True
    sso: bool = True
    passkey: bool = True
    oauth: bool = True
    mfa_required: bool = False
    sign_up: SignUp = "open"
    multiple_roles: bool = True
    sends_mail: bool = True
    email_change: bool = True
    """Whether users may change their address themselves; the app's backend may in any case."""
    invitation_same_domain: bool = False
    """Whether an invitation to an organization may be accepted from another address of
    the same, not public, mail domain."""
    invitation_url: str | None = None
    """The page that invitation mails lead to; `invitation_token` is added to its query."""
    password_reset_url: str | None = None
    """The page that reset mails lead to; `token` is added to its query."""
    brand_name: BrandName | None = None
    """The name that the sign-in pages show; None shows that of the settings."""
    brand_logo_url: SecureLink | None = None
    """A picture about 32 pixels high; also on dark ground unless `brand_logo_dark_url` is given."""
    brand_logo_dark_url: SecureLink | None = None
    brand_colour: Colour | None = None
    """Of buttons and links on light ground, such as `#0a6b4f`."""
    brand_colour_dark: Colour | None = None
    footer_text: Text | None = None
    """What stands below every page; like all texts, only in the languages that it is given in."""
    home_url: SecureLink | None = None
    """Where the pages lead whoever has nothing to sign in to."""
    privacy_url: SecureLink | None = None
    sign_in_text: Text | None = None
    """What stands under the heading of the page that a sign-in begins with."""
    sign_in_title: Title | None = None
    """That heading, in place of ours."""
    sign_up_text: Text | None = None
    sign_up_title: Title | None = None
    support_url: SecureLink | None = None
    terms_url: SecureLink | None = None


# Which switch of the policy governs a method of authentication; others are `oauth`.
_SWITCHES = {"Password": "password", "MagicAuth": "magic_auth", "SSO": "sso", "Passkey": "passkey"}


def allows_method(policy: EnvironmentPolicy, method: str) -> bool:
    """Tell whether a method of authentication is switched on."""
    if method in {"Impersonation", "MigratedSession", "CrossAppAuth", "ExternalAuth"}:
        return True
    allowed: bool = getattr(policy, _SWITCHES.get(method, "oauth"))
    return allowed
