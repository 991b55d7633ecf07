"""What a client is told once: where the server is, and who calls.

Arguments win over `GATELODGE_…` variables, those over the `WORKOS_…` ones of the official
SDKs. An argument that is an empty string means: none, whatever the environment says.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from gatelodge.sdk.errors import ApiKeyRequired, ClientIdRequired, ConfigurationInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatelodge.sdk.sealing.cookies import CookiePassword

_PREFIXES = ("GATELODGE_", "WORKOS_")


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The settled values; `base_url` has no slash at its end, `timeout` is in seconds."""

    api_key: str = ""
    client_id: str = ""
    base_url: str = ""
    cookie_passwords: tuple[str, ...] = ()
    """The first seals, and each of them opens."""
    issuer: tuple[str, ...] = ()
    """The issuers whose access tokens are taken; empty where it is not known."""
    timeout: float = 60.0
    retries: int = 3

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        key = "with an API key" if self.api_key else "without an API key"
        return f"client {self.client_id!r} {key} at {self.base_url!r}"

    def need_api_key(self, method: str) -> str:
        """Give the API key.

        Raises:
            ApiKeyRequired: There is none: this is a public client.
        """
        if not self.api_key:
            raise ApiKeyRequired(f"{method} needs an API key: give api_key= or set GATELODGE_API_KEY.")
        return self.api_key

    def need_client_id(self, given: str | None = None) -> str:
        """Give the client id: the given one, or the client's own.

        Raises:
            ClientIdRequired: There is none.
        """
        client_id = given or self.client_id
        if not client_id:
            raise ClientIdRequired
        return client_id

    def need_cookie_passwords(self, given: CookiePassword | None = None) -> tuple[str, ...]:
        """Give the cookie passwords: the given ones, or the client's own.

        Raises:
            ConfigurationInvalid: There is none.
        """
        passwords = self.cookie_passwords if given is None else tuple([given] if isinstance(given, str) else given)
        if not passwords or not all(passwords):
            message = "A cookie password is missing: give cookie_password= or set GATELODGE_COOKIE_PASSWORD."
            raise ConfigurationInvalid(message)
        return passwords

    def need_base_url(self) -> str:
        """Give the address of the server.

        Raises:
            ConfigurationInvalid: There is none, as an embedded client may have none.
        """
        if not self.base_url:
            raise ConfigurationInvalid("base_url is missing: give base_url= or set GATELODGE_BASE_URL.")
        return self.base_url


def read_configuration(
    *,
    api_key: str | None,
    client_id: str | None,
    base_url: str | None,
    cookie_password: CookiePassword | None,
    issuer: str | Sequence[str] | None,
    timeout: float,
    retries: int,
    environ: Mapping[str, str] | None = None,
) -> Configuration:
    """Settle the values from arguments and environment.

    Raises:
        ConfigurationInvalid: A value cannot be used; secrets are not repeated.
    """
    variables = os.environ if environ is None else environ  # noqa: TID251  # the client's only reader of it
    places = {
        "client_id": _settle(client_id, "CLIENT_ID", variables),
        "base_url": _settle(base_url, "BASE_URL", variables).rstrip("/"),
    }
    configuration = Configuration(
        api_key=_settle(api_key, "API_KEY", variables),
        **places,
        cookie_passwords=_settle_passwords(cookie_password, variables),
        issuer=_settle_issuer(issuer, variables, places=places),
        timeout=timeout,
        retries=retries,
    )
    _check(configuration)
    return configuration


def _settle(given: str | None, name: str, variables: Mapping[str, str]) -> str:
    if given is not None:
        return given
    found = (variables.get(prefix + name, "").strip() for prefix in _PREFIXES)
    return next((value for value in found if value), "")


def _settle_passwords(given: CookiePassword | None, variables: Mapping[str, str]) -> tuple[str, ...]:
    if given is not None:
        return tuple(filter(None, [given] if isinstance(given, str) else given))
    current = _settle(None, "COOKIE_PASSWORD", variables)
    # While a password is changed, the old one opens the cookies that it sealed.
    previous = _settle(None, "PREVIOUS_COOKIE_PASSWORD", variables)
    return tuple(filter(None, (current, previous))) if current else ()


def _settle_issuer(
    given: str | Sequence[str] | None, variables: Mapping[str, str], *, places: Mapping[str, str]
) -> tuple[str, ...]:
    if given is None:
        # The server reads the same variable, and fills in the same places.
        given = _settle(None, "ISSUER", variables).split(",")
        for name, value in places.items():
            given = [issuer.replace(f"{{{name}}}", value) for issuer in given]
    issuers = [given] if isinstance(given, str) else given
    return tuple(filter(None, (issuer.strip() for issuer in issuers)))


def _check(configuration: Configuration) -> None:
    key = configuration.api_key
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationInvalid("api_key has characters that no API key has.")
    if not configuration.timeout > 0:
        raise ConfigurationInvalid("timeout must be more than 0 seconds.")
    if configuration.retries < 0:
        raise ConfigurationInvalid("retries must be 0 or more.")
    if configuration.base_url:
        _check_base_url(configuration.base_url)


def _check_base_url(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ConfigurationInvalid(f"base_url {base_url!r} is not a URL.") from None
    if not usable or parts.query or parts.fragment:
        raise ConfigurationInvalid(f"base_url {base_url!r} must look like https://auth.example.com.")


@functools.cache
def describe_agent() -> str:
    """Write the `User-Agent` of the client."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"gatelodge-python/{version('gatelodge')}"
    except PackageNotFoundError:
        return "gatelodge-python"
