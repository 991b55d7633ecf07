"""Errors of users and their passwords (contract page 10)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import Fault, RuleError


class UserCreationError(RuleError):
    """Could not create user."""

    code = "user_creation_error"
    errors: list[Fault]


class PasswordStrengthError(RuleError):
    """Password does not meet strength requirements."""

    code = "password_strength_error"
    errors: list[Fault]


class PasswordHashInvalid(RuleError):
    """The password hash cannot be used."""

    code = "invalid_password_hash"


class PasswordAndHashProvided(RuleError):
    """Provide either password or password_hash, not both."""

    code = "password_and_password_hash_provided"


class PasswordAndHashTypeProvided(RuleError):
    """password_hash_type goes with password_hash, not with password."""

    code = "password_and_password_hash_type_provided"


class SaltPositionWithoutHash(RuleError):
    """password_salt_position requires password_hash."""

    code = "password_salt_position_requires_password_hash"


class MetadataInvalid(RuleError):
    """The metadata breaks a limit."""

    code = "invalid_metadata"


class ExternalIdTaken(RuleError):
    """The external_id is already used by another object."""

    code = "external_id_already_used"


class EmailNotAvailable(RuleError):
    """This email is not available."""

    code = "email_not_available"


class EmailManaged(RuleError):
    """The email of this user is managed elsewhere."""

    code = "email_change_not_allowed"


class EmailInvalid(RuleError):
    """This email is not valid."""

    code = "invalid_email"


class LocaleInvalid(RuleError):
    """This locale is not supported."""

    code = "invalid_locale"
