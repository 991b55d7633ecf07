"""The grants, in alphabetical order: each proves something about a user, no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gatelodge.contract.authentication import (
    AuthorizationCodeGrant,
    DeviceCodeGrant,
    EmailVerificationGrant,
    MagicAuthGrant,
    OrganizationSelectionGrant,
    PasswordGrant,
    TotpGrant,
)
from gatelodge.features.authentication.grants import (
    authorization_code,
    device_code,
    email_verification,
    magic_auth,
    mfa_totp,
    organization_selection,
    passkey,
    password,
    recovery_code,
)
from gatelodge.features.authentication.rules import Proof
from gatelodge.kit.unit import Unit


class GrantRow(msgspec.Struct, frozen=True):
    """How a grant proves, the word for it in the names of events, and who may use it."""

    prove: Callable[[Unit, Any], Proof]
    kind: str | None
    confidential: bool = True
    """Whether the client must prove an API key (contract page 11 §1)."""


GRANTS: dict[type, GrantRow] = {
    AuthorizationCodeGrant: GrantRow(authorization_code.prove, None, confidential=False),
    DeviceCodeGrant: GrantRow(device_code.prove, None, confidential=False),
    EmailVerificationGrant: GrantRow(email_verification.prove, email_verification.KIND),
    MagicAuthGrant: GrantRow(magic_auth.prove, magic_auth.KIND),
    OrganizationSelectionGrant: GrantRow(organization_selection.prove, None),
    passkey.PasskeyGrant: GrantRow(passkey.prove, passkey.KIND),
    PasswordGrant: GrantRow(password.prove, password.KIND),
    recovery_code.RecoveryCodeGrant: GrantRow(recovery_code.prove, recovery_code.KIND),
    TotpGrant: GrantRow(mfa_totp.prove, mfa_totp.KIND),
}
