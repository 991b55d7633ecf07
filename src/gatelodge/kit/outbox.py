"""The outbox: mails and SMS are rows of the change's own transaction, sent after its commit.

A sender takes a row by lease and sends it; the row's id is the Message-ID, so that what is
sent twice can be told. A process that dies in mid-send leaves a lease that ends, and the
row is sent once more. Values that hold codes and links are sealed, and wiped on delivery.

All instants here are the wall clock's: the schedule is about other people's servers.
"""

from __future__ import annotations

import threading

import msgspec

from gatelodge.kit import inbox
from gatelodge.kit.database import Queries, Row
from gatelodge.kit.mail_templates import Values, check_values
from gatelodge.kit.sealing import Sealer
from gatelodge.kit.unit import Runtime, Unit

LEASE = 120_000
"""Milliseconds for which a sender has a row to itself; one sending ends well before."""

RETRIES = (5, 20, 80, 320, 1_280, 5_120, 20_480, 28_800, 28_800)
"""Seconds between the attempts: ten of them in about a day."""

_GIVEN_UP = 86_400_000
_KEPT_SENT = 7 * 86_400_000
_KEPT_DEAD = 30 * 86_400_000
_SWEEP_BATCH = 500
_BELL = "outbox_bell"
_FEIGNED = 200


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A row that this sender holds; `template` is None for an SMS in the caller's words, `values["text"]`."""

    environment_id: str
    id: str
    channel: str
    recipient: str
    template: str | None
    locale: str | None
    content: bytes
    attempts: int
    created_at: int

    def open(self, sealer: Sealer) -> dict[str, str | int | None]:
        """Unseal the values.

        Raises:
            SealBroken: They were changed, or the key is gone.
        """
        plain = sealer.unseal(self.content, purpose=f"message {self.id}")
        return msgspec.json.decode(plain, type=dict[str, str | int | None])


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A row as an operator sees it: everything but what the message says."""

    id: str
    environment_id: str
    channel: str
    recipient: str
    template: str | None
    state: str
    attempts: int
    due_at: int | None
    last_error: str | None
    created_at: int
    sent_at: int | None


def post_mail(queries: Queries, unit: Unit, template: str, *, to: str, locale: str | None, values: Values) -> None:
    """Write a mail in the running transaction; it leaves after the commit, within a second.

    `values` fill the template (docs/mails.md lists them). Where `locale` is None it is in
    the language of the page that asks for it. Nothing is written when delivery is switched
    off.

    Raises:
        ValueError: The template or the values are not known: a mistake in the calling code.
    """
    check_values(template, values)
    _post(queries, unit, channel="email", to=to, template=template, locale=locale, values=values)


def post_sms(queries: Queries, unit: Unit, template: str, *, to: str, locale: str | None, values: Values) -> None:
    """Write an SMS in the running transaction; `to` is in E.164 form (`kit.phone`), `locale` as for mails.

    Raises:
        ValueError: The template or the values are not known: a mistake in the calling code.
    """
    check_values(template, values)
    _post(queries, unit, channel="sms", to=to, template=template, locale=locale, values=values)


def post_sms_text(queries: Queries, unit: Unit, *, to: str, text: str) -> None:
    """Write an SMS in the caller's own words in the running transaction."""
    _post(queries, unit, channel="sms", to=to, template=None, locale=None, values={"text": text})


def _post(
    queries: Queries,
    unit: Unit,
    *,
    channel: str,
    to: str,
    template: str | None,
    locale: str | None,
    values: Values,
) -> None:
    if unit.settings.delivery == "off":
        return
    message_id = unit.new_id("message")
    content = unit.sealer.seal(msgspec.json.encode(dict(values)), purpose=f"message {message_id}")
    put = inbox.keep if inbox.keeps(unit.settings, channel) else _insert
    put(
        queries,
        environment_id=unit.actor.environment_id,
        message_id=message_id,
        channel=channel,
        recipient=to,
        template=template,
        locale=locale or unit.actor.language,
        content=content,
        now=unit.runtime.wall_clock.now(),
    )
    find_bell(unit.runtime).set()


def feign(unit: Unit, *, rows: int) -> None:
    """Do the work of a change that writes so many rows and seals as many texts, and leave nothing of it.

    For an answer that must take as long as one after which somebody gets a mail: what a
    stop-watch would tell of an address is told to nobody.
    """

    def write(queries: Queries) -> None:
        for _ in range(rows):
            message_id = unit.new_id("message")
            _insert(
                queries,
                environment_id=unit.actor.environment_id,
                message_id=message_id,
                channel="email",
                recipient="",
                template=None,
                locale=None,
                content=unit.sealer.seal(bytes(_FEIGNED), purpose=f"message {message_id}"),
                now=unit.runtime.wall_clock.now(),
            )
            queries.run(
                "delete from outbox where environment_id = :environment_id and id = :id",
                environment_id=unit.actor.environment_id,
                id=message_id,
            )

    unit.write(write)


def find_bell(runtime: Runtime) -> threading.Event:
    """Give the bell that wakes this process's senders; it rings a moment before the commit."""
    bell: threading.Event = runtime.memory.setdefault(_BELL, threading.Event())
    return bell


def _insert(
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
    queries.run(
        """
        insert into outbox
          (environment_id, id, channel, recipient, template, locale, content, state, attempts, due_at, created_at)
        values (:environment_id, :id, :channel, :recipient, :template, :locale, :content, 'waiting', 0, :now, :now)
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


def is_due(queries: Queries, channel: str, *, now: int) -> bool:
    """Say whether a message of this channel waits to be taken; cheap enough to ask twice a second."""
    row = queries.one(
        "select 1 from outbox where channel = :channel and due_at <= :now and due_at > :stale limit 1",
        channel=channel,
        now=now,
        stale=now - _GIVEN_UP,
    )
    return row is not None


def claim(queries: Queries, channel: str, *, now: int) -> Message | None:
    """Take the message that has waited longest, for `LEASE`; its attempt is charged here.

    Of many claimants one gets it: the condition is asked again of the row as it is when
    its lock is had, which is what the repeated `due_at` is for on PostgreSQL. What nobody
    took for a day is left to the sweeper: its code or link is no good any more.
    """
    row = queries.one(
        """
        update outbox set state = 'sending', attempts = attempts + 1, due_at = :lease_end
         where (environment_id, id) in
           (select environment_id, id from outbox
             where channel = :channel and due_at <= :now and due_at > :stale order by due_at limit 1)
           and due_at <= :now
        returning environment_id, id, channel, recipient, template, locale, content, attempts, created_at
        """,
        channel=channel,
        now=now,
        stale=now - _GIVEN_UP,
        lease_end=now + LEASE,
    )
    return None if row is None else _message(row)


def _message(row: Row) -> Message:
    environment_id, message_id, channel, recipient, template, locale, content, attempts, created_at = row
    return Message(
        environment_id=environment_id,
        id=message_id,
        channel=channel,
        recipient=recipient,
        template=template,
        locale=locale,
        content=content,
        attempts=attempts,
        created_at=created_at,
    )


def settle_sent(queries: Queries, message: Message, *, now: int) -> bool:
    """Note that a message is sent, and wipe what it said; False when the lease was lost to another."""
    changed = queries.run(
        """
        update outbox set state = 'sent', content = null, due_at = null, last_error = null, sent_at = :now
         where environment_id = :environment_id and id = :id and attempts = :attempts and state = 'sending'
        """,
        environment_id=message.environment_id,
        id=message.id,
        attempts=message.attempts,
        now=now,
    )
    return changed == 1


def settle_failed(queries: Queries, message: Message, *, error: str, final: bool, now: int) -> str | None:
    """Put a message off to its next attempt, or among the dead when it is `final` or was the last one.

    Answers its new state, or None when the lease was lost to another.

    `error` names the fault and never quotes it: a server's answer may repeat the body.
    """
    is_dead = final or message.attempts > len(RETRIES)
    state = "dead" if is_dead else "waiting"
    changed = queries.run(
        """
        update outbox set state = :state, due_at = :due_at, last_error = :error
         where environment_id = :environment_id and id = :id and attempts = :attempts and state = 'sending'
        """,
        state=state,
        due_at=None if is_dead else now + RETRIES[message.attempts - 1] * 1000,
        error=error,
        environment_id=message.environment_id,
        id=message.id,
        attempts=message.attempts,
    )
    return state if changed == 1 else None


def list_posted(queries: Queries, *, state: str | None = None, limit: int = 100) -> list[Posted]:
    """List the outbox of every environment, newest first: one state, or all that is not sent."""
    rows = queries.all(
        """
        select id, environment_id, channel, recipient, template, state, attempts, due_at, last_error,
               created_at, sent_at
          from outbox
         where state = :state or (:state = '' and state in ('waiting', 'sending', 'dead'))
         order by created_at desc, id desc limit :limit
        """,
        state=state or "",
        limit=limit,
    )
    return [_posted(row) for row in rows]


def _posted(row: Row) -> Posted:
    names = Posted.__struct_fields__
    return Posted(**dict(zip(names, row, strict=True)))


def retry(queries: Queries, message_id: str, *, now: int) -> bool:
    """Send a dead or waiting message again from its first attempt; False when there is none."""
    changed = queries.run(
        """
        update outbox set state = 'waiting', attempts = 0, due_at = :now
         where id = :id and state in ('dead', 'waiting')
        """,
        id=message_id,
        now=now,
    )
    return changed == 1


def retry_all(queries: Queries, *, now: int) -> int:
    """Send every dead message again; give how many."""
    return queries.run("update outbox set state = 'waiting', attempts = 0, due_at = :now where state = 'dead'", now=now)


def drop(queries: Queries, message_id: str) -> bool:
    """Remove a message, whatever its state; False when there is none."""
    return queries.run("delete from outbox where id = :id", id=message_id) == 1


def sweep(unit: Unit) -> int:
    """Remove what was sent a week ago or has been dead for a month; give up what nobody took for a day."""
    now = unit.runtime.wall_clock.now()
    given_up = unit.write(lambda queries: _give_up(queries, now=now))
    return given_up + unit.write(lambda queries: _sweep(queries, now=now))


def _give_up(queries: Queries, *, now: int) -> int:
    # By channel, since the index of what is due is: without, each sweep looks through all that was ever sent.
    return queries.run(
        """
        update outbox set state = 'dead', due_at = null, last_error = 'NobodySends'
         where channel in ('email', 'sms') and due_at <= :stale
        """,
        stale=now - _GIVEN_UP,
    )


def _sweep(queries: Queries, *, now: int) -> int:
    return queries.run(
        """
        delete from outbox where (environment_id, id) in
          (select environment_id, id from outbox
            where (state = 'sent' and created_at < :sent_before) or (state = 'dead' and created_at < :dead_before)
            limit :limit)
        """,
        sent_before=now - _KEPT_SENT,
        dead_before=now - _KEPT_DEAD,
        limit=_SWEEP_BATCH,
    )
