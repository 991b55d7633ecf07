"""Write the synchronous client from the asynchronous one.

Only tokens change: `async` and `await` go, `AsyncUsers` becomes `Users`, and the few names
in `_NAMES` become their synchronous twins, in code and in docstrings alike. The result is
not laid out anew, so it depends on nothing but its source.
"""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

_SDK = Path("src/gatelodge/sdk")
_ROOT = Path(__file__).resolve().parent.parent

_NAMES = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_async": "_sync",
    "aclose": "close",
    "open_async_transport": "open_transport",
}
_DROPPED = frozenset({"async", "await"})
_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_TEXT = frozenset({tokenize.STRING, tokenize.COMMENT})
_DOCS = {"The client, as coroutines": "The client, as plain functions"}


def generate() -> dict[str, str]:
    """Give the text of every synchronous module."""
    sources = sorted((_ROOT / _SDK / "_async").glob("*.py"))
    return {str(_SDK / "_sync" / path.name): write_sync(path.read_text(encoding="utf-8")) for path in sources}


def write_sync(source: str) -> str:
    """Rewrite one module."""
    lines = source.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    # From the end, so that positions before an edit stay true.
    for token in reversed(tokens):
        new = _rewrite(token)
        if new is None:
            continue
        (first, start), (last, end) = token.start, token.end
        tail = lines[last - 1][end:]
        if not new:
            tail = tail.lstrip(" ")
        lines[first - 1 : last] = [lines[first - 1][:start] + new + tail]
    return "".join(_sort_imports(_mark("".join(lines)).splitlines(keepends=True)))


def _rewrite(token: tokenize.TokenInfo) -> str | None:
    if token.type == tokenize.NAME:
        new = "" if token.string in _DROPPED else _rename(token.string)
    elif token.type in _TEXT:
        new = _WORD.sub(lambda word: _rename(word.group()), token.string).replace("await ", "")
        for old, other in _DOCS.items():
            new = new.replace(old, other)
    else:
        return None
    return None if new == token.string else new


def _rename(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    if name == "Awaitable":
        return name
    return name.removeprefix("Async") if re.match(r"Async[A-Z]", name) else name


def _mark(text: str) -> str:
    text = re.sub(r"Awaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1", text)
    text = re.sub(r"(?m)^( *from collections\.abc import .*)\bAwaitable, ", r"\1", text)
    return "# Written by tools/generate_sync.py from the file of this name in _async; change that one.\n" + text


def _sort_imports(lines: list[str]) -> list[str]:
    """Put the names of each import in order again, as the linter wants them."""
    return [_sort_names(line) if line.lstrip(" ").startswith("from ") else line for line in lines]


def _sort_names(line: str) -> str:
    head, found, names = line.rstrip("\n").partition(" import ")
    if not found or "(" in names or "#" in names:
        return line
    ordered = sorted({name.strip() for name in names.split(",")}, key=_import_order)
    return f"{head} import {', '.join(ordered)}\n"


def _import_order(name: str) -> tuple[int, str]:
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name
