"""Check session cookies with Gatelodge for some seconds, and print how many a second."""

from __future__ import annotations

import json
import sys
import time

from gatelodge import UserManagement

asked = json.load(sys.stdin)
um = UserManagement("", client_id=asked["client_id"], base_url=f"http://127.0.0.1:{asked['port']}")


def check(cookie: str) -> None:
    """Check one cookie."""
    if asked["forget"]:
        # What was verified before is remembered; here every token is seen for the first time.
        um._desk._verifier._remembered.clear()  # noqa: SLF001  # no application may want this
    verdict = um.load_sealed_session(cookie, cookie_password=asked["password"]).authenticate()
    assert verdict.authenticated, verdict


for each in asked["cookies"]:
    check(each)
started = time.perf_counter()
end = started + asked["seconds"]
count = 0
while time.perf_counter() < end:
    check(asked["cookies"][count % len(asked["cookies"])])
    count += 1
print(count / (time.perf_counter() - started))
