"""Mails and SMS kept instead of sent, for development and for tests.

What is kept is what the outbox would hold; it is rendered when somebody looks, so that a
changed template shows at the next look.
"""

from __future__ import annotations

import msgspec

from gatelodge.kit.database import Queries, Row
from gatelodge.kit.sealing import Sealer
from gatelodge.kit.settings import Settings

_CHANNELS = {"email": "smtp_host", "sms": "sms_account"}


class KeptMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the inbox; `template` is None for an SMS in the caller's words, `values["text"]`."""

    environment_id: str
    id: str
    channel: str
    recipient: str
    template: str | None
    locale: str | None
    values: dict[str, str | int | None]
    created_at: int


def keeps(settings: Settings, channel: str) -> bool:
    """Say whether messages of a channel are kept: when told so, and in development unless it can send."""
    if settings.delivery != "send":
        return settings.delivery == "inbox"
    return settings.development and not getattr(settings, _CHANNELS[channel])


def keep(
    queries: Queries,
    *,
    environment_id: str,
    message_id: str,
    channel: str,
    recipient: str,
    template: str | None,
    locale: str | None,
    content: bytes,
    now: int,
) -> None:
    """Keep a message with its sealed values. `now` is in milliseconds."""
    # Many messages may share an instant on a frozen clock; the position tells which is newer.
    queries.run(
        """
        insert into inbox_messages
          (environment_id, id, position, channel, recipient, template, locale, content, created_at)
        select :environment_id, :id, coalesce(max(position), 0) + 1, :channel, :recipient,
               :template, :locale, :content, :now
          from inbox_messages
        """,
        environment_id=environment_id,
        id=message_id,
        channel=channel,
        recipient=recipient,
        template=template,
        locale=locale,
        content=content,
        now=now,
    )


def list_kept(queries: Queries, sealer: Sealer, *, to: str | None = None, limit: int = 100) -> list[KeptMessage]:
    """List what is kept, newest first, all of it or what went to one address, in whatever case."""
    rows = queries.all(
        """
        select environment_id, id, channel, recipient, template, locale, content, created_at
          from inbox_messages
         where :everyone = 1 or lower(recipient) = :recipient
         order by position desc, id desc limit :limit
        """,
        everyone=int(to is None),
        recipient=(to or "").lower(),
        limit=limit,
    )
    return [_kept(row, sealer) for row in rows]


def find_kept(queries: Queries, sealer: Sealer, message_id: str) -> KeptMessage | None:
    """Find one message that is kept."""
    row = queries.one(
        """
        select environment_id, id, channel, recipient, template, locale, content, created_at
          from inbox_messages where id = :id
        """,
        id=message_id,
    )
    return None if row is None else _kept(row, sealer)


def clear(queries: Queries) -> None:
    """Empty the inbox."""
    queries.run("delete from inbox_messages")


def _kept(row: Row, sealer: Sealer) -> KeptMessage:
    environment_id, message_id, channel, recipient, template, locale, content, created_at = row
    plain = sealer.unseal(content, purpose=f"message {message_id}")
    return KeptMessage(
        environment_id=environment_id,
        id=message_id,
        channel=channel,
        recipient=recipient,
        template=template,
        locale=locale,
        values=msgspec.json.decode(plain),
        created_at=created_at,
    )
