"""Every error that a call may raise: those of the wire, and the client's own.

    GatelodgeError
    ├── …                        what the server said: see `gatelodge.contract.errors`
    └── ClientError ............ no answer came, or none that can be read
        ├── ConfigurationInvalid · ApiKeyRequired · ClientIdRequired (nothing was sent)
        ├── ConnectionFailed · RequestTimedOut (after all retries)
        ├── AnswerUnreadable
        ├── CannotJoin (for a transaction of the caller's)
        └── SessionCookieInvalid · SessionTooLarge (for a cookie)

A `ClientError` has status 0: it never crosses the wire.
"""

from __future__ import annotations

from gatelodge.contract.errors import *  # noqa: F403  # a list of the wire's classes would lag behind
from gatelodge.contract.errors import GatelodgeError


class ClientError(GatelodgeError):
    """The client could not carry out the call."""

    status = 0
    code = "client_error"


class ConfigurationInvalid(ClientError):
    """The client is not configured for this."""

    code = "configuration_invalid"


class ApiKeyRequired(ClientError):
    """This call needs an API key."""

    code = "api_key_required"


class ClientIdRequired(ClientError):
    """This call needs a client id: give client_id= or set GATELODGE_CLIENT_ID."""

    code = "client_id_required"


class ConnectionFailed(ClientError):
    """The server could not be reached, or the connection broke."""

    code = "connection_failed"


class RequestTimedOut(ClientError):
    """The server did not answer in time."""

    code = "request_timed_out"


class AnswerUnreadable(ClientError):
    """The server's answer cannot be read."""

    code = "answer_unreadable"


class CannotJoin(ClientError):
    """This cannot be part of your transaction."""

    code = "cannot_join"


class SessionTooLarge(ClientError):
    """The sealed session is larger than browsers keep."""

    code = "session_too_large"


class SessionCookieInvalid(ClientError):
    """The cookie holds no session."""

    code = "session_cookie_invalid"
