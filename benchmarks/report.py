"""Write down what was measured, for machines and for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.measures import Plan, Rate, Tail, middle

RESULTS = Path(__file__).parent / "results"


class Report(msgspec.Struct, kw_only=True):
    """One engine's results."""

    engine: str
    version: str
    machine: dict[str, Any]
    client: str
    plan: Plan
    rates: list[Rate]
    tails: list[Tail]

    @property
    def is_met(self) -> bool:
        """Tell whether every target is reached."""
        return all(rate.is_met for rate in self.rates) and all(tail.is_met for tail in self.tails)


def save(report: Report) -> Path:
    """Write the results of an engine as JSON; another run of the same day takes its place."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{report.engine}.json"
    plain = msgspec.to_builtins(report)
    for written, rate in zip(plain["rates"], report.rates, strict=True):
        written["ratio"] = round(rate.ratio, 3)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n")
    return file


def summarise(reports: Sequence[Report]) -> Path:
    """Write the page that people read: the newest results of each engine that was measured."""
    file = RESULTS / "README.md"
    lines = [_INTRODUCTION]
    for report in reports:
        lines += [_describe(report), "", *_markdown(report), ""]
    file.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return file


def show(report: Report, console: Console) -> None:
    """Print an engine's results as a table."""
    table = Table(title=report.version, title_justify="left", box=box.SIMPLE, pad_edge=False)
    heads = ("", "Gatelodge", "this machine", "ratio", "target", "p50 ms", "p99 ms", "")
    for head in heads:
        table.add_column(head, justify="right" if head else "left", no_wrap=True)
    for row, is_met in _rows(report):
        table.add_row(*row, "[green]pass[/]" if is_met else "[red]FAIL[/]")
    console.print(table)
    for tail in report.tails:
        for fault in tail.faults:
            console.print(f"[red]{tail.name}: {fault}[/]")


def _rows(report: Report) -> list[tuple[tuple[str, ...], bool]]:
    rows: list[tuple[tuple[str, ...], bool]] = []
    for rate in report.rates:
        ours, theirs = middle(rate.gatelodge), middle(rate.machine)
        cells = (
            rate.name,
            f"{ours.rate:,.0f}/s",
            f"{theirs.rate:,.0f}/s",
            f"{rate.ratio:.0%}",
            "" if rate.target is None else f"≥ {rate.target:.0%}",
            f"{ours.p50:.1f}",
            f"{ours.p99:.1f}",
        )
        rows.append((cells, rate.is_met))
    for tail in report.tails:
        seen = middle(tail.samples)
        target = f"< {tail.target:.0f} ms"
        cells = (tail.name, f"{seen.rate:,.0f}/s", "", "", target, f"{seen.p50:.1f}", f"{seen.p99:.1f}")
        rows.append((cells, tail.is_met))
    return rows


def _markdown(report: Report) -> list[str]:
    lines = [
        "| | Gatelodge | this machine | ratio | target | p50 ms | p99 ms | |",
        "| --- | --: | --: | --: | --: | --: | --: | --- |",
    ]
    for row, is_met in _rows(report):
        lines.append(f"| {' | '.join(row)} | {'met' if is_met else '**missed**'} |")
    return lines


def _describe(report: Report) -> str:
    machine = report.machine
    loads = "/".join(f"{load:g}" for load in machine["load_average"])
    return (
        f"## {report.version}\n\n"
        f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}, a sync of 4 KiB takes "
        f"{machine['fsync_ms']:g} ms, load by {report.client}, load average before {loads}, "
        f"at {machine['commit']}; {report.plan.rounds} rounds, "
        f"{report.plan.close_rounds} of sign-ins, refreshes and cookies."
    )


_INTRODUCTION = """\
# Results of `make bench`

Written by the benchmark; the rounds are in the JSON files beside this page. *This machine* is what the same
machine does in the same minutes when only the unavoidable is done:

- **get user** (API key checked, limits, access log) against the same door bare: same server, same threads,
  one read by key, JSON out.
- **password sign-in** against argon2id alone with the same parameters, one thread a core: by argon2-cffi, and, without
  a target, by libsodium, which Gatelodge hashes with.
- **cookie** is a session cookie checked, against the official SDK of that name in the place of the machine: each
  in a process of its own, one at a time, on the same cookies of fifty sessions. Gatelodge remembers what it verified;
  **cookie seen first** is without that.
- **refresh** against one durable commit through the same writer and one RS256 signature, behind the bare door.

The two tails are measured by a client that goes before everything else on the machine, where it may, while the
server's clients are as busy as they can.

The ratio is the median of the ratios of alternating rounds, so that what else runs on the machine slows both.
Servers run in production mode with shipped defaults: limits, access log to a file, full sync.
"""
