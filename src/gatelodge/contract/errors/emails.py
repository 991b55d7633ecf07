"""Errors of verifying, resetting and changing by e-mail (contract pages 15, 16, 17 and 24 §6)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import Fault, OAuthError, RuleError


class EmailAlreadyVerified(RuleError):
    """The email is verified already; there is nothing to send."""

    code = "email_already_verified"


class EmailPreviouslyVerified(RuleError):
    """The email has been verified before."""

    code = "email_previously_verified"


class VerificationCodeIncorrect(RuleError):
    """The verification code is incorrect."""

    code = "email_verification_code_incorrect"


class VerificationCodeExpired(RuleError):
    """The verification code has expired; ask for a new one."""

    code = "email_verification_code_expired"


class VerificationCodeUsed(RuleError):
    """The verification code has been used."""

    code = "email_verification_code_previously_used"


class MagicAuthDisabled(OAuthError):
    """Signing in with a code by email is disabled."""

    code = "authentication_method_not_allowed"


class EmailDomainNotDeliverable(RuleError):
    """The domain of this email takes no mail."""

    code = "email_domain_not_deliverable"


class PasswordResetNotAllowed(RuleError):
    """This user signs in by other means than a password."""

    status = 403
    code = "password_reset_not_allowed"


class PasswordResetError(RuleError):
    """Could not reset the password."""

    code = "password_reset_error"
    errors: list[Fault]


class NewEmailInvalid(RuleError):
    """The new email is not valid."""

    status = 422
    code = "invalid_email"


class NewEmailNotAvailable(RuleError):
    """The new email is not available."""

    status = 409
    code = "email_not_available"


class EmailChangeNotNeeded(RuleError):
    """The user has this email already."""

    status = 409
    code = "email_change_not_needed"


class EmailChangeNotAllowed(RuleError):
    """The email of this user may not be changed here."""

    status = 409
    code = "email_change_not_allowed"


class NoPendingEmailChange(RuleError):
    """No change of email is pending."""

    status = 409
    code = "no_pending_email_change"


class EmailChangeCodeIncorrect(RuleError):
    """The code is incorrect."""

    code = "email_change_code_incorrect"


class EmailChangeCodeExpired(RuleError):
    """The code has expired; ask for a new one."""

    code = "email_change_code_expired"


class EmailChangeCodeUsed(RuleError):
    """The code has been used."""

    status = 409
    code = "email_change_code_previously_used"


class EmailChangeTooManyAttempts(RuleError):
    """The code has been tried too often; ask for a new one."""

    status = 429
    code = "email_change_too_many_attempts"
