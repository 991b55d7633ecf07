"""Create users from threads of a process of its own: make_users.py <database> <number> <name>."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

from gatelodge.kit.entropy import SystemEntropy
from tests.harness.inprocess import House


def main() -> None:
    url, number, name = sys.argv[1:]
    house = House(url, limits=False)
    # Chance that repeats would give two processes the same ids.
    house.runtime.entropy = SystemEntropy()

    def make(user: int) -> None:
        answer = house.post("/user_management/users", {"email": f"{name}-{user}@example.com"})
        assert answer.status == 201, answer

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(int(number))))
    house.close()


if __name__ == "__main__":
    main()
