"""The name, logo and colours that a page is shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.authorization.redirects import origin_of

if TYPE_CHECKING:
    from gatelodge.doors.hosted.visit import Visit

_CHANNELS = (1, 3, 5)
_WEIGHTS = (0.2126, 0.7152, 0.0722)
_KNEE = 0.04045
# Where black and white text stand out equally well (WCAG 2.2, contrast ratio).
_MIDDLE = 0.179


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What the templates are told of the brand."""

    name: str
    logo: str | None = None
    logo_dark: str | None = None
    home: str | None = None
    privacy: str | None = None
    support: str | None = None
    terms: str | None = None
    style: str | None = None
    """The address of the style sheet with the brand's colours."""
    image_source: str = ""
    """Whence the policy lets pictures come."""


def find_look(visit: Visit) -> Look:
    """Find the brand of the environment that the visit is in, or the installation's own."""
    environment_id = visit.unit.actor.environment_id
    if not environment_id:
        return Look(name=visit.settings.brand_name)
    policy = applications.find_policy(visit.unit)
    logos = (policy.brand_logo_url, policy.brand_logo_dark_url)
    return Look(
        name=policy.brand_name or visit.settings.brand_name,
        logo=policy.brand_logo_url or policy.brand_logo_dark_url,
        logo_dark=policy.brand_logo_dark_url,
        home=policy.home_url,
        privacy=policy.privacy_url,
        support=policy.support_url,
        terms=policy.terms_url,
        style=_style_address(environment_id, policy),
        image_source=" ".join(sorted({origin_of(logo) for logo in logos if logo})),
    )


def _style_address(environment_id: str, policy: EnvironmentPolicy) -> str | None:
    if policy.brand_colour is None and policy.brand_colour_dark is None:
        return None
    colours = f"{policy.brand_colour or ''}{policy.brand_colour_dark or ''}".replace("#", "")
    return f"/pages/brand.css?{urlencode({'environment': environment_id, 'v': colours})}"


def write_style(policy: EnvironmentPolicy) -> str:
    """Write the style sheet of a brand's colours; text on them is black or white, whichever is easier to read."""
    rules: list[str] = []
    if policy.brand_colour:
        rules.append(f":root{{{_set(policy.brand_colour)}}}")
    if dark := policy.brand_colour_dark or policy.brand_colour:
        rules.append(f"@media (prefers-color-scheme: dark){{:root{{{_set(dark)}}}}}")
    return "\n".join(rules) + "\n"


def _set(colour: str) -> str:
    return f"--accent:{colour};--on-accent:{'#000' if _luminance(colour) > _MIDDLE else '#fff'}"


def _luminance(colour: str) -> float:
    shares = [int(colour[start : start + 2], 16) / 255 for start in _CHANNELS]
    linear = [share / 12.92 if share <= _KNEE else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * value for weight, value in zip(_WEIGHTS, linear, strict=True))
