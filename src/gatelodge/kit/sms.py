"""Send SMS through Twilio, or through any service that takes the same form."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
from jinja2 import TemplateError

from gatelodge.kit.delivery import NotDelivered
from gatelodge.kit.mail import open_writer

if TYPE_CHECKING:
    from gatelodge.kit.mail_templates import Values
    from gatelodge.kit.outbox import Message
    from gatelodge.kit.settings import Settings

_TIMEOUT = httpx2.Timeout(20, connect=10)
_TOO_MANY = 429
_REFUSED = range(400, 500)
# Credentials or the account may be put right while the message waits.
_MENDABLE = frozenset({401, 402, 403, 404, 408, _TOO_MANY})


class TwilioCourier:
    """Posts a form for each SMS; connections are kept while there is more to send."""

    channel = "sms"

    def __init__(self, settings: Settings) -> None:
        """Take account, token and sender from the settings."""
        account = quote(settings.sms_account, safe="")
        self._url = f"{settings.sms_url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json"
        self._credentials = httpx2.BasicAuth(settings.sms_account, settings.sms_token)
        self._sender = settings.sms_from
        self._writer = open_writer(settings)
        self._client: httpx2.Client | None = None

    def deliver(self, message: Message, values: Values) -> None:
        """Write one SMS and post it.

        Raises:
            NotDelivered: The service refused it, or did not answer in time.
        """
        form = {"To": message.recipient, "From": self._sender, "Body": self._write(message, values)}
        try:
            answer = self._connection().post(self._url, data=form)
        except httpx2.HTTPError as fault:
            raise NotDelivered(type(fault).__name__) from None
        if answer.is_success:
            return
        refused = answer.status_code in _REFUSED and answer.status_code not in _MENDABLE
        raise NotDelivered(f"HTTP {answer.status_code}{_read_code(answer)}", is_final=refused)

    def _write(self, message: Message, values: Values) -> str:
        if message.template is None:
            return str(values["text"])
        try:
            return self._writer.write_sms(
                message.template, environment_id=message.environment_id, locale=message.locale, values=values
            )
        except (TemplateError, TypeError) as fault:
            raise NotDelivered(type(fault).__name__) from None

    def rest(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connection(self) -> httpx2.Client:
        if self._client is None:
            # A redirect would carry the number, the text and the token to another place.
            self._client = httpx2.Client(auth=self._credentials, timeout=_TIMEOUT, follow_redirects=False)
        return self._client


def _read_code(answer: httpx2.Response) -> str:
    """Give the service's own error number; its sentence may repeat the number or the text."""
    try:
        code = answer.json().get("code")
    except (ValueError, AttributeError):
        return ""
    return f" {code}" if isinstance(code, int) else ""
