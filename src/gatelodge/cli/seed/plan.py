"""Compare a seed file with an installation, and bring the one to what the other says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import UNSET

from gatelodge.cli.printing import Refused
from gatelodge.cli.seed import authorize, invite, organize, populate, settle
from gatelodge.cli.seed.changes import Detail, Difference, Step, Wrong
from gatelodge.cli.seed.marks import Fault, Unreadable
from gatelodge.cli.seed.shapes import EnvironmentSeed
from gatelodge.contract.errors import GatelodgeError
from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor, Runtime, Unit


class Change(msgspec.Struct, kw_only=True):
    """Something that is not yet as the file says; `applied` once it is."""

    environment: str
    verb: str
    kind: str
    name: str
    line: int
    details: list[Detail]
    applied: bool = False


class Plan:
    """The changes that a file asks for, in the order in which they are made."""

    def __init__(self, runtime: Runtime) -> None:
        """Begin with nothing."""
        self._runtime = runtime
        self._steps: list[Step] = []
        self.changes: list[Change] = []

    def add(self, step: Step, difference: Difference, *, environment: str) -> None:
        """Plan one more change."""
        self._steps.append(step)
        self.changes.append(
            Change(
                environment=environment,
                verb=difference.verb,
                kind=step.kind,
                name=step.name,
                line=step.line,
                details=difference.details,
            )
        )

    def carry_out(self) -> Iterator[Change]:
        """Make the changes one by one; gives each before it is made, and marks it afterwards.

        Every change is a transaction of its own, and each is compared anew: what somebody
        else has done meanwhile is not done again.

        Raises:
            Wrong, GatelodgeError: The change that was given last failed; those before it stay.
        """
        for change, step in zip(self.changes, self._steps, strict=True):
            yield change
            unit = _open(self._runtime, change.environment)
            difference = step.look(unit)
            if difference is not None:
                difference.carry_out(unit)
            change.applied = True


def make_plan(runtime: Runtime, seeds: Sequence[EnvironmentSeed], *, environment: str | None) -> Plan:
    """Compare a file with what is there; nothing is changed.

    `environment` names where a file belongs that does not say so.

    Raises:
        Unreadable: With the line of everything that could not be done.
        Refused: It is not clear which environment is meant.
    """
    plan = Plan(runtime)
    faults: list[Fault] = []
    for seed in seeds:
        name = environment if seed.name is UNSET else seed.name
        if name is None:
            raise Refused("The file names no environment.")
        unit = _open(runtime, name)
        for step in _list_steps(seed, name):
            try:
                difference = step.look(unit)
            except (GatelodgeError, Wrong) as fault:
                faults.append(Fault(step.line, f"{step.kind} {step.name}: {fault}"))
                continue
            if difference is not None:
                plan.add(step, difference, environment=name)
    if faults:
        raise Unreadable(faults)
    return plan


def _list_steps(seed: EnvironmentSeed, name: str) -> Iterator[Step]:
    yield settle.create_step(seed, name)
    yield from settle.list_steps(seed)
    yield from authorize.list_steps(seed)
    yield from organize.list_steps(seed)
    yield from populate.list_steps(seed)
    yield from invite.list_steps(seed)


def _open(runtime: Runtime, name: str) -> Unit:
    """Open a unit in an environment; while there is none of this name, nothing is found in it."""
    unit = runtime.open_unit(Actor())
    found = applications.find_environment(unit, name)
    if found is None:
        return unit
    client = applications.first_client(unit, found.id)
    actor = Actor(environment_id=found.id, client_id=client.id if client else None, believed=True)
    return unit.act_as(actor)
