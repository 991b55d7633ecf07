"""`gatelodge outbox`: mails and SMS that wait, and those that nobody would take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from cyclopts import App, Parameter

from gatelodge.cli.opening import Place, open_runtime
from gatelodge.cli.printing import AsJson, Refused, Yes, confirm, count, note, say, show_json, show_table, write_instant
from gatelodge.contract.timestamps import write_optional, write_timestamp
from gatelodge.kit import outbox

if TYPE_CHECKING:
    from gatelodge.kit.outbox import Posted

app: App = App(
    name="outbox",
    help=(
        "Look after mails and SMS that did not get out.\n\n"
        "A server sends each within a second; when it is not taken, it is tried ten times in "
        "about a day, and then it is dead: it stays here for a month, to be sent again once "
        "the cause is mended.\n\n"
        "For example:\n\n  gatelodge outbox list --state dead\n  gatelodge outbox retry --all"
    ),
)


class _ShownMessage(msgspec.Struct):
    """A message as `--json` shows it; never with what it says."""

    id: str
    environment_id: str
    channel: str
    recipient: str
    template: str | None
    state: str
    attempts: int
    due_at: str | None
    last_error: str | None
    created_at: str
    sent_at: str | None


@app.command(name="list")
def list_messages(
    *,
    place: Place | None = None,
    state: Annotated[
        Literal["waiting", "sending", "sent", "dead"] | None, Parameter(help="Only these; all but `sent` unless given.")
    ] = None,
    limit: Annotated[int, Parameter(help="At most so many, the newest first.")] = 100,
    as_json: AsJson = False,
) -> int:
    """List the messages of all environments that are not sent, with what keeps them.

    What a message says is not shown. What was sent is kept for a week, without its text.

    For example:

      gatelodge outbox list
      gatelodge outbox list --state dead --json
    """
    with open_runtime(place or Place()) as runtime:
        messages = outbox.list_posted(runtime.database.reads, state=state, limit=limit)
    if as_json:
        show_json({"data": [_show(message) for message in messages]})
        return 0
    rows = [
        (
            message.id,
            message.recipient,
            message.template or "SMS",
            message.state,
            str(message.attempts),
            message.last_error or "-",
            write_instant(message.due_at or message.sent_at),
        )
        for message in messages
    ]
    show_table(("id", "to", "what", "state", "tries", "last fault", "due or sent"), rows, whole=("id",))
    if not rows:
        note("Nothing is waiting.")
    return 0


def _show(message: Posted) -> _ShownMessage:
    return _ShownMessage(
        id=message.id,
        environment_id=message.environment_id,
        channel=message.channel,
        recipient=message.recipient,
        template=message.template,
        state=message.state,
        attempts=message.attempts,
        due_at=write_optional(message.due_at),
        last_error=message.last_error,
        created_at=write_timestamp(message.created_at),
        sent_at=write_optional(message.sent_at),
    )


@app.command
def retry(
    message_id: Annotated[str | None, Parameter(help="Id of a message that is dead or waits.")] = None,
    /,
    *,
    place: Place | None = None,
    all_dead: Annotated[bool, Parameter(name="--all", help="Every dead message.")] = False,
    as_json: AsJson = False,
) -> int:
    """Send a message again, from its first try; a running server takes it within a second.

    A code or link in it may have expired since: look at its age first.

    For example:

      gatelodge outbox retry message_01J…
      gatelodge outbox retry --all
    """
    if (message_id is None) is not all_dead:
        raise Refused("Name one message, or pass --all for every dead one.")
    with open_runtime(place or Place()) as runtime:
        now = runtime.wall_clock.now()
        if message_id is None:
            number = runtime.database.write(lambda queries: outbox.retry_all(queries, now=now))
        else:
            wanted = message_id
            number = int(runtime.database.write(lambda queries: outbox.retry(queries, wanted, now=now)))
    if message_id is not None and not number:
        raise Refused(f"No message {message_id!r} is dead or waiting; `gatelodge outbox list` shows them.")
    if as_json:
        show_json({"retried": number})
    else:
        say(f"{count(number, 'message')} will be sent again.")
    return 0


@app.command
def drop(
    message_id: Annotated[str, Parameter(help="Id of a message.")],
    /,
    *,
    place: Place | None = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> int:
    """Remove a message, sent or not, with all that is known of it.

    For example:

      gatelodge outbox drop message_01J… --yes
    """
    confirm(f"Remove message {message_id}?", yes=yes)
    with open_runtime(place or Place()) as runtime:
        dropped = runtime.database.write(lambda queries: outbox.drop(queries, message_id))
    if not dropped:
        raise Refused(f"There is no message {message_id!r}; `gatelodge outbox list` shows them.")
    if as_json:
        show_json({"dropped": message_id})
    else:
        say(f"Removed message {message_id}.")
    return 0
