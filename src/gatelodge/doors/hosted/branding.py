"""The name, logo and colours that a page is shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.authorization.redirects import origin_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.doors.hosted.visit import Visit
    from gatelodge.features.applications.brand import Language

_CHANNELS = (1, 3, 5)
_WEIGHTS = (0.2126, 0.7152, 0.0722)
_KNEE = 0.04045
# Where black and white text stand out equally well (WCAG 2.2, contrast ratio).
_MIDDLE = 0.179
# What text needs to be read by weak eyes (WCAG 2.2 §1.4.3).
_READABLE = 4.5
# What a button needs to be seen on its ground (§1.4.11).
_VISIBLE = 3.0
_STEPS = 20
LIGHT_GROUND, DARK_GROUND = "#f3f4f1", "#1f2623"
"""Of the grounds in the style sheet, those on which a link is hardest to read."""


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
    footer: str | None = None
    sign_in_text: str | None = None
    sign_in_title: str | None = None
    sign_up_text: str | None = None
    sign_up_title: str | None = None


def find_look(visit: Visit) -> Look:
    """Find the brand of the environment that the visit is in, or the installation's own."""
    environment_id = visit.unit.actor.environment_id
    if not environment_id:
        return Look(name=visit.settings.brand_name)
    policy = applications.find_policy(visit.unit)
    logos = (policy.brand_logo_url, policy.brand_logo_dark_url)
    language = visit.language
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
        footer=_choose(policy.footer_text, language),
        sign_in_text=_choose(policy.sign_in_text, language),
        sign_in_title=_choose(policy.sign_in_title, language),
        sign_up_text=_choose(policy.sign_up_text, language),
        sign_up_title=_choose(policy.sign_up_title, language),
    )


def _choose(texts: Mapping[Language, str] | None, language: str) -> str | None:
    """Choose a text of the operator's in the page's language; in any other it would stand between ours."""
    return next((text for given, text in (texts or {}).items() if given == language), None)


def _style_address(environment_id: str, policy: EnvironmentPolicy) -> str | None:
    if policy.brand_colour is None and policy.brand_colour_dark is None:
        return None
    colours = f"{policy.brand_colour or ''}{policy.brand_colour_dark or ''}".replace("#", "")
    return f"/pages/brand.css?{urlencode({'environment': environment_id, 'v': colours})}"


def write_style(policy: EnvironmentPolicy) -> str:
    """Write the style sheet of a brand's colours, in which whatever the colour is all text can be read.

    Text on it is black or white; links are as near to it as the ground that they stand on allows, and
    buttons that would sink into their ground get a rim.
    """
    rules: list[str] = []
    if policy.brand_colour:
        rules.append(f":root{{{_set(policy.brand_colour, ground=LIGHT_GROUND, towards='#000000')}}}")
    if dark := policy.brand_colour_dark or policy.brand_colour:
        colours = _set(dark, ground=DARK_GROUND, towards="#ffffff")
        rules.append(f"@media (prefers-color-scheme: dark){{:root{{{colours}}}}}")
    return "\n".join(rules) + "\n"


def _set(colour: str, *, ground: str, towards: str) -> str:
    on_colour, hover = ("#000", "#fff") if _luminance(colour) > _MIDDLE else ("#fff", "#000")
    link = _make_readable(colour, ground=ground, towards=towards)
    rim = link if contrast(colour, ground) < _VISIBLE else "transparent"
    return f"--accent:{colour};--on-accent:{on_colour};--lift:{hover};--link:{link};--rim:{rim}"


def _make_readable(colour: str, *, ground: str, towards: str) -> str:
    mixes = (_mix(colour, towards, share=step / _STEPS) for step in range(_STEPS + 1))
    return next((mixed for mixed in mixes if contrast(mixed, ground) >= _READABLE), towards)


def _mix(colour: str, other: str, *, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in _CHANNELS]


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    linear = [share / 12.92 if share <= _KNEE else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * value for weight, value in zip(_WEIGHTS, linear, strict=True))
