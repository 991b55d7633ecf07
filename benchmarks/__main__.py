"""Run the benchmark: `make bench`, or `make bench ARGS="--quick --engine sqlite"`."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from benchmarks import cookies, machine, measures, reads, report
from benchmarks.measures import Plan, Rate
from benchmarks.report import Report
from benchmarks.stage import Stage, set_stage
from tests.harness.unavailable import Unavailable

_FULL = Plan(rounds=5, seconds=2, close_rounds=15, sign_in_seconds=3, cookie_seconds=1, users=200)
_QUICK = Plan(rounds=3, seconds=1, close_rounds=3, sign_in_seconds=3, cookie_seconds=1, users=200)
_WIDTH = 118
_ENGINES = ("sqlite", "postgres")


def main() -> int:
    """Measure, print and write down; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="make bench", description="Measure Gatelodge against this machine.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds; nothing is written")
    parser.add_argument("--engine", choices=_ENGINES, action="append", help="only this one")
    chosen = parser.parse_args()
    console = Console()
    console.width = max(console.width, _WIDTH)
    if not reads.has_wrk():
        console.print(f"gatelodge: {reads.MISSING}", soft_wrap=True)
    reports = []
    for engine in chosen.engine or _ENGINES:
        try:
            measured = _measure(engine, _QUICK if chosen.quick else _FULL, console)
        except Unavailable as reason:
            console.print(f"gatelodge: not measured: {reason}", soft_wrap=True)
            continue
        report.show(measured, console)
        reports.append(measured)
        if not chosen.quick:
            report.save(measured)
    if reports and not chosen.quick:
        console.print(f"written: {report.summarise(reports)}", soft_wrap=True)
    return 0 if reports and all(measured.is_met for measured in reports) else 1


def _measure(engine: str, plan: Plan, console: Console) -> Report:
    with console.status(f"{engine}: starting") as status, set_stage(engine, users=plan.users) as stage:
        described = machine.describe(stage.folder)
        status.update(f"{engine}: get user")
        rates = [measures.measure_reads(stage, plan)]
        status.update(f"{engine}: password sign-in")
        sign_ins, tokens = measures.measure_sign_ins(stage, plan)
        status.update(f"{engine}: refresh")
        rates += [*sign_ins, measures.measure_refreshes(stage, plan, tokens)]
        tails = []
        if engine == "sqlite":
            rates += _measure_cookies(stage, plan, console)
            status.update(f"{engine}: tail beside sign-ins")
            tails.append(measures.measure_tail_beside_sign_ins(stage, plan))
            status.update(f"{engine}: tail beside slow clients")
            tails.append(measures.measure_tail_beside_slow_clients(stage, plan))
        client = "wrk" if reads.has_wrk() else "our own client"
        return Report(
            engine=engine,
            version=stage.version,
            machine=described,
            client=client,
            plan=plan,
            rates=rates,
            tails=tails,
        )


def _measure_cookies(stage: Stage, plan: Plan, console: Console) -> list[Rate]:
    """Measure what no engine matters for; an SDK that cannot be had is said and left out."""
    rates = []
    for measure in (cookies.measure_against_python, cookies.measure_first_sight, cookies.measure_against_node):
        try:
            rates.append(measure(stage, plan))
        except Unavailable as reason:
            console.print(f"gatelodge: not measured: {reason}", soft_wrap=True)
    return rates


if __name__ == "__main__":
    sys.exit(main())
