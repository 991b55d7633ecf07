"""The master key beside the data: one key whoever comes first, never half of one, and where it was asked for."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gatelodge.cli.opening import Place, find_settings
from gatelodge.doors.assemble import assemble, close
from gatelodge.doors.master_key import NotReady, find_master_key
from gatelodge.kit.entropy import SystemEntropy
from gatelodge.kit.settings import Settings


def test_all_that_start_at_once_take_one_whole_key(tmp_path: Path) -> None:
    racers = 8
    for number in range(30):
        settings = Settings(database_url=f"sqlite:///{tmp_path}/{number}.db", development=True)
        barrier = threading.Barrier(racers)

        def find(_: int, settings: Settings = settings, barrier: threading.Barrier = barrier) -> str:
            barrier.wait(timeout=10)
            return find_master_key(settings, SystemEntropy())

        with ThreadPoolExecutor(racers) as pool:
            keys = set(pool.map(find, range(racers)))

        assert len(keys) == 1
        assert len(keys.pop()) >= 32
    # Nothing is left of the keys that came too late.
    assert len(list(tmp_path.iterdir())) == 30


def test_development_keeps_the_key_of_another_database_in_the_data_folder(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = find_settings(Place(dev=True, database=database_url, data=tmp_path / "elsewhere"))

    close(assemble(settings))

    beside = Path(database_url.removeprefix("sqlite:///") + ".master-key")
    key = beside if settings.database_url.startswith("sqlite") else tmp_path / "elsewhere" / "gatelodge.master-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not (tmp_path / "var").exists()


def test_outside_development_no_file_brings_a_key(tmp_path: Path) -> None:
    (tmp_path / "app.db.master-key").write_text("a master key of the tests, long enough")

    with pytest.raises(NotReady, match="GATELODGE_MASTER_KEY"):
        find_master_key(Settings(database_url=f"sqlite:///{tmp_path}/app.db"), SystemEntropy())
