"""What a browser sees that was signed out, where the app has no page for it."""

from __future__ import annotations

from gatelodge.doors.hosted.rendering import show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response


def show_signed_out(visit: Visit) -> Response:
    """Say that the sign-out is done."""
    return show(visit, "signed_out")
