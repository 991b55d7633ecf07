"""Read what an app asks for when it sends a browser to sign in (contract page 12 §1, §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.rules import SIGN_IN_REDIRECT, Client
from gatelodge.features.authorization.redirects import is_listed
from gatelodge.features.authorization.rules import Asked, is_challenge
from gatelodge.kit.unit import Unit

Parameters: TypeAlias = Mapping[str, Sequence[str]]

HOSTED = "authkit"
PROVIDERS = frozenset(
    """
    AppleOAuth BitbucketOAuth GitHubOAuth GitLabOAuth GoogleOAuth IntuitOAuth LinkedInOAuth MicrosoftOAuth
    SalesforceOAuth SlackOAuth VercelMarketplaceOAuth VercelOAuth XeroOAuth
    """.split()
)
_MANY = frozenset({"provider_scopes"})
_SCREENS = frozenset({"sign-in", "sign-up"})
_LONGEST_HINT = 512
_LONGEST_AGE = 10


class TargetUnknown(Exception):
    """The browser must not be sent anywhere: who asks, or where it would go, is not known.

    `error` and the message are for our own page.
    """

    def __init__(self, error: str, message: str) -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.error = error


class AskedWrongly(Exception):
    """The request is refused by a redirect to the app, which is known."""

    def __init__(self, error: str, message: str) -> None:
        """Keep the code of contract page 12 §2 beside the message."""
        super().__init__(message)
        self.error = error


def find_target(unit: Unit, parameters: Parameters) -> tuple[Client, str]:
    """Find who asks, and where the browser goes in the end: a listed address, letter by letter.

    Raises:
        TargetUnknown: Either is missing, doubled, unknown or not listed.
    """
    client_id = _only(parameters, "client_id")
    if client_id is None:
        raise TargetUnknown("invalid_request", "client_id must be given, once.")
    # No id has what cannot be seen in it, and not every database would look for that.
    client = applications.find_client(unit, client_id) if client_id.isprintable() else None
    if client is None:
        raise TargetUnknown("invalid_client", "There is no application with this client_id.")
    redirect_uri = _only(parameters, "redirect_uri")
    if redirect_uri is None:
        raise TargetUnknown("invalid_request", "redirect_uri must be given, once.")
    listed = [uri for uri, _ in applications.list_redirects(unit, client.environment_id, SIGN_IN_REDIRECT)]
    if not is_listed(redirect_uri, listed):
        raise TargetUnknown("invalid_redirect_uri", "This redirect_uri is not listed for the application.")
    return client, redirect_uri


def _only(parameters: Parameters, name: str) -> str | None:
    values = parameters.get(name, ())
    return values[0] if len(values) == 1 and values[0] else None


def read_state(parameters: Parameters) -> str | None:
    """Give the state as it came, an empty one too; None when there is none, or more than one."""
    values = parameters.get("state", ())
    return values[0] if len(values) == 1 else None


def read_asked(client: Client, redirect_uri: str, *, parameters: Parameters) -> Asked:
    """Check all that is asked, and give it.

    Raises:
        AskedWrongly: With the code that the app is told.
    """
    for name, values in parameters.items():
        if len(values) > 1 and name not in _MANY and not name.startswith("provider_query_params"):
            raise AskedWrongly("invalid_request", f"{name[:40]} is given more than once.")
        if name != "state" and not all(value.isprintable() for value in values):
            raise AskedWrongly("invalid_request", f"{name[:40]} holds what cannot be seen.")
    given = {name: values[0] for name, values in parameters.items() if values and values[0]}
    if given.get("response_type") != "code":
        raise AskedWrongly("unsupported_response_type", "response_type must be code.")
    hosted = _check_selector(given)
    return Asked(
        client_id=client.id,
        redirect_uri=redirect_uri,
        state=read_state(parameters),
        code_challenge=_read_challenge(given),
        organization_id=given.get("organization_id"),
        screen_hint=_read_screen(given, hosted=hosted),
        login_hint=given.get("login_hint", "")[:_LONGEST_HINT] or None,
        domain_hint=given.get("domain_hint", "")[:_LONGEST_HINT] or None,
        prompts=frozenset(given.get("prompt", "").split()),
        max_age=_read_age(given, hosted=hosted),
        invitation_token=given.get("invitation_token"),
        locales=given.get("ui_locales", "")[:_LONGEST_HINT] or None,
    )


def _check_selector(given: Mapping[str, str]) -> bool:
    """Tell whether the pages are asked for; they are all that there is until connections are configured."""
    provider = given.get("provider")
    chosen = [name for name in ("provider", "connection_id", "organization_id") if name in given]
    if provider == HOSTED and "connection_id" not in given:
        return True
    if not chosen:
        raise AskedWrongly(
            "invalid_connection_selector", "One of provider, connection_id and organization_id must be given."
        )
    if len(chosen) > 1:
        raise AskedWrongly("invalid_connection_selector", f"{' and '.join(chosen)} exclude each other.")
    if provider is not None and provider not in PROVIDERS:
        raise AskedWrongly("invalid_connection_selector", "This provider is not known.")
    if "organization_id" in given:
        raise AskedWrongly("organization_invalid", "There is no such organization, or it has no connection.")
    raise AskedWrongly("connection_invalid", "There is no such connection.")


def _read_challenge(given: Mapping[str, str]) -> str | None:
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if challenge is None and method is None:
        return None
    if method != "S256":
        raise AskedWrongly("invalid_request", "code_challenge_method must be S256.")
    if challenge is None or not is_challenge(challenge):
        raise AskedWrongly("invalid_request", "code_challenge must be the base64url of a SHA-256, without padding.")
    return challenge


def _read_screen(given: Mapping[str, str], *, hosted: bool) -> str | None:
    hint = given.get("screen_hint")
    if hint is not None and (not hosted or hint not in _SCREENS):
        raise AskedWrongly("invalid_request", "screen_hint is sign-in or sign-up, with provider authkit.")
    return hint


def _read_age(given: Mapping[str, str], *, hosted: bool) -> int | None:
    age = given.get("max_age")
    if age is None:
        return None
    if not hosted or not (age.isascii() and age.isdigit() and len(age) <= _LONGEST_AGE):
        raise AskedWrongly("invalid_request", "max_age is a number of seconds, with provider authkit.")
    return int(age)
