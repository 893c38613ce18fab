"""Two clocks laid by a signal that both devices recorded: what was planted comes out."""

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

SECONDS, OFFSET_S, DRIFT = 1200, -17.3, 80e-6


def written(tmp_path, *, is_shared=True, has_eda=True, hole=False):
    """Two files; the second device shows `OFFSET_S + (1 + DRIFT) t` at the first's time t."""
    rng = np.random.default_rng(1)
    fine = np.arange(0, SECONDS + 60, 0.02)
    bumps = np.convolve(rng.gamma(0.3, 2, len(fine)), np.hanning(25), "same")
    skin = np.cumsum(rng.normal(0, 0.02, len(fine)))
    files = []
    for i, name in enumerate(("client.csv", "therapist.csv")):
        own = np.arange(0, SECONDS - 40, 0.04)
        true = own if i == 0 else (own - OFFSET_S) / (1 + DRIFT)
        source = bumps if is_shared or i == 0 else rng.permutation(bumps)
        motion = np.interp(true, fine, source) * (1 + i) + rng.gamma(1, 1.0, len(own))
        if hole:
            motion[5000:9000] = np.nan
        eda = 30 + np.interp(true, fine, skin)
        columns = [own, motion, *([eda] if has_eda else [])]
        head = "time,motion" + (",eda" if has_eda else "")
        files.append(tmp_path / name)
        np.savetxt(files[-1], np.column_stack(columns), "%.5f", ",", header=head, comments="")
    return files


@pytest.mark.parametrize("hole", [False, True])
def test_offset_and_drift_come_out_and_the_signal_is_left_out(tmp_path, hole):
    files = written(tmp_path, hole=hole)
    recording = read(files, ReadOptions(sync="motion"))
    assert recording.signal_names == ("eda",)
    first, second = (p.signals["eda"] for p in (recording.first, recording.second))
    assert second.start_s - first.start_s == pytest.approx(-OFFSET_S, abs=0.05)
    at = np.arange(100, 1000, 1.0)
    x, y = (np.interp(at, s.start_s + np.arange(len(s.values)) / s.rate_hz, s.values)
            for s in (first, second))  # fmt: skip
    assert np.corrcoef(x, y)[0, 1] > 0.9999
    told = " ".join(recording.notes)
    assert "parts of 'motion'" in told
    drift = float(told.split("runs faster by ")[1].split(" parts")[0])
    assert drift == pytest.approx(DRIFT * 1e6, abs=25)
    assert 0 < recording.start_uncertainty_s < 0.1


def test_signals_that_are_not_one_are_refused(tmp_path):
    with pytest.raises(RecordingError, match="is not one signal"):
        read(written(tmp_path, is_shared=False), ReadOptions(sync="motion"))


def test_the_signal_under_test_never_lays_the_clocks(tmp_path):
    with pytest.raises(RecordingError, match="is the only signal"):
        read(written(tmp_path, has_eda=False), ReadOptions(sync="motion"))
