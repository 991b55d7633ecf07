"""Migrate a database at a given instant; print the numbers of what was applied here.

Usage: migrate_once.py URL FOLDER INSTANT (of time.time(), in seconds)
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from gatelodge.kit.database import open_database
from gatelodge.kit.migrate import migrate


def main() -> None:
    url, folder, instant = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    database = open_database(url)
    time.sleep(max(0.0, instant - time.time()))
    applied = migrate(database, now=1, directory=folder)
    database.close()
    sys.stdout.write(json.dumps([each.version for each in applied]))


if __name__ == "__main__":
    main()
