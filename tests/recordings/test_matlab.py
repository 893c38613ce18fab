"""MATLAB files."""

import numpy as np
import pytest
from scipy.io import savemat

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError


@pytest.fixture
def write(tmp_path):
    def written(**variables):
        path = tmp_path / "s.mat"
        savemat(path, variables)
        return path

    return written


def _signal(seed):
    return 3 + np.cumsum(np.random.default_rng(seed).normal(0, 0.01, 800))


def test_named_variables_and_the_rate_are_found(write):
    recording = read(write(client_eda=_signal(1), therapist_eda=_signal(2), fs=4.0, note="x"))
    assert recording.roles == ("client", "therapist")
    assert recording.first.signals["eda"].rate_hz == 4.0
    np.testing.assert_allclose(recording.first.signals["eda"].values, _signal(1))


def test_columns_of_a_matrix_are_named_by_number(write):
    path = write(data=np.stack([_signal(1), _signal(2)]))
    with pytest.raises(RecordingError, match=r"--rate 25.*'data 1', 'data 2'"):
        read(path)
    options = ReadOptions(rate_hz=4.0, first=("data 1",), second=("data 2",), kind="eda")
    recording = read(path, options)
    np.testing.assert_allclose(recording.second.signals["eda"].values, _signal(2))


def test_what_holds_no_signal_or_is_damaged_is_refused(write, tmp_path):
    with pytest.raises(RecordingError, match="no variable is a signal"):
        read(write(note="hello", x=np.zeros((3, 3))))
    (tmp_path / "d.mat").write_bytes(b"nothing at all")
    with pytest.raises(RecordingError, match="no readable MATLAB"):
        read(tmp_path / "d.mat")
    (tmp_path / "h.mat").write_bytes(b"MATLAB 7.3 MAT-file" + b"\0" * 500)
    with pytest.raises(RecordingError, match="-v7"):
        read(tmp_path / "h.mat")
