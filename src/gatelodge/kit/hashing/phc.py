"""Read and write PHC strings: `$id$v=1$a=1,b=2$salt$digest`.

Values are read strictly, save two habits of real exports: base64 may be padded, and the
parameters may come in any order.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatelodge.kit.hashing.errors import UnusableHash

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_HASH = 2048
"""Characters of a stored or imported hash."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_INTEGER = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phc:
    """The parts of a PHC string that has both a salt and a digest."""

    id: str
    version: str | None
    parameters: Mapping[str, str]
    salt: bytes
    digest: bytes

    def number(self, name: str, *, least: int, most: int) -> int:
        """Give a parameter that must be a whole number within bounds."""
        text = self.parameters[name]
        if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
            raise UnusableHash(f"{name} must be from {least} to {most}")
        return int(text)


def read_phc(text: str, *, names: frozenset[str]) -> Phc:
    """Split a PHC string whose parameters must be exactly these.

    Raises:
        UnusableHash: It is not one.
    """
    check_length(text)
    match text.split("$"):
        case ["", name, version, parameters, salt, digest] if version.startswith("v="):
            number: str | None = version[2:]
        case ["", name, parameters, salt, digest]:
            number = None
        case _:
            raise UnusableHash("not a PHC string with salt and digest")
    pairs = [pair.partition("=") for pair in parameters.split(",")]
    values = {key: value for key, _, value in pairs}
    if values.keys() != names or len(pairs) != len(names):
        raise UnusableHash(f"the parameters must be {', '.join(sorted(names))}")
    return Phc(name, number, values, decode_base64(salt), decode_base64(digest))


def write_phc(phc: Phc) -> str:
    """Write the one canonical spelling, with parameters in the order they are given in."""
    version = "" if phc.version is None else f"v={phc.version}$"
    parameters = ",".join(f"{name}={value}" for name, value in phc.parameters.items())
    salt, digest = encode_base64(phc.salt), encode_base64(phc.digest)
    return f"${phc.id}${version}{parameters}${salt}${digest}"


def check_length(text: str) -> None:
    """Refuse what is longer than any hash."""
    if len(text) > LONGEST_HASH:
        raise UnusableHash("too long to be a password hash")


def check_size(content: bytes, name: str, *, least: int, most: int) -> None:
    """Refuse a salt, digest or key whose size in bytes is out of bounds."""
    if not least <= len(content) <= most:
        raise UnusableHash(f"the {name} must have {least} to {most} bytes")


def decode_base64(text: str) -> bytes:
    """Read base64 of the standard alphabet, padded or not."""
    if not _BASE64.fullmatch(text):
        raise UnusableHash("not base64")
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise UnusableHash("not base64") from None


def encode_base64(content: bytes) -> str:
    """Write base64 of the standard alphabet without padding."""
    return base64.b64encode(content).rstrip(b"=").decode("ascii")
