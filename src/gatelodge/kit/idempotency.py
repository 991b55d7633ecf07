"""Answers kept for 24 hours, so that a retried POST gets the first answer again.

An answer belongs to one credential, method, path, key and body: all of them are inside
the keyed hash that names it, so no other caller and no other body ever gets it. It is
sealed, and written in the commit of the change it answers (contract page 40).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.kit.database import Queries
from gatelodge.kit.sealing import SealBroken, Sealer

KEPT_FOR = 24 * 3600 * 1000
_PURPOSE = "idempotent_answer"


class Kept(msgspec.Struct, frozen=True):
    """An answer as it went out."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class AlreadyAnswered(Exception):
    """Another request with the same key has finished first."""


class AnswerKeeper:
    """Keeps the answer of one request."""

    def __init__(self, sealer: Sealer, name: bytes, *, now: int, render: Callable[[object], Kept]) -> None:
        """Remember under which name, and how an answer becomes bytes."""
        self._sealer = sealer
        self._name = name
        self._now = now
        self._render = render

    def keep(self, queries: Queries, answer: object) -> None:
        """Store the answer in the running transaction.

        Raises:
            AlreadyAnswered: A racer with the same key has stored one; nothing is written.
        """
        sealed = self._sealer.seal(msgspec.json.encode(self._render(answer)), purpose=_PURPOSE)
        stored = queries.one(
            """
            insert into idempotent_answers (name, answer, expires_at)
            values (:name, :answer, :expires_at)
            on conflict (name) do update
               set answer = excluded.answer, expires_at = excluded.expires_at
             where idempotent_answers.expires_at <= :now
            returning 1
            """,
            name=self._name,
            answer=sealed,
            expires_at=self._now + KEPT_FOR,
            now=self._now,
        )
        if stored is None:
            raise AlreadyAnswered


def name_answer(sealer: Sealer, *parts: str) -> bytes:
    """Name the answer of a request by everything it must agree in."""
    return sealer.keyed_hash(msgspec.json.encode(parts).decode(), purpose=_PURPOSE)


def find_answer(queries: Queries, sealer: Sealer, name: bytes, *, now: int) -> Kept | None:
    """Find the answer that was kept under a name, if it is not older than a day."""
    row = queries.one(
        "select answer from idempotent_answers where name = :name and expires_at > :now",
        name=name,
        now=now,
    )
    if row is None:
        return None
    try:
        return msgspec.json.decode(sealer.unseal(row[0], purpose=_PURPOSE), type=ready(Kept))
    except SealBroken:
        return None


def sweep(queries: Queries, *, now: int, limit: int = 500) -> int:
    """Remove answers whose day is over."""
    return queries.run(
        """
        delete from idempotent_answers where name in
          (select name from idempotent_answers where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )


def clear(queries: Queries) -> None:
    """Forget every answer."""
    queries.run("delete from idempotent_answers")
