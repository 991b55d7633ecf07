"""Check session cookies with the official Python SDK for some seconds, and print how many a second."""

from __future__ import annotations

import json
import sys
import time

from workos import WorkOSClient

asked = json.load(sys.stdin)
address = f"http://127.0.0.1:{asked['port']}/"
users = WorkOSClient(api_key="sk_nothing_is_sent", client_id=asked["client_id"], base_url=address).user_management


def check(cookie: str) -> None:
    """Check one cookie."""
    verdict = users.load_sealed_session(session_data=cookie, cookie_password=asked["password"]).authenticate()
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
