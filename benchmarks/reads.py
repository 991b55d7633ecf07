"""Load of one fixed GET: by wrk where it is installed, else by our own client."""

from __future__ import annotations

import re
import shutil
import subprocess

import msgspec

from benchmarks.conversation import write_request
from benchmarks.processes import start
from benchmarks.scripts import repeat

MISSING = (
    "wrk is not installed (sudo apt install wrk): a slower client of our own takes its place, "
    "and the cores it shares make rates lower and ratios kinder."
)
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Answers in a second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


class LoadFailed(Exception):
    """The load was answered by errors, so that its rate means nothing."""


def has_wrk() -> bool:
    """Tell whether wrk is installed."""
    return shutil.which("wrk") is not None


def load(url: str, *, key: str = "", seconds: float, connections: int) -> Sample:
    """Get `url` on so many connections, each waiting for its answer before it asks again.

    Raises:
        LoadFailed: An answer was not 200, or a connection broke.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if has_wrk():
        return _load_by_wrk(url, headers, seconds=seconds, connections=connections)
    authority, _, path = url.removeprefix("http://").partition("/")
    request = write_request("GET", f"/{path}", headers=headers)
    port = int(authority.rpartition(":")[2])
    outcome = start(repeat, port, request, connections=connections, seconds=seconds).result()
    if set(outcome.statuses) - {200} or outcome.unanswered:
        raise LoadFailed(f"{url}: {outcome.statuses}, {outcome.unanswered} unanswered")
    return Sample(rate=outcome.rate, p50=outcome.percentile(50), p99=outcome.percentile(99))


def _load_by_wrk(url: str, headers: dict[str, str], *, seconds: float, connections: int) -> Sample:
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "--timeout", "10s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run([*command, url], capture_output=True, text=True, timeout=seconds + 60, check=True)
    return read_report(done.stdout)


def read_report(report: str) -> Sample:
    """Read what wrk prints.

    Raises:
        LoadFailed: It tells of errors.
    """
    faults = re.findall(r"(?:Non-2xx|Socket errors).*", report)
    if faults:
        raise LoadFailed("; ".join(faults))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    assert rate is not None, report
    if not float(rate[1]):
        raise LoadFailed("there was no answer at all")
    return Sample(rate=float(rate[1]), p50=_percentile(report, 50), p99=_percentile(report, 99))


def _percentile(report: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", report, re.MULTILINE)
    assert found is not None, report
    return float(found[1]) * _MILLISECONDS[found[2]]
