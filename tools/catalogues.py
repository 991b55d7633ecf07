"""Bring the catalogues of mails and pages up to date: texts out of the templates, `.mo` files out of the `.po` files.

Usage: python -m tools.catalogues
Translate what it reports as lacking in `src/gatelodge/templates/locale/*/*.po`, and run it again.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TEMPLATES = Path(__file__).resolve().parent.parent / "src" / "gatelodge" / "templates"
LANGUAGES = ("de", "fr")
DOMAINS = ("mail", "pages")


def extract(domain: str = "mail") -> Catalog:
    """Gather the texts of all templates of mails or pages, in the order of the alphabet."""
    catalogue = Catalog(project="gatelodge", charset="utf-8", fuzzy=False)
    methods = [(f"**.{part}", "jinja2") for part in ("html", "sms", "subject", "txt")]
    options = {pattern: {"trimmed": "true", "silent": "false"} for pattern, _ in methods}
    for file, _, message, comments, context in sorted(
        extract_from_dir(TEMPLATES / domain, methods, options), key=lambda found: str(found[2])
    ):
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalogue


def po_file(language: str, domain: str = "mail") -> Path:
    """Name the file in which a language is translated."""
    return TEMPLATES / "locale" / language / f"{domain}.po"


def read(language: str, domain: str = "mail") -> Catalog:
    """Read a language's translations."""
    with po_file(language, domain).open("rb") as stream:
        return read_po(stream, locale=language)


def compile_catalogue(catalogue: Catalog) -> bytes:
    """Give what the package reads at run time."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def lacking(catalogue: Catalog) -> list[str]:
    """List the texts that have no translation, or one that is only guessed."""
    return [str(message.id) for message in catalogue if message.id and (message.fuzzy or not all(forms(message)))]


def forms(message: Message) -> tuple[str, ...]:
    """Give a text's translation: one form, or one for each kind of number."""
    if message.pluralizable and message.string:
        return tuple(str(form or "") for form in message.string)
    return (str(message.string or ""),)


def main() -> int:
    """Write every catalogue anew; fail when a text is not translated."""
    complete = [renew(language, domain) for domain in DOMAINS for language in LANGUAGES]
    return 0 if all(complete) else 1


def renew(language: str, domain: str) -> bool:
    """Write a language's catalogue anew; False when a text is not translated."""
    file = po_file(language, domain)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue = read(language, domain) if file.exists() else Catalog(locale=language, fuzzy=False)
    catalogue.update(extract(domain), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    written = io.BytesIO()
    write_po(written, catalogue, width=0, include_lineno=False, omit_header=False, ignore_obsolete=True)
    file.write_bytes(written.getvalue())
    file.with_suffix(".mo").write_bytes(compile_catalogue(catalogue))
    for text in lacking(catalogue):
        print(f"{language} {domain} lacks: {text}")
    return not lacking(catalogue)


if __name__ == "__main__":
    sys.exit(main())
