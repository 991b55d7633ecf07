"""What the client adds to a sign-in: the session sealed for a cookie, when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import msgspec

from gatelodge.contract import authentication as contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatelodge.sdk.configuration import Configuration
    from gatelodge.sdk.sealing.cookies import CookiePassword, SealFormat


class AuthenticationResponse(contract.AuthenticationResponse, frozen=True, kw_only=True, omit_defaults=True):
    """A session begun or renewed; `sealed_session` is there when it was asked for."""

    sealed_session: str | None = None
    """The content of a session cookie, where `session` asked for it."""

    def __repr__(self) -> str:
        """Show nothing that is secret: answers end in logs."""
        where = f" in {self.organization_id}" if self.organization_id else ""
        return f"<{type(self).__name__} for {self.user.id}{where}>"


class SealOptions(TypedDict, total=False):
    """Whether to seal, with which password (the client's own by default), and for whom to read.

    `seal_format` is `iron`, for the Node SDKs and by default, `fernet`, `go` or `ruby`.
    """

    seal_session: bool
    cookie_password: CookiePassword
    seal_format: SealFormat


def prepare_seal(
    options: SealOptions | None, configuration: Configuration
) -> Callable[[AuthenticationResponse], AuthenticationResponse]:
    """Give what finishes an answer as the options ask, having checked them before anything is sent.

    Raises:
        ConfigurationInvalid: A seal is asked for, and there is no password, or not one for its format.
    """
    if not options or not options.get("seal_session"):
        return _leave
    from gatelodge.sdk.sealing.cookies import check_format, seal_cookie, take_session

    password = configuration.need_cookie_passwords(options.get("cookie_password"))[0]
    seal_format = options.get("seal_format", "iron")
    check_format(seal_format, password)

    def finish(response: AuthenticationResponse) -> AuthenticationResponse:
        sealed = seal_cookie(take_session(response), password, seal_format=seal_format)
        return msgspec.structs.replace(response, sealed_session=sealed)

    return finish


def _leave(response: AuthenticationResponse) -> AuthenticationResponse:
    return response
