"""Errors of redirect URIs and CORS origins (contract page 24 §1, §2)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import RuleError


class CorsOriginTaken(RuleError):
    """This origin is listed already."""

    status = 409
    code = "duplicate_cors_origin"


class RedirectUriIsDefault(RuleError):
    """The default redirect URI cannot be deleted."""

    status = 409
    code = "default_redirect_uri"


class RedirectUriTaken(RuleError):
    """This redirect URI is listed already."""

    status = 422
    code = "redirect_uri_already_exists"
