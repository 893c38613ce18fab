"""The example study: simulated, always the same, its truth written down."""

import numpy as np
import pandas as pd
import pytest

from bowlby.recordings.example import KINDS, TRUTH, write_example

COUPLED = [name for name, truth in TRUTH.items() if truth.correlation > 0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    write_example(folder)
    return folder


def motion(folder, name):
    table = pd.read_csv(folder / f"{name}.csv")
    table = table[table.signal == "motion"]
    return tuple(
        table.value[table.person == role]
        .rolling(13, center=True, min_periods=1)
        .mean()
        .to_numpy()
        for role in ("client", "therapist")
    )


def correlation_at(x, y, lag):
    first = x[max(-lag, 0) : len(x) - max(lag, 0)]
    second = y[max(lag, 0) : len(y) - max(-lag, 0)]
    is_there = np.isfinite(first) & np.isfinite(second)
    return np.corrcoef(first[is_there], second[is_there])[0, 1]


def test_one_table_a_dyad_is_written(tmp_path):
    paths = write_example(tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [f"{name}.csv" for name in TRUTH]


def test_the_example_is_the_same_at_every_call(folder, tmp_path):
    write_example(tmp_path)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_the_example_is_small(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6e6


def test_the_readme_says_that_nobody_was_recorded(folder):
    assert (folder / "README.txt").read_text().startswith("SIMULATED DATA. Nobody was recorded")


@pytest.mark.parametrize("name", TRUTH)
def test_the_readme_tells_the_truth_of_every_dyad(folder, name):
    truth = TRUTH[name]
    (line,) = (
        line for line in (folder / "README.txt").read_text().splitlines() if name in line
    )
    lag = f"motion {truth.lag_s['motion']:+g}"
    assert (lag in line) == (truth.correlation > 0)


@pytest.mark.parametrize("name", TRUTH)
def test_every_dyad_has_every_signal_of_both(folder, name):
    table = pd.read_csv(folder / f"{name}.csv")
    assert set(zip(table.person, table.signal, strict=True)) == {
        (role, kind) for role in ("client", "therapist") for kind in KINDS
    }


@pytest.mark.parametrize("name", COUPLED)
def test_the_planted_lead_can_be_found(folder, name):
    x, y = motion(folder, name)
    lags = np.arange(-125, 126)
    best = lags[np.argmax([correlation_at(x, y, lag) for lag in lags])]
    assert best / 25.0 == pytest.approx(TRUTH[name].lag_s["motion"], abs=0.2)


def test_the_control_dyad_is_not_coupled(folder):
    x, y = motion(folder, "dyad-04")
    assert abs(correlation_at(x, y, 0)) < 0.15


def test_the_pause_has_rows_without_values(folder):
    table = pd.read_csv(folder / "dyad-03.csv")
    rows = table[(table.signal == "motion") & (table.person == "client")]
    missing = rows.time[rows.value.isna()]
    assert (missing.min(), missing.max()) == (270.0, pytest.approx(299.96))


def test_participants_name_the_therapist_seen_twice(folder):
    table = pd.read_csv(folder / "participants.tsv", sep="\t")
    assert list(table.recording) == list(TRUTH)
    assert list(table.therapist) == ["T01", "T02", "T01", "T02"]
