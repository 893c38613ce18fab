"""Lists of the moments of beats, in any unit, are beats and never a signal."""

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read
from bowlby.recordings.recording import Beats, RecordingError


@pytest.fixture(scope="module")
def beats():
    rng = np.random.default_rng(4)
    return [np.cumsum(rng.normal(mean, 0.04, 300)) + 2.5 for mean in (0.8, 0.9)]


def written(tmp_path, beats, head, scale=1.0, form=".3f"):
    files = []
    for who, at in zip(("client", "therapist"), beats, strict=True):
        files.append(tmp_path / f"{who}.txt")
        rows = [f"{v:{form}}" for v in at * scale]
        files[-1].write_text("\n".join([*([head] if head else []), *rows]))
    return files


def is_right(recording, beats):
    for partner, at in zip((recording.first, recording.second), beats, strict=True):
        found = partner.signals["ibi"]
        assert isinstance(found, Beats)
        np.testing.assert_allclose(found.times_s, at[1:], atol=0.002)
        np.testing.assert_allclose(found.ibi_ms, np.diff(at) * 1000, atol=2)


@pytest.mark.parametrize(
    ("head", "scale"), [("rpeak_time_s", 1), ("R-peaks (ms)", 1000), ("beats", 1), ("", 1)]
)
def test_moments_of_beats(tmp_path, beats, head, scale):
    is_right(read(written(tmp_path, beats, head, scale)), beats)


def test_peaks_counted_in_samples_need_the_rate(tmp_path, beats):
    files = written(tmp_path, beats, "R_peak_sample", 500, ".0f")
    with pytest.raises(RecordingError, match=r"--rate 1000"):
        read(files)
    is_right(read(files, ReadOptions(rate_hz=500.0)), beats)
    with pytest.raises(RecordingError, match="100% of its steps"):
        read(files, ReadOptions(rate_hz=50.0))


def test_moments_of_two_people_side_by_side(tmp_path, beats):
    n = max(map(len, beats))
    cells = [[f"{v:.3f}" for v in at] + [""] * (n - len(at)) for at in beats]
    rows = [",".join(row) for row in zip(*cells, strict=True)]
    path = tmp_path / "s.csv"
    path.write_text("\n".join(["client_Rpeaks_s,therapist_Rpeaks_s", *rows]))
    is_right(read(path), beats)


def test_a_column_that_numbers_the_beats_tells_no_times(tmp_path, beats):
    files = []
    for who, at in zip(("client", "therapist"), beats, strict=True):
        rows = [f"{i},{at[i]:.3f},{at[i] - at[i - 1]:.4f}" for i in range(1, len(at))]
        files.append(tmp_path / f"{who}.csv")
        files[-1].write_text("\n".join(["Beat,Time(s),IBI(s)", *rows]))
    is_right(read(files), beats)


def test_a_frame_counter_beside_an_empty_region_is_no_list_of_beats(tmp_path):
    rng = np.random.default_rng(5)
    rows = [f"{i};{a:.0f};{b:.0f};0" for i, (a, b) in enumerate(rng.gamma(2, 50, (900, 2)))]
    path = tmp_path / "mea.csv"
    path.write_text("\n".join(["Frame;Klient;Therapeut;Hintergrund", *rows]))
    with pytest.raises(RecordingError, match="no sampling rate"):
        read(path)
    assert read(path, ReadOptions(rate_hz=25.0)).first.signals["motion"].rate_hz == 25.0
