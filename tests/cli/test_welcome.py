from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.running import LAST_LINE, await_output
from tests.conftest import StartServer
from tests.harness.servers import Server


def lines_to_paste(running: Server, after: str) -> str:
    """Give the lines that follow a heading of the welcome, whole, as a terminal copies them."""
    lines = await_output(running, LAST_LINE).partition(after)[2].splitlines()
    wanted = []
    for line in lines[2:]:
        if not line.strip():
            break
        wanted.append(line)
    return "\n".join(wanted)


def paste(program: list[str], text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        program, input=text + "\n", cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_curl_line_works_when_pasted_and_pasted_again(server: StartServer, tmp_path: Path) -> None:
    running = server()
    line = lines_to_paste(running, "with curl:")

    first = paste(["sh"], line, tmp_path)
    second = paste(["sh"], line, tmp_path)

    assert first.stderr == second.stderr == ""
    assert first.stdout == second.stdout == '{"data":[],"list_metadata":{"before":null,"after":null},"object":"list"}'


def test_the_five_lines_of_python_work_when_pasted_and_pasted_again(server: StartServer, tmp_path: Path) -> None:
    running = server()
    lines = lines_to_paste(running, "or with Python")

    first = paste([sys.executable], lines, tmp_path)
    at_the_prompt = paste([sys.executable, "-i", "-q"], lines, tmp_path)

    assert len(lines.splitlines()) == 5
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    for told in (first.stdout, at_the_prompt.stdout):
        email, token, status = told.split()
        assert (email.endswith("@example.com"), token[:2], status) == (True, "ey", "active")


def test_what_is_printed_names_what_the_server_answers_to(server: StartServer) -> None:
    running = server()
    text = await_output(running, LAST_LINE)

    assert f"development mode, on http://localhost:{running.port}\n" in text
    assert f"client id    {running.client_id}\n" in text
    assert f"API key      {running.api_key}\n" in text
    assert f"mails, SMS   {running.base_url.replace('127.0.0.1', 'localhost')}/_dev/inbox\n" in text
    assert running.http(api_key="").get("/_dev/inbox").status_code == 200


def test_what_is_printed_fits_a_terminal_but_for_the_lines_to_paste(server: StartServer) -> None:
    head = await_output(server(), LAST_LINE).partition("or with Python")[0]

    assert max(len(line) for line in head.splitlines() if "  data " not in line) <= 80
