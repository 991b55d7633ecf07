"""The proof that whoever redeems a code also asked for it (RFC 7636)."""

from __future__ import annotations

import re

import pytest

from gatelodge import pkce


def test_the_challenge_is_that_of_the_rfc() -> None:
    assert (
        pkce.generate_code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


@pytest.mark.parametrize("length", [43, 44, 45, 46, 127, 128])
def test_a_verifier_has_the_length_and_the_signs_of_the_rfc(length: int) -> None:
    assert re.fullmatch(rf"[A-Za-z0-9_-]{{{length}}}", pkce.generate_code_verifier(length))


@pytest.mark.parametrize("length", [-1, 0, 42, 129])
def test_a_verifier_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="43 to 128"):
        pkce.generate_code_verifier(length)


def test_a_pair_belongs_together_and_is_drawn_anew_each_time() -> None:
    first, second = pkce.generate(), pkce.generate()

    assert first.code_challenge == pkce.generate_code_challenge(first.code_verifier)
    assert first.code_challenge_method == "S256"
    assert len(first.code_verifier) == 43
    assert first.code_verifier != second.code_verifier
