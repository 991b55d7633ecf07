"""The words of SQL: where a parameter, a literal or the end of a statement is.

One text serves both engines; the names become numbers or places. libpq takes `$1`, `$2` … as
they are: a `%` means nothing then, and a pass over the text in the driver is saved (15 µs of
a 150 µs read). SQLite would bind `:name` itself, but Python's `sqlite3` lets go of the
interpreter lock to look up each name, and under load every such moment is a change of threads.
`?` it takes by place; the first releases of Python 3.12 warn of `?1`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<opaque>
          (?<!\w)[eE]'(?:[^'\\]|\\.|'')*'
        | '(?:[^']|'')*'
        | "(?:[^"]|"")*"
        | --[^\n]*
        | /\*.*?\*/
        | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
        | ::
      )
    | :(?P<name>[A-Za-z_]\w*)
    | (?P<word>(?<!\w)[A-Za-z_]\w*)
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)


class Statement(NamedTuple):
    """A statement with parameters by number or place, and the names of these in their order."""

    text: str
    names: tuple[str, ...]


def place_parameters(sql: str) -> Statement:
    """Turn each `:name` into a `?` of its own, so that a name may come several times.

    What `number_parameters` leaves untouched stays so.
    """
    names: list[str] = []

    def replace(token: re.Match[str]) -> str:
        if token["name"] is None:
            return token[0]
        names.append(token["name"])
        return "?"

    text = _TOKEN.sub(replace, sql)
    return Statement(text, tuple(names))


def number_parameters(sql: str) -> Statement:
    """Turn `:name` into `$n`, one number for each name.

    Literals, quoted names, comments, dollar quotes and `::` casts stay untouched.
    """
    numbers: dict[str, int] = {}

    def replace(token: re.Match[str]) -> str:
        name = token["name"]
        if name is None:
            return token[0]
        return f"${numbers.setdefault(name, len(numbers) + 1)}"

    text = _TOKEN.sub(replace, sql)
    return Statement(text, tuple(numbers))


def replace_words(sql: str, words: dict[str, str]) -> str:
    """Exchange bare words, given in lower case; what is quoted or a comment stays."""

    def replace(token: re.Match[str]) -> str:
        word = token["word"]
        return token[0] if word is None else words.get(word.lower(), word)

    return _TOKEN.sub(replace, sql)


def split_statements(script: str) -> list[str]:
    """Cut a script at its semicolons, without comments and without empty statements.

    The body of a SQLite trigger, which holds semicolons of its own, is not understood.
    """
    statements: list[str] = []
    parts: list[str] = []
    position = 0
    for token in _TOKEN.finditer(script):
        is_comment = token[0].startswith(("--", "/*"))
        if not is_comment and token["end"] is None:
            continue
        parts.append(script[position : token.start()])
        position = token.end()
        if token["end"] is not None:
            statements.append("".join(parts).strip())
            parts = []
    statements.append("".join([*parts, script[position:]]).strip())
    return [statement for statement in statements if statement]
