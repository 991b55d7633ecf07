"""All that an official Python SDK tells to a running server; what it prints is read by tests/clients/telling.py."""

from __future__ import annotations

import os

from codes import Codes
from factors import Factors
from invitations import Invitations
from journal import Journal
from lateness import Lateness
from members import Members
from redirects import Redirects
from stories import Sdk
from users import Users


def tell(sdk: Sdk, journal: Journal) -> None:
    """Take every step and say the results, those before a breakdown included."""
    try:
        journal.step("sdk", lambda: sdk.version)
        journal.step("offers", lambda: [name for one in (sdk.users, sdk.members, sdk.factors) for name in one.offers()])
        last = Users(sdk, journal).tell()
        known = Members(sdk, journal).tell()
        Invitations(sdk, journal).tell(known)
        Redirects(sdk, journal).tell(known)
        Codes(sdk, journal).tell(known.beta)
        Factors(sdk, journal).tell(known.vault)
        last_part = Lateness(sdk, journal)
        last_part.tell()
        names = os.environ["EVENTS"].split(",")
        journal.step("story_events", lambda: last_part.all_events(names, after=last, limit=100))
    finally:
        journal.finish()
