"""Errors of second factors (contract page 18)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import GatelodgeError


class ChallengeExpired(GatelodgeError):
    """The authentication challenge has expired; ask for another."""

    status = 422
    code = "authentication_challenge_expired"


class ChallengePreviouslyVerified(GatelodgeError):
    """The authentication challenge has been verified before."""

    status = 422
    code = "authentication_challenge_previously_verified"
