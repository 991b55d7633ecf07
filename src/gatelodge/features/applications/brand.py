"""How an environment looks to the people who sign in to it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Colour = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")]
SecureLink = Annotated[str, Meta(pattern="^https://[!#-&(-:=?-_a-z~]+$", max_length=500)]


class Brand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The name, logo, colours and links that the sign-in pages show; what is absent has the default."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    logo_url: SecureLink | None = None
    """A picture about 32 pixels high; also shown on dark ground unless `logo_dark_url` is given."""
    logo_dark_url: SecureLink | None = None
    colour: Colour | None = None
    """Of buttons and links on light ground, such as `#0a6b4f`."""
    colour_dark: Colour | None = None
    """The same on dark ground."""
    home_url: SecureLink | None = None
    """Where the pages lead whoever has nothing to sign in to."""
    privacy_url: SecureLink | None = None
    support_url: SecureLink | None = None
    terms_url: SecureLink | None = None
