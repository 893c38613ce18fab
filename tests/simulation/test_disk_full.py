"""A disk that fills up during a run: the cause is named and nothing half written is left."""

import errno
import os

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.courses.course import build_course
from bowlby.simulation import schedule
from bowlby.simulation import simulate as simulating
from bowlby.studies.simulation_run import run_course, run_published

SMALL = {
    "kind": "childhood", "dyads": 3, "keep": "encounters",
    "childhood": {"encounters": 1, "ticks": 50},
}  # fmt: skip

WRITERS = {
    "the trajectories": "xarray.Dataset.to_zarr",
    "a table": "pandas.DataFrame.to_parquet",
    "run.json": "bowlby.studies.simulation_run.write_manifest",
    "the report": "bowlby.reports.simulation.write_simulation_report",
    "the move into place": "bowlby.runs.folder.put_in_place",
}


@pytest.fixture(autouse=True)
def two_chunks(monkeypatch):
    """Three dyads are two chunks of two."""
    monkeypatch.setattr(schedule, "CHUNK", 2)


def disk_full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
def test_a_disk_full_while_writing_a_course_leaves_no_output_folder(
    writer, tmp_path, monkeypatch
):
    monkeypatch.setattr(writer, disk_full)
    with pytest.raises(OSError, match="No space left on device"):
        run_course(build_course(SMALL), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == [".out.partial"]


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
def test_a_disk_full_while_writing_a_published_model_leaves_nothing(
    writer, tmp_path, monkeypatch
):
    monkeypatch.setattr(writer, disk_full)
    with pytest.raises(OSError, match="No space left on device"):
        run_published("regulator", tmp_path / "out", seed=0)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_named_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.setattr(WRITERS["run.json"], disk_full)
    result = CliRunner().invoke(app, ["simulate", "regulator", "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "No space left on device" in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())


def test_once_there_is_room_a_run_goes_on_and_ends_as_if_nothing_had_happened(
    tmp_path, monkeypatch
):
    course = build_course(SMALL)
    with monkeypatch.context() as full:
        full.setattr(WRITERS["a table"], disk_full)
        with pytest.raises(OSError, match="No space left"):
            run_course(course, tmp_path / "out")
    with monkeypatch.context() as again:
        again.setattr(simulating, "simulate_chunk", _simulated_again)
        resumed = run_course(course, tmp_path / "out")
    undisturbed = run_course(course, tmp_path / "undisturbed")
    pd.testing.assert_frame_equal(resumed.readouts, undisturbed.readouts)
    assert {path.name for path in tmp_path.iterdir()} == {"out", "undisturbed"}


def _simulated_again(*_, **__):
    pytest.fail("A chunk that is on disk was simulated again.")


def test_a_chunk_cut_off_by_a_full_disk_is_simulated_again(tmp_path, monkeypatch):
    course = build_course(SMALL)

    def half_written(file, **_):
        file.write(b"half of a chunk")
        disk_full()

    with monkeypatch.context() as full:
        full.setattr(np, "savez", half_written)
        with pytest.raises(OSError, match="No space left"):
            run_course(course, tmp_path / "out")
    assert not list(tmp_path.rglob("*.npz*"))
    assert len(run_course(course, tmp_path / "out").readouts) == 3
