"""Which passwords may be set.

The length is what makes a password strong, so there are no rules about kinds of
characters (NIST SP 800-63B-4 §3.1.1.2); what everybody tries first is refused.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from importlib import resources
from typing import Literal

from gatelodge.contract.errors import Fault, PasswordStrengthError
from gatelodge.kit.hashing import LARGEST_PASSWORD, normalise

Profile = Literal["default", "nist"]

LONGEST = 256
"""Characters, counted as code points of the NFC form, as everywhere here."""
SHORTEST = 10
SHORTEST_NIST = 15
SHORTEST_NIST_WITH_SECOND_FACTOR = 8

_PRODUCT = "gatelodge"
_SHORTEST_NAME = 3
_LONGEST_PIECE = 4
# What is left of a password without the names must stand on its own.
_SHORTEST_REMAINDER = 8


def check_password(password: str, *, email: str, profile: Profile, second_factor: bool = False) -> None:
    """Refuse a password that is too short, too long, or easily guessed.

    `second_factor` says that this user cannot sign in without one, for which the NIST
    profile asks less. Imported hashes and passwords already set are not judged by this.

    Raises:
        PasswordStrengthError: With every fault that was found, the length first.
    """
    # No Unicode work on a megabyte; within these bounds the hasher takes it, too.
    if len(password) > LARGEST_PASSWORD or len(normalise(password)) > LONGEST:
        raise PasswordStrengthError(errors=[_fault_of_length("long", LONGEST)])
    faults: list[Fault] = []
    shortest = _shortest(profile, second_factor=second_factor)
    if len(normalise(password)) < shortest:
        faults.append(_fault_of_length("short", shortest))
    if is_common(password):
        message = "This password is among those that are guessed first."
        faults.append(Fault(code="password_pwned", message=message))
    weakness = find_weakness(password, email)
    if weakness is not None:
        faults.append(Fault(code="password_too_weak", message=weakness))
    if faults:
        raise PasswordStrengthError(errors=faults)


def is_common(password: str) -> bool:
    """Tell whether a password is on the shipped list, whatever its case and outer spaces."""
    return _fold(password).strip() in _read_blocklist()


def find_weakness(password: str, email: str) -> str | None:
    """Tell in a sentence why a password of any length is weak, or give None."""
    if any(_is_control(character) for character in password):
        return "A password cannot hold control characters."
    folded = _fold(password).strip()
    if _is_repetition(folded) or _is_run(folded):
        return "This password repeats or counts up a few characters."
    if _leans_on_names(folded, email):
        return "This password is mostly the email address or the name of this service."
    return None


def _shortest(profile: Profile, *, second_factor: bool) -> int:
    if profile == "default":
        return SHORTEST
    return SHORTEST_NIST_WITH_SECOND_FACTOR if second_factor else SHORTEST_NIST


def _fault_of_length(which: Literal["long", "short"], bound: int) -> Fault:
    limit = f"at most {bound}" if which == "long" else f"at least {bound}"
    return Fault(code=f"password_too_{which}", message=f"A password has {limit} characters.")


def _is_control(character: str) -> bool:
    # A tab is typed like a space and counts like one. Half a surrogate pair is no text.
    return character != "\t" and unicodedata.category(character) in ("Cc", "Cs")


def _is_repetition(folded: str) -> bool:
    length = len(folded)
    return any((folded[:piece] * length)[:length] == folded for piece in range(1, min(_LONGEST_PIECE, length // 2) + 1))


def _is_run(folded: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(folded)}
    return steps in ({1}, {-1})


def _leans_on_names(folded: str, email: str) -> bool:
    address = _fold(email)
    local = address.partition("@")[0]
    names = {address, local, local.partition("+")[0], _PRODUCT}
    remainder = folded
    for name in sorted(names, key=len, reverse=True):
        if len(name) >= _SHORTEST_NAME:
            remainder = remainder.replace(name, "")
    return remainder != folded and len(remainder) < _SHORTEST_REMAINDER


def _fold(text: str) -> str:
    return normalise(normalise(text).casefold())


@functools.cache
def _read_blocklist() -> frozenset[str]:
    file = resources.files("gatelodge.features.passwords").joinpath("blocklist.txt")
    return frozenset(file.read_text(encoding="utf-8").splitlines())
