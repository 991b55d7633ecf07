"""Tell apart what a test found wrong and what this machine could not bring for it.

A test that asks for something that cannot be brought is not run, the summary names the thing
in one line with the number of tests it cost, and under CI the whole run fails for it: nothing
is passed over in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")

PREFIX = "not brought: "


class Unavailable(Exception):
    """This machine cannot bring something; the message says what, why, and what to type."""


def bring(make: Callable[[], T]) -> T:
    """Give what `make` gives; where this machine cannot, end the running test as not run."""
    try:
        return make()
    except Unavailable as reason:
        pytest.skip(f"{PREFIX}{reason}")


def tally(reports: list[pytest.TestReport]) -> Counter[str]:
    """Count the tests not run, by reason; what could not be brought begins with `PREFIX`."""
    reasons: Counter[str] = Counter()
    for report in reports:
        if isinstance(report.longrepr, tuple):
            reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    return reasons
