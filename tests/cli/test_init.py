from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest

from gatelodge.kit.settings import Settings, read_settings
from tests.cli.running import Shell


def read(file: Path) -> dict[str, object]:
    return tomllib.loads(file.read_text())


def test_the_configuration_can_be_read_by_its_owner_only_and_serves(shell: Shell) -> None:
    ran = shell.run("init", "--base-url", "https://auth.example.com")

    file = shell.folder / "gatelodge.toml"
    assert ran.status == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = read_settings(environ={}, file=str(file))
    assert len(settings.master_key) == 43
    assert settings.base_url == "https://auth.example.com"
    assert settings.database_url == f"sqlite:///{shell.folder}/var/gatelodge.db"


def test_the_master_key_is_fresh_and_is_not_printed(shell: Shell) -> None:
    first = shell.run("init", "--dir", "one")
    second = shell.run("init", "--dir", "two", "--json")

    keys = [str(read(shell.folder / name / "gatelodge.toml")["master_key"]) for name in ("one", "two")]
    assert keys[0] != keys[1]
    assert keys[0] not in first.out + first.err
    assert keys[1] not in second.out + second.err


def test_what_stands_in_comments_are_settings_with_their_defaults(shell: Shell) -> None:
    shell.run("init")

    text = (shell.folder / "gatelodge.toml").read_text()
    commented = tomllib.loads("\n".join(re.findall(r"^# (\w+ = .+)$", text, re.MULTILINE)))
    assert len(commented) > 10
    assert commented.pop("base_url") == "https://auth.example.com"
    assert commented == {name: getattr(Settings(), name) for name in commented}


def test_a_configuration_that_is_there_is_never_overwritten(shell: Shell) -> None:
    shell.run("init")
    before = (shell.folder / "gatelodge.toml").read_text()

    assert "is there already" in shell.run("init").fault
    assert (shell.folder / "gatelodge.toml").read_text() == before


def test_a_file_in_the_place_of_the_folder_is_told_as_what_it_is(shell: Shell) -> None:
    (shell.folder / "notes.txt").write_text("a file")

    fault = shell.run("init", "--dir", "notes.txt").fault

    file = shell.folder / "notes.txt"
    assert fault == f"{file}/gatelodge.toml cannot be written: {file} is no folder."


@pytest.mark.parametrize(
    "typed", ["init --dir {}", "users list --database sqlite:///{}", "doctor --database sqlite:///{}"]
)
def test_a_name_that_is_too_long_is_refused_in_one_line(small: Shell, typed: str) -> None:
    name = "n" * 300

    fault = small.run(*typed.format(name).split()).fault

    assert name in fault
    assert fault.endswith(": file name too long.")


def test_with_force_the_former_configuration_is_kept_under_another_name(shell: Shell) -> None:
    shell.run("init")
    before = (shell.folder / "gatelodge.toml").read_text()

    replaced = shell.json("init", "--force")["replaced"]
    again = shell.json("init", "--force")["replaced"]

    assert Path(replaced).read_text() == before
    assert stat.S_IMODE(Path(replaced).stat().st_mode) == 0o600
    assert replaced != again
    assert (shell.folder / "gatelodge.toml").read_text() != before


def test_a_base_url_or_database_that_cannot_work_is_refused_before_anything_is_written(shell: Shell) -> None:
    ran = shell.run("init", "--base-url", "auth.example.com/", "--database", "mysql://db")

    assert ran.status == 1
    assert "GATELODGE_BASE_URL is not such as" in ran.err
    assert "--database begins with" in ran.err
    assert not list(shell.folder.iterdir())


def test_a_folder_that_cannot_be_written_is_one_line(shell: Shell) -> None:
    (shell.folder / "file").write_text("")

    assert "cannot be written" in shell.run("init", "--dir", "file/inside").fault


def test_the_printed_steps_lead_to_an_installation_that_a_doctor_finds_well(shell: Shell) -> None:
    steps = shell.run("init", "--base-url", "https://auth.example.com").out.partition("Next:")[2].splitlines()
    commands = [line.partition("#")[0].split() for line in steps if line.startswith("  ")]
    export, *rest = [words for words in commands if words != ["gatelodge", "serve"]]
    name, _, value = export[1].partition("=")
    shell.exported[name] = value

    ended = [shell.run_cold(*words[1:]) for words in rest]

    assert [words[1] for words in rest] == ["migrate", "environments", "keys", "doctor"]
    assert [ran.status for ran in ended] == [0, 0, 0, 0], ended


def test_a_configuration_that_nobody_named_is_told_of(shell: Shell) -> None:
    assert shell.run("init", "--base-url", "https://auth.example.com").status == 0

    for command in (("serve",), ("users", "list")):
        assert "./gatelodge.toml is read where --config or GATELODGE_CONFIG names it." in shell.run(*command).err


def test_a_database_that_another_key_has_sealed_is_told_before_it_fails_to_open(shell: Shell) -> None:
    database = shell.folder / "var" / "gatelodge.db"
    database.parent.mkdir()
    database.touch()

    assert "does not open it; name a new database with --database" in shell.run("init").fault
    assert not (shell.folder / "gatelodge.toml").exists()
    forced = shell.run("init", "--force")
    assert (forced.status, "does not open it" in forced.err) == (0, True)
    assert shell.run("init", "--dir", "other", "--database", f"sqlite:///{shell.folder}/new.db").status == 0
