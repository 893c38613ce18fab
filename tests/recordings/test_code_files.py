"""Categories from tables and tiers."""

import numpy as np
import pytest

from bowlby.recordings.code_files import read_codes
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError


def test_gaze_of_a_real_dyad_is_the_same_in_the_known_share(shared_data):
    path = shared_data / "real" / "dyads_videoconference" / "gaze" / "s11_0ms_1080p.csv"
    found = read_codes(path, ReadOptions(rate_hz=30.0))
    assert round(float(np.mean(found.x == found.y)), 4) == 0.5587
    assert found.people == ("Participant_A", "Participant_B")
    assert len(found.x) == 5400


def test_words_are_codes_and_times_tell_the_rate(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("time,mother,infant\n" + "".join(
        f"{i / 5},{'play' if i % 20 < 9 else 'look away'},{'cry' if i % 30 < 10 else 'play'}\n"
        for i in range(100)
    ))  # fmt: skip
    found = read_codes(path)
    assert found.rate_hz == pytest.approx(5.0)
    assert list(found.names.values()) == ["cry", "look away", "play"]


def test_intervals_of_two_people_are_read_off_evenly(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("person,start,end,code\nA,0,10,x\nB,2,6,x\nA,10,12,y\nB,6,12,y\n")
    found = read_codes(path, ReadOptions(rate_hz=10.0))
    both = np.isfinite(found.x) & np.isfinite(found.y)
    assert both.sum() == 100
    np.testing.assert_allclose(np.mean(found.x[both] == found.y[both]), 0.6)


def test_what_is_missing_is_asked(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("a,b,c\n" + "".join(f"{i % 2},{i % 3},{i % 4}\n" for i in range(60)))
    with pytest.raises(RecordingError, match=r"--first 'a' --second 'b'"):
        read_codes(path, ReadOptions(rate_hz=1.0))
    with pytest.raises(RecordingError, match="--rate 30"):
        read_codes(path, ReadOptions(first=("a",), second=("b",)))
