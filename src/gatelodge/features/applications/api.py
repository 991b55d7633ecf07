"""Which operation runs which action; environments and keys are tended by the CLI."""

from gatelodge.kit.route import Route

ROUTES: tuple[Route, ...] = ()
