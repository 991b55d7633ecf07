"""What does not keep a house rule, and why. The lists may only shrink.

Every entry must still be needed, so a test fails when one can go; and every figure is the
one measured, so that nothing exempted can grow.
"""

from __future__ import annotations

# Imports against the arrows: (from, to) → why.
IMPORTS: dict[tuple[str, str], str] = {}

# Modules of values that kit may read beside contract.errors (docs/decisions/0003).
VALUES_FOR_KIT: dict[str, frozenset[str]] = {
    "gatelodge.kit.idempotency": frozenset({"gatelodge.contract.shapes"}),
    "gatelodge.kit.log": frozenset({"gatelodge.contract.timestamps"}),
    "gatelodge.kit.paging": frozenset({"gatelodge.contract.ids", "gatelodge.contract.paging"}),
    "gatelodge.kit.route": frozenset({"gatelodge.contract.operation"}),
    "gatelodge.kit.settings": frozenset({"gatelodge.contract.shapes"}),
    "gatelodge.kit.unit": frozenset({"gatelodge.contract.ids"}),
}

# Files with more than 400 lines, by path, with their length.
FILES: dict[str, int] = {}

# Functions with more than 40 lines, by `path:name`, with their length.
LONG_FUNCTIONS: dict[str, int] = {}

# Functions nested deeper than 3, by `path:name`, with their depth.
DEEP_FUNCTIONS: dict[str, int] = {}

# Public functions with more than two positional arguments, by `path:name`, with their number.
POSITIONALS: dict[str, int] = {
    "src/gatelodge/contract/ids.py:make_id": 3,
    "src/gatelodge/doors/reading.py:read_arguments": 3,
    "src/gatelodge/doors/routing.py:Page.__init__": 3,
    "src/gatelodge/kit/hashing/argon2_hashes.py:matches_encoded": 3,
    "src/gatelodge/kit/hashing/hasher.py:PasswordHasher.import_hash": 3,
    "src/gatelodge/kit/hashing/schemes.py:accept_hash": 3,
    "src/gatelodge/kit/paging.py:fold_page": 4,
    "src/gatelodge/kit/throttle.py:FloodGate.charge": 3,
}

_ACROSS = "it looks across environments: "

# Statements over objects of an environment that do not name the environment, by `path:function` → why.
UNSCOPED: dict[str, str] = {
    "src/gatelodge/features/applications/store.py:has_origin": _ACROSS + "a preflight names no environment",
    "src/gatelodge/features/applications/store.py:list_sign_out_targets": _ACROSS + "an ended session names none",
    "src/gatelodge/features/authentication/store.py:sweep_pending": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/authorization/store.py:find_request": _ACROSS + "a cookie names no environment",
    "src/gatelodge/features/authorization/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/authorization/store.py:sweep_requests": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/browser_sessions/store.py:find_anywhere": _ACROSS + "a cookie names no environment",
    "src/gatelodge/features/browser_sessions/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/devices/store.py:list_environments": _ACROSS + "a typed code names no environment",
    "src/gatelodge/features/devices/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/email_change/store.py:find_undo": _ACROSS + "a link names no environment",
    "src/gatelodge/features/email_change/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/email_change/store.py:sweep_undos": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/email_verification/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/events/store.py:list_environments_unplaced": _ACROSS + "the worker numbers all",
    "src/gatelodge/features/events/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/factors/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/invitations/store.py:find_environment": _ACROSS + "a link names no environment",
    "src/gatelodge/features/magic_auth/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/organizations/store.py:claim_due_domain": _ACROSS + "the worker proves all",
    "src/gatelodge/features/organizations/store.py:has_due_domain": _ACROSS + "the worker proves all",
    "src/gatelodge/features/passkeys/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/password_reset/store.py:find_environment": _ACROSS + "a link names no environment",
    "src/gatelodge/features/password_reset/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/sessions/store.py:find_anywhere": _ACROSS + "a logout link names the session alone",
    "src/gatelodge/features/sessions/store.py:remove_tokens": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/sessions/store.py:sweep": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/sessions/store.py:remove_pairs": _ACROSS + "the worker sweeps all",
    "src/gatelodge/features/tokens/store.py:sweep": _ACROSS + "the worker sweeps all",
}

# Loops that no condition ends, by `path:function` → what bounds them.
ENDLESS_LOOPS: dict[str, str] = {
    "src/gatelodge/kit/database/commit_lock.py:_take": "the deadline, in milliseconds of waiting for another process",
}

# Operations that a browser is sent to: the client makes the address instead, `get_<name>_url`.
BY_ADDRESS: frozenset[str] = frozenset({"logout"})

# Operations whose method has another name, which users of the official SDKs know.
BY_OTHER_NAME: dict[str, str] = {"create_device": "create_device_authorization"}

# Operations that the client has no method for yet.
WITHOUT_CLIENT_METHOD: frozenset[str] = frozenset()

# Module globals that change, by path, with why each must be one.
STATE: dict[str, str] = {
    "src/gatelodge/contract/shapes.py": "what it guards is kept by msgspec for the whole process",
}
