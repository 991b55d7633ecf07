"""Refuse in one line what may be no redirect and no origin."""

from __future__ import annotations

from gatelodge.cli.printing import Refused
from gatelodge.features.applications.addresses import find_origin_fault, find_redirect_fault


def check_redirect(uri: str, *, development: bool = False) -> str:
    """Let a redirect URI pass that a browser may be sent to.

    Raises:
        Refused: It may not; the line says why.
    """
    if fault := find_redirect_fault(uri, development=development):
        raise Refused(fault)
    return uri


def check_origin(origin: str, *, development: bool = False) -> str:
    """Let a browser origin pass: scheme, host and port, as browsers write it.

    Raises:
        Refused: It is none; the line says why.
    """
    if fault := find_origin_fault(origin, development=development):
        raise Refused(fault)
    return origin
