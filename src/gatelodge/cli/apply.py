"""`gatelodge apply`: bring an installation to what a seed file says."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from cyclopts import Parameter

from gatelodge.cli.faults import explain
from gatelodge.cli.opening import Scope, choose_environment, open_runtime
from gatelodge.cli.printing import AsJson, Refused, Yes, confirm, count, note, say, show_json, working
from gatelodge.cli.seed.changes import Wrong
from gatelodge.cli.seed.checks import read_seed
from gatelodge.cli.seed.marks import Fault, Unreadable
from gatelodge.cli.seed.plan import Plan, make_plan
from gatelodge.kit.unit import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatelodge.cli.seed.changes import Detail
    from gatelodge.cli.seed.plan import Change
    from gatelodge.cli.seed.shapes import EnvironmentSeed
    from gatelodge.kit.unit import Runtime

_LARGEST = 16 << 20
_SIGNS = {"create": "+", "change": "~", "send": ">"}


def apply(
    file: Annotated[Path, Parameter(help="The seed file, YAML.")],
    /,
    *,
    plan: Annotated[bool, Parameter(help="Only show what would change.")] = False,
    yes: Yes = False,
    scope: Scope | None = None,
    as_json: AsJson = False,
) -> int:
    """Bring an installation to what a seed file says; what is so already is left alone.

    It shows first what would change, and asks. Nothing is ever deleted, and applied
    twice the file changes nothing the second time. Should a step fail, those before
    it stay, and the same command goes on from there. docs/seed.md says what may stand
    in a file.

    For example:

      gatelodge apply seed.yaml --plan
      gatelodge apply seed.yaml --yes --environment staging
    """
    scope = scope or Scope()
    seeds = read_file(file)
    with open_runtime(scope) as runtime:
        name = _choose(runtime, scope, seeds)
        with working("Comparing"), _in_file(file):
            found = make_plan(runtime, seeds, environment=name)
        if not as_json:
            show_plan(found)
        if found.changes and not plan:
            confirm(f"Make {count(len(found.changes), 'change')}?", yes=yes)
            try:
                _carry_out(found, file)
            finally:
                _show_outcome(found, as_json=as_json)
        elif as_json:
            show_json(_describe(found))
    return 0


def read_file(file: Path) -> tuple[EnvironmentSeed, ...]:
    """Read a seed file.

    Raises:
        Refused: It is not there, or wrong; every fault has its line.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise Refused(f"{file} is larger than {_LARGEST >> 20} MiB.")
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        raise Refused(f"{file} cannot be read: {(fault.strerror or str(fault)).lower()}.") from None
    except UnicodeDecodeError as fault:
        line = fault.object.count(b"\n", 0, fault.start) + 1
        raise Refused(_locate(file, Fault(line, "this is not UTF-8."))) from None
    with _in_file(file):
        return read_seed(text)


def _locate(file: Path, fault: Fault) -> str:
    return f"{file}:{fault.line}: {fault.message}"


@contextmanager
def _in_file(file: Path) -> Iterator[None]:
    try:
        yield
    except Unreadable as unreadable:
        raise Refused("\n".join(_locate(file, fault) for fault in unreadable.faults)) from None


def _choose(runtime: Runtime, scope: Scope, seeds: tuple[EnvironmentSeed, ...]) -> str | None:
    """Name the environment of a file that does not say where it belongs."""
    if all(isinstance(seed.name, str) for seed in seeds):
        if scope.environment is not None:
            raise Refused("The file says itself which environments it is for; leave out --environment.")
        return None
    name = scope.environment
    if name is None and scope.dev:
        name = _find_development(runtime)
    return choose_environment(runtime.open_unit(Actor()), name).name


def _find_development(runtime: Runtime) -> str | None:
    from gatelodge.doors.known import CLIENT_ID
    from gatelodge.features.applications import actions as applications

    client = applications.find_client(runtime.open_unit(Actor()), CLIENT_ID)
    return client.environment_id if client else None


def show_plan(found: Plan) -> None:
    """Print what would change, without any password."""
    environment = None
    for change in found.changes:
        if change.environment != environment:
            environment = change.environment
            say(f"Environment {environment}")
        say(f"  {_SIGNS[change.verb]} {change.kind} {change.name}")
        for detail in change.details:
            say(f"      {_write_detail(detail)}")
    if not found.changes:
        say("Nothing to do: everything is as the file says.")


def _write_detail(detail: Detail) -> str:
    if detail.old is None:
        return f"{detail.member}: {_write(detail.new)}"
    return f"{detail.member}: {_write(detail.old)} → {_write(detail.new)}"


def _write(value: object) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "(none)"
    if isinstance(value, dict):
        return ", ".join(f"{key} {text!r}" for key, text in value.items()) or "(none)"
    return str(value)


def _carry_out(found: Plan, file: Path) -> None:
    current: Change | None = None
    try:
        with working("Applying"):
            for change in found.carry_out():
                current = change
    except (Exception, KeyboardInterrupt) as fault:
        reason = _explain(fault)
        if reason is None or current is None:
            raise
        raise Refused(_tell_failure(found, current, file, reason=reason)) from fault


def _show_outcome(found: Plan, *, as_json: bool) -> None:
    applied = sum(change.applied for change in found.changes)
    if as_json:
        show_json(_describe(found))
    elif applied == len(found.changes):
        say(f"Applied {count(applied, 'change')}.")


def _explain(fault: BaseException) -> str | None:
    match fault:
        case KeyboardInterrupt():
            return "interrupted."
        case Wrong():
            return str(fault)
        case Exception():
            return explain(fault)
    return None


def _tell_failure(found: Plan, current: Change, file: Path, *, reason: str) -> str:
    done = [_name(each) for each in found.changes if each.applied]
    left = [_name(each) for each in found.changes if not each.applied]
    return "\n".join(
        (
            _locate(file, Fault(current.line, f"{_name(current)}: {reason}")),
            f"Applied ({len(done)}): {', '.join(done) or 'nothing'}.",
            f"Not applied ({len(left)}): {', '.join(left)}.",
            "What was applied stays; run the same command again to go on.",
        )
    )


def _name(change: Change) -> str:
    return f"{change.kind} {change.name}"


def _describe(found: Plan) -> dict[str, object]:
    shown = []
    for change in found.changes:
        details = [{"member": each.member, "old": each.old, "new": each.new} for each in change.details]
        shown.append(msgspec.structs.asdict(change) | {"details": details})
    return {"changes": shown, "applied": all(change.applied for change in found.changes)}


def sow(runtime: Runtime, file: Path, seeds: tuple[EnvironmentSeed, ...]) -> None:
    """Apply a seed file to an installation in development mode, without asking; say what was done.

    Raises:
        Refused: The file cannot be applied; each fault has its line.
    """
    with _in_file(file):
        found = make_plan(runtime, seeds, environment=_find_development(runtime))
    if found.changes:
        _carry_out(found, file)
    note(f"Seeded from {file}: {count(len(found.changes), 'change')}.")
