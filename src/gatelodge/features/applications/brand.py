"""What may be said of how an environment looks to the people who sign in to it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

BrandName = Annotated[str, Meta(min_length=1, max_length=100)]
Colour = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")]
SecureLink = Annotated[str, Meta(pattern="^https://[!#-&(-:=?-_a-z~]+$", max_length=500)]

Language = Literal["de", "en", "fr"]
"""The languages that the pages speak."""
Title = dict[Language, Annotated[str, Meta(min_length=1, max_length=80)]]
"""A heading, by language."""
Text = dict[Language, Annotated[str, Meta(min_length=1, max_length=400)]]
"""A few sentences, by language."""
