"""Phone numbers, in the one form under which they are stored and called: E.164."""

from __future__ import annotations

import phonenumbers

_LONGEST = 40


class NotAPhoneNumber(Exception):
    """The text is not a phone number that exists, or lacks its country code."""


def normalise_phone(text: str) -> str:
    """Give a phone number in E.164 form, such as `+491701234567`; spaces and signs are dropped.

    The number must begin with `+` and its country code, and be one that its country's
    plan assigns. An extension is refused: no SMS reaches it.

    Raises:
        NotAPhoneNumber: It is none.
    """
    if len(text) > _LONGEST:
        raise NotAPhoneNumber
    try:
        number = phonenumbers.parse(text.strip())
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise NotAPhoneNumber
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
