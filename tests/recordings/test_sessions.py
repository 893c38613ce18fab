import numpy as np
import pytest

from bowlby.recordings.pairing import find_recordings
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

RNG = np.random.default_rng(8)


def _e4(folder, start=1.7e9, seconds=60):
    folder.mkdir(parents=True)
    for name, rate, values in (
        ("EDA", 4, 5 + RNG.normal(size=4 * seconds)),
        ("TEMP", 4, 33 + 0.1 * RNG.normal(size=4 * seconds)),
    ):
        rows = "\n".join(f"{v:.4f}" for v in values)
        (folder / f"{name}.csv").write_text(f"{start:.6f}\n{rate:.6f}\n{rows}\n")


def _strap(folder, prefix, start="10:00:00"):
    folder.mkdir(parents=True, exist_ok=True)
    begin = np.datetime64(f"2024-05-31T{start}.000")
    stamps = [f"{begin + np.timedelta64(250 * i, 'ms')}" for i in range(200)]
    for kind, level in (("EDA", 5.0), ("TEMP", 33.0)):
        rows = [
            f"{t};{level + v:.3f}" for t, v in zip(stamps, RNG.normal(size=200), strict=True)
        ]
        text = "\n".join([f"Phone timestamp;{kind}", *rows])
        (folder / f"{prefix}_{kind}.txt").write_text(text)


def test_two_folders_are_two_people(tmp_path):
    _e4(tmp_path / "client")
    _e4(tmp_path / "therapist", start=1.7e9 + 7.5)
    recording = read([tmp_path / "client", tmp_path / "therapist"])
    assert recording.roles == ("client", "therapist")
    assert recording.signal_names == ("eda", "temperature")
    assert recording.second.signals["eda"].start_s == 7.5


def test_a_folder_of_two_peoples_folders_is_one_recording(tmp_path):
    _e4(tmp_path / "s01" / "000001")
    _e4(tmp_path / "s01" / "000002")
    (found,), skipped = find_recordings(tmp_path)
    assert (found.name, [p.name for p in found.paths]) == ("s01", ["000001", "000002"])
    assert skipped == ()


def test_three_peoples_folders_make_every_pair(tmp_path):
    for name in ("father", "infant", "mother"):
        _e4(tmp_path / "family" / name)
    found, _ = find_recordings(tmp_path)
    assert [f.name for f in found] == [
        "family_father-infant", "family_father-mother", "family_infant-mother",
    ]  # fmt: skip


def test_files_that_differ_in_kind_only_are_one_person(tmp_path):
    _strap(tmp_path / "a", "Strap_one")
    _strap(tmp_path / "b", "Strap_two", "10:00:05")
    recording = read([tmp_path / "a", tmp_path / "b"])
    assert recording.signal_names == ("eda", "temperature")
    assert recording.second.signals["eda"].start_s == pytest.approx(5.0)


def test_one_persons_folder_asks_for_the_others(tmp_path):
    _e4(tmp_path / "client")
    with pytest.raises(RecordingError, match=r"one person's files.*OTHER_FOLDER"):
        find_recordings(tmp_path / "client")


def test_files_of_a_study_are_no_persons_set(tmp_path):
    for name in ("s01", "s02"):
        (tmp_path / f"{name}_motion.txt").write_text("pat th\n1 5\n2 3\n")
    found, _ = find_recordings(tmp_path)
    assert [f.name for f in found] == ["s01_motion", "s02_motion"]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    _e4(tmp_path / "a")
    _e4(tmp_path / "b")
    _strap(tmp_path / "c", "x")
    (tmp_path / "c" / "x_HR.txt").write_text("nothing here\n")
    _strap(tmp_path / "d", "y")
    recording = read([tmp_path / "c", tmp_path / "d"])
    assert "x_HR.txt" in " ".join(recording.notes)
