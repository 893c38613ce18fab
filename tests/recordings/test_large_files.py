"""Large files are read in pieces: the same numbers as at once, and the same refusals."""

import numpy as np
import pandas as pd
import pytest

from bowlby.recordings.preparation import heart
from bowlby.recordings.recording import RecordingError, Signal
from bowlby.recordings.tables import gridding, streaming
from bowlby.recordings.tables.parsing import read_text_table

N = 4000


@pytest.fixture
def in_pieces(monkeypatch):
    monkeypatch.setattr(streaming, "LARGE", 1000)
    monkeypatch.setattr(streaming, "_PIECE", 5000)
    used = []
    known = streaming.read_pieces

    def read_pieces(*args):
        used.append(known(*args))
        return used[-1]

    monkeypatch.setattr("bowlby.recordings.tables.parsing.read_pieces", read_pieces)
    return used


def rows(decimal="."):
    values = np.random.default_rng(1).normal(5, 1, (N, 2))
    cells = [[f"{i / 4:.2f}", f"{a:.4f}", f"{b:.4f}"] for i, (a, b) in enumerate(values)]
    return [[cell.replace(".", decimal) for cell in row] for row in cells]


def text(body, delimiter=",", end="\n", last="\n"):
    head = ["made by a device", delimiter.join(["time", "client_eda", "therapist_eda"])]
    return end.join([*head, *(delimiter.join(row) for row in body)]) + last


CASES = {
    "plain": text(rows()),
    "windows": text(rows(), end="\r\n"),
    "comma": text(rows(","), ";"),
    "no last line end": text(rows(), last=""),
    "blank end": text(rows(), last="\n\n\n"),
    "cut last row": text([*rows(), ["1000.00", "5."]], last=""),
    "missing": text(
        [[*row[:2], "NA" if i % 9 == 0 else row[2]] for i, row in enumerate(rows())]
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_pieces_hold_the_same_as_the_whole(tmp_path, in_pieces, monkeypatch, name):
    path = tmp_path / "s.csv"
    path.write_bytes(CASES[name].encode())
    found = read_text_table(path)
    assert in_pieces[0] is not None
    monkeypatch.setattr(streaming, "LARGE", 1 << 30)
    whole = read_text_table(path)
    pd.testing.assert_frame_equal(found.frame, whole.frame)
    np.testing.assert_array_equal(found.lines, whole.lines)
    assert (found.notes, found.units, found.preamble) == (
        whole.notes, whole.units, whole.preamble,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "said"), [(["1.0", "x", "2"], "line 2003"), (["1.0", "2"] * 40, "values where 3")]
)
def test_a_damaged_piece_is_judged_by_the_whole(tmp_path, in_pieces, bad, said):
    body = rows()
    body[2000:2010] = [bad] * 10
    path = tmp_path / "s.csv"
    path.write_text(text(body))
    with pytest.raises(RecordingError, match=said):
        read_text_table(path)
    assert in_pieces == [None]


def test_even_times_keep_the_columns_as_they_are():
    times = np.arange(50) / 4 + 3
    column = np.arange(50.0)
    grid = gridding.on_grid(times, [column], np.arange(50), file="s.csv", where="x")
    assert grid.columns[0] is column
    assert (grid.rate_hz, grid.start_s) == (4.0, 3.0)
    holed = np.delete(times, [20, 21])
    grid = gridding.on_grid(holed, [column[:48]], np.arange(48), file="s.csv", where="x")
    assert np.flatnonzero(np.isnan(grid.columns[0])).tolist() == [20, 21]


def test_beats_of_a_long_ecg_are_the_same_in_pieces(monkeypatch):
    rate, seconds = 250, 400
    rng = np.random.default_rng(2)
    values = rng.normal(0, 0.01, rate * seconds)
    at = np.cumsum(rng.normal(0.8, 0.03, 520))
    spike = np.exp(-((np.arange(-15, 16) / rate / 0.012) ** 2))
    for beat in at[at < seconds - 1]:
        values[round(beat * rate) - 15 : round(beat * rate) + 16] += spike
    signal = Signal("ecg", values, rate)
    whole = heart.find_beats(signal)
    monkeypatch.setattr(heart, "_PIECE", 20_011)
    pieces = heart.find_beats(signal)
    assert len(pieces.times_s) == len(whole.times_s)
    np.testing.assert_allclose(pieces.times_s, whole.times_s, atol=0.002)
