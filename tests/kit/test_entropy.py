"""Tokens and codes are uniform and keep their shape."""

from __future__ import annotations

import base64
from collections import Counter

import pytest

from gatelodge.kit.clock import SystemClock
from gatelodge.kit.entropy import SystemEntropy, issue_code, issue_token


class ScriptedEntropy:
    """Gives the draws it was made with, then zeros."""

    def __init__(self, *draws: int) -> None:
        self.draws = list(draws)

    def token_bytes(self, n: int) -> bytes:
        return (self.draws.pop(0) if self.draws else 0).to_bytes(n, "big")


class BrokenEntropy:
    """Gives only ones."""

    def token_bytes(self, n: int) -> bytes:
        return b"\xff" * n


def test_a_token_is_256_bits_of_unpadded_base64url() -> None:
    token = issue_token(SystemEntropy())

    assert len(token) == 43
    assert len(base64.urlsafe_b64decode(token + "=")) == 32


def test_tokens_do_not_repeat() -> None:
    assert len({issue_token(SystemEntropy()) for _ in range(1000)}) == 1000


def test_a_code_keeps_its_leading_zeros() -> None:
    assert issue_code(ScriptedEntropy(42)) == "000042"
    assert issue_code(ScriptedEntropy(7), digits=8) == "00000007"


def test_a_draw_that_would_favour_low_codes_is_thrown_away() -> None:
    highest = 256**6 - 1

    assert issue_code(ScriptedEntropy(highest, 123456)) == "123456"


def test_a_broken_source_is_reported_rather_than_asked_for_ever() -> None:
    with pytest.raises(RuntimeError, match="no usable bytes"):
        issue_code(BrokenEntropy())


def test_every_digit_is_equally_likely_in_every_place_of_ten_thousand_codes() -> None:
    codes = [issue_code(SystemEntropy()) for _ in range(10_000)]

    for place in range(6):
        counts = Counter(code[place] for code in codes)
        chi_square = sum((counts[digit] - 1000) ** 2 / 1000 for digit in "0123456789")
        # Nine degrees of freedom: above 50 once in ten million fair runs.
        assert chi_square < 50


def test_the_clock_tells_milliseconds_of_this_century() -> None:
    now = SystemClock().now()

    assert isinstance(now, int)
    assert 1_700_000_000_000 < now < 4_102_444_800_000
