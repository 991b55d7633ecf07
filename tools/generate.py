"""Write the generated files, or see whether the committed ones are fresh.

A generator is a module with a function `generate() -> dict[str, str]`: paths from the
repository's root, and the whole text of each. It reads the code and nothing else, so the
same code gives the same bytes on every machine.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# In alphabetical order.
GENERATORS: tuple[str, ...] = (
    "tools.generate_methods",
    "tools.generate_objects",
    "tools.generate_openapi",
    "tools.generate_operations_table",
    "tools.generate_reference",
    "tools.generate_settings",
    "tools.generate_sync",
)


def generate() -> dict[str, str]:
    """Collect what every generator writes, refusing two that write one file."""
    texts: dict[str, str] = {}
    for name in GENERATORS:
        for path, text in import_module(name).generate().items():
            if path in texts:
                message = f"two generators write {path}; the second is {name}"
                raise ValueError(message)
            texts[path] = text
    return texts


def stale(texts: dict[str, str]) -> list[str]:
    """Name the files whose committed text differs from what the code gives now."""
    return [path for path, text in texts.items() if not _same(ROOT / path, text)]


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def main(arguments: list[str]) -> int:
    """Write every generated file; with `--check`, change nothing and fail when one is stale."""
    texts = generate()
    old = stale(texts)
    if arguments == ["--check"]:
        for path in old:
            print(f"{path} is stale: run `make generate`")
        return 1 if old else 0
    for path in old:
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(texts[path], encoding="utf-8")
        print(f"wrote {path}")
    if any(path.endswith(".py") for path in old):
        # The pages describe the client that was just written, which this process read as it was before.
        subprocess.run([sys.executable, "-m", "tools.generate"], cwd=ROOT, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
