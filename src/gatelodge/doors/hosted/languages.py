"""Choose the language of a page."""

from __future__ import annotations

import re

from gatelodge.kit.letters import LANGUAGES, choose_language

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"})
_MOST = 20


def choose_among(asked: str, accepted: str, *, default: str) -> str:
    """Choose from `ui_locales`, in its order, then from `Accept-Language`, by its weights (RFC 9110 §12.5.4)."""
    return find_among(asked, accepted) or choose_language(default, "en")


def find_among(asked: str, accepted: str) -> str | None:
    """Choose as `choose_among` does; None when nothing is asked for that there is."""
    for tag in (*asked.split()[:_MOST], *_rank(accepted)):
        language = tag.partition("-")[0].lower()
        if _TAG.fullmatch(tag) and language in LANGUAGES:
            return language
    return None


def _rank(accepted: str) -> list[str]:
    ranked: list[tuple[float, str]] = []
    for part in accepted.split(",")[:_MOST]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            value = 0.0
        if value > 0:
            ranked.append((-value, tag.strip()))
    return [tag for _, tag in sorted(ranked, key=lambda each: each[0])]


def direction_of(language: str) -> str:
    """Tell in which direction a language is written, `ltr` or `rtl`."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"
