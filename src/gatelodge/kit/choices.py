"""Ask for the rows of several ids with one text for both engines.

`in (…)` takes as many parameters as it is written with, and every length is another
statement to prepare; so lengths are rounded up, by repeating the last value.
"""

from __future__ import annotations

from collections.abc import Sequence

_SIZES = (1, 2, 5, 10, 25, 100)
MOST_CHOICES = _SIZES[-1]


class TooManyChoices(ValueError):
    """More values were given than one statement takes."""


def write_choices(name: str, values: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Write the list that follows `in`, with its parameters, for one to a hundred values.

    Raises:
        TooManyChoices: There are more.
    """
    if len(values) > MOST_CHOICES:
        raise TooManyChoices(f"{len(values)} values for {name}")
    if not values:
        return "(null)", {}
    size = next(size for size in _SIZES if size >= len(values))
    padded = [*values, *[values[-1]] * (size - len(values))]
    names = [f"{name}_{number}" for number in range(size)]
    return f"({', '.join(':' + each for each in names)})", dict(zip(names, padded, strict=True))
