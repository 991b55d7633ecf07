"""A host's own WSGI program with Gatelodge in it, for a real WSGI server to load."""

from __future__ import annotations

import os

from gatelodge import create_app

app = create_app(
    os.environ["DATABASE_URL"],
    base_url=os.environ["BASE_URL"],
    client_id=os.environ["CLIENT_ID"],
    master_key=os.environ["MASTER_KEY"],
)
