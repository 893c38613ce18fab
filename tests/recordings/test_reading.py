import os
import subprocess
import sys
import time

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import FORMATS, format_of, read, read_all, stem
from bowlby.recordings.recording import RecordingError

AT_25 = ReadOptions(rate_hz=25.0)


@pytest.fixture
def write(tmp_path):
    def written(content, name="s01.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def _one_person(begin_s, rows=20, rate_hz=4.0):
    """A table of one person's skin conductance that begins so many seconds after ten."""
    lines = [
        f"2024-05-31T10:{int((begin_s + i / rate_hz) // 60):02d}:"
        f"{(begin_s + i / rate_hz) % 60:06.3f},{i * i % 7}"
        for i in range(rows)
    ]
    return "\n".join(["time,eda", *lines])


def test_every_format_has_its_own_name():
    names = [known.name for known in FORMATS]
    assert set(names) == {
        *("table", "edf", "xdf", "bids", "empatica"),
        *("acq", "spreadsheet", "mapping", "annotations"),
        *("embrace", "matlab", "opensignals", "watch", "video", "pose"),
    }
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "format_name"),
    [("a.edf", "edf"), ("a.bdf", "edf"), ("a.xdf", "xdf"), ("a_physio.tsv.gz", "bids")],
)
def test_devices_formats_are_told_by_their_ending(write, name, format_name):
    assert format_of(write(b"x", name)).name == format_name


def test_a_format_can_be_told(write):
    assert read(write("pat th\n1 5\n2 3\n", "s01.out"), AT_25, format="mea").roles == (
        "pat",
        "th",
    )


def test_an_unknown_format_lists_the_known_ones(write):
    with pytest.raises(RecordingError, match=r"--format 'avi' is not one of bids, edf"):
        read(write("1 2"), format="avi")


def test_an_unknown_ending_lists_the_known_ones(write):
    with pytest.raises(RecordingError, match=r"\.xyz are not known.*\.csv.*\.edf.*--format"):
        read(write(b"x", "s01.xyz"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecordingError, match=r"s99\.txt: no such file"):
        read(tmp_path / "s99.txt")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="holds no file that can be read"):
        read(tmp_path)


def test_an_unreadable_file_is_refused(write, monkeypatch):
    path = write("1 2\n3 4\n")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(RecordingError, match=r"s01\.txt: cannot be read \(Permission denied\)"):
        read(path, AT_25)


@pytest.mark.parametrize("content", ["", "\n\n", "   \n"])
def test_an_empty_file_is_refused(write, content):
    with pytest.raises(RecordingError, match=r"s01\.txt: the file is empty"):
        read(write(content), AT_25)


@pytest.mark.parametrize("content", [b"1 2\n\x00\x01\x02 3\n", bytes(range(32)) * 9])
def test_binary_data_under_a_text_name_is_refused(write, content):
    with pytest.raises(RecordingError, match=r"s01\.txt: holds binary data, not text"):
        read(write(content), AT_25)


def test_a_kind_that_does_not_exist_lists_those_that_do(write):
    with pytest.raises(RecordingError, match="--kind 'eeg' is not one of motion, heart_rate"):
        read(write("1 2\n3 4\n"), ReadOptions(rate_hz=25.0, kind="eeg"))


@pytest.mark.parametrize("count", [0, 3])
def test_a_recording_is_one_file_or_two(write, count):
    with pytest.raises(ValueError, match=f"{count} files were given"):
        read([write("1 2\n3 4\n")] * count, AT_25)


@pytest.mark.parametrize(
    ("name", "bare"),
    [("a.csv", "a"), ("a.tsv.gz", "a"), ("a.b.csv.gz", "a.b"), ("a.xdf.gz", "a"), ("a", "a")],
)
def test_a_stem_has_no_ending_at_all(tmp_path, name, bare):
    assert stem(tmp_path / name) == bare


def test_a_recording_is_named_by_its_file_or_by_the_user(write):
    path = write("1 2\n3 4\n")
    assert read(path, AT_25).name == "s01"
    assert read(path, AT_25, name="first session").name == "first session"
    assert read(path, AT_25).sources == (path,)


def test_two_files_are_the_first_and_the_second_person(write):
    paths = write(_one_person(0), "x.csv"), write(_one_person(0), "y.csv")
    recording = read(paths)
    assert recording.roles == ("first", "second")
    assert recording.sources == paths


@pytest.mark.parametrize(("begins_s", "starts_s"), [((0, 2), [0, 2]), ((2, 0), [2, 0])])
def test_the_later_of_two_dated_files_is_shifted(write, begins_s, starts_s):
    paths = [write(_one_person(b), f"{i}.csv") for i, b in enumerate(begins_s)]
    recording = read(paths)
    partners = recording.first, recording.second
    assert [p.signals["eda"].start_s for p in partners] == starts_s


def test_two_people_may_be_sampled_at_different_rates(write):
    paths = write(_one_person(0, 20, 4.0), "x.csv"), write(_one_person(0, 40, 8.0), "y.csv")
    recording = read(paths)
    rates = [p.signals["eda"].rate_hz for p in (recording.first, recording.second)]
    assert rates == [4.0, 8.0]


def test_two_people_who_share_no_moment_are_refused(write):
    paths = write(_one_person(0), "x.csv"), write(_one_person(600), "y.csv")
    with pytest.raises(RecordingError, match=r"x\.csv ends 595 s before y\.csv begins"):
        read(paths)


def test_two_files_of_two_people_are_refused(write):
    paths = write("1 2\n3 4\n", "x.txt"), write("1 2\n3 4\n", "y.txt")
    with pytest.raises(RecordingError, match=r"x\.txt: holds two people already"):
        read(paths, AT_25)


@pytest.mark.parametrize("roles", [("client", "therapist"), ("infant", "parent")])
def test_told_roles_are_those_of_the_two_files(write, roles):
    paths = write(_one_person(0), "s_client.csv"), write(_one_person(0), "s_therapist.csv")
    assert read(paths, ReadOptions(roles=roles)).roles == roles


def test_read_all_returns_the_one_recording_of_a_plain_file(write):
    (recording,) = read_all(write("1 2\n3 4\n"), AT_25)
    assert recording.name == "s01"


def test_an_hour_of_motion_is_read_in_under_half_a_second(write):
    values = np.random.default_rng(1).integers(0, 4000, (90_000, 2))
    path = write("\n".join(f"{a} {b}" for a, b in values))
    read(path, AT_25)
    begin = time.process_time()
    read(path, AT_25)
    # Processor time: other work on the machine must not fail the test.
    assert time.process_time() - begin < 0.5


def test_importing_the_readers_stays_cheap():
    code = (
        "import sys, bowlby.recordings.reading, bowlby.recordings.pairing;"
        "heavy = {'pandas', 'scipy', 'numba', 'neurokit2', 'pyedflib', 'pyxdf', 'jax'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_refused(write):
    path = write("1 2\n3 4\n")
    path.chmod(0)
    with pytest.raises(RecordingError, match="cannot be read"):
        read(path, AT_25)


@pytest.mark.parametrize("text", ["pat th\n", "800\n", "time,client_eda,therapist_eda\n"])
def test_a_file_is_recognised_by_its_start_alone(write, text, monkeypatch):
    path = write(text + "1\n" * 9)

    def refuse(*_args):
        raise AssertionError("the whole file was read")

    monkeypatch.setattr("bowlby.recordings.tables.loading.load_bytes", refuse)
    assert format_of(path).name == "table"


def test_a_path_may_be_plain_text(write):
    path = write("\n".join(f"{i * 37 % 101} {i * 53 % 89}" for i in range(200)))
    assert read(str(path), AT_25).sources == read(path, AT_25).sources
