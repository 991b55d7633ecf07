"""Mails as a person sees them, in a real browser: on a telephone, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page

from gatelodge.kit.letters import LANGUAGES, LetterWriter
from gatelodge.kit.mail_templates import MAIL_TEMPLATES
from tests.harness.chromium import open_chromium
from tests.harness.unavailable import bring

pytestmark = pytest.mark.xdist_group("chromium")

NARROWEST = 320
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
VALUES: dict[str, str | int] = {
    "code": "048213",
    "days": 7,
    "done": 1,
    "factor": "totp",
    "inviter_name": LONG,
    "left": 9,
    "link": f"https://accounts.{'internal.' * 6}example.com/invitation?invitation_token={'A1b2-C3d4_' * 5}",
    "minutes": 10,
    "new_email": f"{'somebody.' * 6}x@{'department-' * 4}.example.com",
    "organization_name": LONG,
}
WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
# The contrast of each piece of text with what is behind it (WCAG 2.2 §1.4.3), the least of all.
CONTRAST = """() => {
  const read = text => text.match(/[\\d.]+/g).map(Number);
  const shine = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = read(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const shown = [...document.querySelectorAll('body *')].filter(e =>
    e.getClientRects().length && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
  return Math.min(...shown.map(e => {
    const [light, dark] = [shine(read(getComputedStyle(e).color)), shine(behind(e))].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  }));
}"""


@pytest.fixture
def page() -> Iterator[Page]:
    with ExitStack() as opened:
        yield bring(lambda: opened.enter_context(open_chromium("http://localhost:3000/callback"))).new_page()


def test_every_mail_fits_a_telephone_and_can_be_read_by_day_and_by_night(page: Page) -> None:
    writer = LetterWriter(brand=LONG[:40], default_locale="en", folder="")
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    wrong = []

    for language in LANGUAGES:
        for template, known in MAIL_TEMPLATES.items():
            values = {name: VALUES[name] for name in known.required | known.optional}
            letter = writer.write(template, environment_id="e", locale=language, values=values)
            page.set_content(letter.html)
            wrong += [(template, language, "too wide")] if page.evaluate(WIDER) else []
            for shade in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if shade == "dark" else "light")
                contrast = page.evaluate(CONTRAST)
                wrong += [(template, language, f"{shade}: {contrast:.1f}")] if contrast < 4.5 else []

    assert wrong == []
