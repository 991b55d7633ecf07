"""Phone numbers have one form, and only real ones have it."""

from __future__ import annotations

import pytest

from gatelodge.kit.phone import NotAPhoneNumber, normalise_phone


@pytest.mark.parametrize("text", ["+491701234567", "+49 170 1234567", " +49 (170) 123-4567 ", "+49/170/1234567"])
def test_every_way_of_writing_a_number_gives_one_form(text: str) -> None:
    assert normalise_phone(text) == "+491701234567"


@pytest.mark.parametrize(
    "text",
    ["", "01701234567", "+49", "+49170", "+999123456789", "+15555555555555555", "call me", "+1 202 555 0143 ext. 5",
     "+491701234567\r\nBcc: x", "+4917012345" + "6" * 100],
)  # fmt: skip
def test_what_no_sms_reaches_is_refused(text: str) -> None:
    with pytest.raises(NotAPhoneNumber):
        normalise_phone(text)


def test_full_width_digits_are_digits() -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in "+491701234567")

    assert normalise_phone(wide) == "+491701234567"
