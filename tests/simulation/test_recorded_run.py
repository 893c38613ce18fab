"""A run that also measures the signals of a subsample: its tables, and going on after a stop."""

import pandas as pd
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation import simulate as simulating
from bowlby.studies.simulation_run import run_course

COURSE = {
    "kind": "childhood", "dyads": 3, "keep": "encounters",
    "childhood": {"encounters": 2, "ticks": 50},
    "synchrony": {"dyads": 2, "sessions": 1, "minutes": 8, "signals": ["heart"]},
}  # fmt: skip


def test_a_run_stopped_while_measuring_goes_on_and_ends_with_the_same_table(
    tmp_path, monkeypatch
):
    course = build_course(COURSE)
    with monkeypatch.context() as patched:

        def stopped(*_, **__):
            raise KeyboardInterrupt

        patched.setattr(simulating, "simulate_synchrony", stopped)
        with pytest.raises(KeyboardInterrupt):
            run_course(course, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    seen = []
    run_course(course, tmp_path / "out", on_progress=lambda *now: seen.append(now))
    run_course(course, tmp_path / "whole")
    again, whole = (
        pd.read_parquet(tmp_path / name / "readouts.parquet") for name in ("out", "whole")
    )
    pd.testing.assert_frame_equal(again, whole)
    assert whole.synchrony_heart.notna().sum() == 2
    done = [(now, of) for stage, now, of in seen if stage == "Simulating"]
    assert done[-1][0] == done[-1][1]
