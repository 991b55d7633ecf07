#!/usr/bin/env python3
"""Remake the list of common passwords from the npm package it is taken from.

Usage: npm pack @zxcvbn-ts/language-common@4.1.3 && tools/blocklist.py zxcvbn-ts-language-common-4.1.3.tgz
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
import unicodedata
from pathlib import Path

PACKAGE = "@zxcvbn-ts/language-common"
VERSION = "4.1.3"
SHA256 = "bf3027c16c069d7877e25dc8751bc819e10e479afcc5ee1a323eb2ab73129ca9"
SHORTEST = 8  # characters; no policy of ours lets a shorter password be set
TARGET = Path(__file__).parent.parent / "src/gatelodge/features/passwords"


def fold(password: str) -> str:
    """Write a password as `features/passwords/rules.py` compares it."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", password).casefold())


def read(archive: tarfile.TarFile, name: str) -> str:
    """Read one file of the package."""
    file = archive.extractfile(f"package/{name}")
    if file is None:
        sys.exit(f"tools/blocklist.py: the package has no {name}")
    return file.read().decode("utf-8")


def main(path: Path) -> None:
    """Write the list and its licence from the archive at `path`."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"tools/blocklist.py: {path} is not {PACKAGE} {VERSION}: its SHA-256 is {found}")
    with tarfile.open(path) as archive:
        passwords = json.loads(read(archive, "src/passwords.json"))
        licence = read(archive, "LICENSE.txt")
    kept = sorted({fold(each) for each in passwords if len(each) >= SHORTEST and each == each.strip()})
    (TARGET / "blocklist.txt").write_text("\n".join(kept) + "\n", encoding="utf-8")
    origin = (
        f"blocklist.txt holds the {len(kept)} passwords of {SHORTEST} or more characters in the file\n"
        f"src/passwords.json of the npm package {PACKAGE}, version {VERSION},\n"
        "case-folded and sorted. SHA-256 of the package's archive:\n"
        f"{SHA256}. Its licence:\n\n"
    )
    (TARGET / "blocklist.LICENSE.txt").write_text(origin + licence, encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [archive]:
            main(Path(archive))
        case _:
            sys.exit(__doc__)
