from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatelodge.cli import make_app
from tests.cli.running import Shell

COMMANDS = [
    "serve",
    "init",
    "migrate",
    "apply",
    "backup",
    "doctor",
    "environments",
    "environments list",
    "environments create",
    "environments allow-redirect",
    "environments allow-sign-out",
    "environments allow-origin",
    "environments remove-redirect",
    "environments remove-sign-out",
    "environments remove-origin",
    "environments delete",
    "keys",
    "keys list",
    "keys create",
    "keys revoke",
    "keys rotate",
    "keys rewrap",
    "users",
    "users list",
    "users show",
    "users create",
    "users delete",
    "users sign-out",
    "outbox",
    "outbox list",
    "outbox retry",
    "outbox drop",
]


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    make_app()([*command.split(), "--help"], result_action="return_value")
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_by_an_example_of_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"\nFor example:\n\n  gatelodge {command}" in help_of(command, capsys)


def test_the_list_of_commands_says_what_each_is_for(shell: Shell) -> None:
    ran = shell.run_cold("--help")

    for line in ("serve         Run the server.", "doctor        Look for what is wrong with an installation."):
        assert line in ran.out
    assert shell.run_cold().out == ran.out


@pytest.mark.parametrize("command", ["", "environments", "keys", "outbox", "users"])
def test_no_command_is_missing_from_the_tests_of_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    listed = help_of(command, capsys).partition("Commands")[2]

    names = [line.split()[1] for line in listed.splitlines() if line.startswith("│ ") and line[2] not in " -"]
    assert names
    assert not {f"{command} {name}".strip() for name in names} - set(COMMANDS)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("usres list", 'Unknown command "usres". Did you mean "users"?'),
        ("users lst", 'Unknown command "lst". Did you mean "list"?'),
        ("users list --limt 3", "Unknown option: --limt. Did you mean --limit?"),
        ("users list --limit many", 'Invalid value for --limit: unable to convert "many" into int.'),
        ("users show", 'Command "users show" parameter WHO requires an argument.'),
    ],
)
def test_a_mistyped_command_gets_one_line_that_says_where_to_look(shell: Shell, typed: str, fault: str) -> None:
    said = shell.run_cold(*typed.split()).fault

    assert fault in said
    assert "--help`." in said


@pytest.mark.parametrize("typed", ["users show", "keys list --environment", "init --dir"])
def test_bytes_that_are_no_text_are_refused_before_anything_is_done(small: Shell, typed: str) -> None:
    said = small.run_cold(*typed.split(), os.fsdecode(b"\xff")).fault

    assert said == "An argument is no text in UTF-8."
    assert not [file for file in small.folder.iterdir() if file.is_dir()]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_on_commands_names_every_one(command: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text()
    name, _, verb = command.partition(" ")

    row = next(line for line in page.splitlines() if line.startswith(f"| `gatelodge {name}` |"))
    assert not verb or f"`{verb}`" in row


def test_the_module_is_the_command(shell: Shell) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "gatelodge", "users", "--help"],
        cwd=shell.folder,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == shell.run("users", "--help").out
