"""Settings as operators write them: arguments, variables and a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatelodge.kit.settings import SettingsInvalid, list_strange_variables, read_settings


def _refusal(environ: dict[str, str], file: str | None = None) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(environ=environ, file=file)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("on", True), ("off", False), ("yes", True), ("no", False), ("true", True), ("false", False), ("1", True),
     ("0", False), ("OFF", False), (" on ", True)],
)  # fmt: skip
def test_a_switch_may_be_written_as_the_docs_write_it(written: str, *, meant: bool) -> None:
    assert read_settings(environ={"GATELODGE_ACCESS_LOG": written}).access_log is meant


@pytest.mark.parametrize("written", ["", "maybe", "2", "offf"])
def test_what_is_no_switch_is_refused(written: str) -> None:
    assert _refusal({"GATELODGE_ACCESS_LOG": written}) == ["access_log: Expected on or off"]


def test_arguments_win_over_variables_and_those_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "gatelodge.toml"
    file.write_text("port = 1001\nworkers = 3\nhost = '::1'\naccess_log = false\n")
    environ = {"GATELODGE_PORT": "1002", "GATELODGE_WORKERS": "4"}

    settings = read_settings({"port": 1003, "host": None}, environ=environ, file=str(file))

    assert (settings.port, settings.workers, settings.host, settings.access_log) == (1003, 4, "::1", False)


def test_a_secret_may_stand_in_a_file_of_its_own_and_a_variable_wins_over_it(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the key of the file\n")
    named = {"GATELODGE_MASTER_KEY_FILE": str(file)}

    assert read_settings(environ=named).master_key == "the key of the file"
    assert read_settings(environ={**named, "GATELODGE_MASTER_KEY": "another"}).master_key == "another"
    assert _refusal({"GATELODGE_MASTER_KEY_FILE": "/nowhere/key"})[0].startswith("GATELODGE_MASTER_KEY_FILE: ")


def test_files_that_are_no_text_are_told_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "bytes"
    file.write_bytes(b"\xff\xfe\x00")

    assert _refusal({}, file=str(file)) == [f"config {file}: it is no text in UTF-8"]
    assert _refusal({"GATELODGE_SMTP_PASSWORD_FILE": str(file)}) == [
        "GATELODGE_SMTP_PASSWORD_FILE: it is no text in UTF-8"
    ]


def test_variables_that_only_look_like_settings_are_found() -> None:
    known = ["GATELODGE_CONFIG", "GATELODGE_PORT", "GATELODGE_MASTER_KEY_FILE", "GATELODGE_API_KEY", "PATH"]
    strange = ["GATELODGE_ACESS_LOG", "GATELODGE_PORT_FILE"]

    assert list_strange_variables(dict.fromkeys([*strange, *known], "")) == strange


def test_every_fault_is_told_at_once_and_no_value_is_repeated(tmp_path: Path) -> None:
    file = tmp_path / "gatelodge.toml"
    file.write_text('colour = "red"\nport = 70000\n')

    told = _refusal({"GATELODGE_WORKERS": "s3cret"}, file=str(file))

    assert [line.partition(":")[0] for line in sorted(told)] == ["colour", "port", "workers"]
    assert not [line for line in told if "s3cret" in line or "70000" in line or "red" in line]
