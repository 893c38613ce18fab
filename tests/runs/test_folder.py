"""Output folders: whole or not at all, by one run alone."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bowlby.runs.errors import RunError
from bowlby.runs.folder import beside, new_folder, partial_of

NAMES = ("out", "mit Leerzeichen", "Müller & Søn", "-out", "o'ut", "日本")


def write(out, text="whole", **options):
    with new_folder(out, **options) as staging:
        (staging / "run.json").write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_is_put_in_place_and_nothing_is_left_beside_it(tmp_path, name):
    write(tmp_path / name)
    assert (tmp_path / name / "run.json").read_text() == "whole"
    assert names(tmp_path) == [name]


def test_folders_above_are_made(tmp_path):
    write(tmp_path / "a" / "b" / "out")
    assert names(tmp_path / "a" / "b") == ["out"]


def test_a_relative_path_is_of_where_the_run_began(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with new_folder(Path("out")):
        (tmp_path / "elsewhere").mkdir()
        os.chdir("elsewhere")
    assert names(tmp_path) == ["elsewhere", "out"]


def test_nothing_is_there_before_the_end(tmp_path):
    with new_folder(tmp_path / "out"):
        assert not (tmp_path / "out").exists()


def test_a_failure_leaves_only_what_was_kept(tmp_path):
    partial_of(tmp_path / "out").mkdir()
    with pytest.raises(OSError, match="No space"), new_folder(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == [".out.partial"]


def test_what_was_kept_is_removed_at_the_end(tmp_path):
    (partial_of(tmp_path / "out") / "pieces").mkdir(parents=True)
    write(tmp_path / "out")
    assert names(tmp_path) == ["out"]


def test_a_folder_that_exists_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(RunError, match=r"out exists\. Choose another --out, or remove it"):
        write(tmp_path / "out")


def test_a_link_to_nowhere_is_refused_too(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RunError, match="exists"):
        write(tmp_path / "out")


def test_an_earlier_run_may_be_replaced(tmp_path):
    for text in ("first", "second"):
        write(tmp_path / "out", text, replaces=True)
    assert (tmp_path / "out" / "run.json").read_text() == "second"
    assert names(tmp_path) == ["out"]


def test_other_files_are_not_replaced(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").touch()
    with pytest.raises(RunError, match="holds files that bowlby did not write"):
        write(tmp_path / "out", replaces=True)


def test_a_file_is_not_replaced(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(RunError, match="is a file"):
        write(tmp_path / "out", replaces=True)


def test_an_earlier_run_stays_if_the_new_one_fails(tmp_path):
    write(tmp_path / "out", "first", replaces=True)
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out", replaces=True):
        raise KeyboardInterrupt
    assert (tmp_path / "out" / "run.json").read_text() == "first"
    assert names(tmp_path) == ["out"]


def test_an_earlier_run_stays_if_the_new_one_cannot_be_moved(tmp_path, monkeypatch):
    write(tmp_path / "out", "first", replaces=True)
    rename = Path.rename

    def stuck(path, target):
        if path.name == ".out.new":
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stuck)
    with pytest.raises(OSError, match="Input/output"):
        write(tmp_path / "out", "second", replaces=True)
    assert (tmp_path / "out" / "run.json").read_text() == "first"


def test_an_earlier_run_lost_between_two_moves_is_found_again(tmp_path):
    write(tmp_path / "out", "first", replaces=True)
    (tmp_path / "out").rename(beside(tmp_path / "out", "old"))
    with pytest.raises(KeyboardInterrupt), new_folder(tmp_path / "out", replaces=True):
        raise KeyboardInterrupt
    assert (tmp_path / "out" / "run.json").read_text() == "first"


def write_while_another_does(out):
    with new_folder(out):
        out.mkdir()
        (out / "thesis.txt").touch()


def test_what_came_into_the_folder_meanwhile_is_not_overwritten(tmp_path):
    with pytest.raises(RunError, match="exists"):
        write_while_another_does(tmp_path / "out")
    assert names(tmp_path / "out") == ["thesis.txt"]


@pytest.mark.parametrize("replaces", [False, True])
def test_a_second_run_into_the_folder_is_told_so_at_once(tmp_path, replaces):
    with new_folder(tmp_path / "out", replaces=replaces) as staging:
        (staging / "run.json").touch()
        with pytest.raises(RunError, match=r"Another run of bowlby is writing .*out\. Wait"):
            write(tmp_path / "out", replaces=replaces)
    assert names(tmp_path) == ["out"]


def test_a_place_where_nothing_can_be_written_is_no_other_run(tmp_path, monkeypatch):
    from filelock import FileLock, Timeout

    def refused(self, **_):
        raise Timeout(self.lock_file)

    monkeypatch.setattr(FileLock, "acquire", refused)
    with pytest.raises(PermissionError, match="Nothing can be written here"):
        write(tmp_path / "out")


def test_runs_into_different_folders_do_not_meet(tmp_path):
    with new_folder(tmp_path / "a"):
        write(tmp_path / "b")
    assert names(tmp_path) == ["a", "b"]


HOLD = """
import sys, time
from pathlib import Path
from bowlby.runs.folder import new_folder
with new_folder(Path("out")) as staging:
    (staging / "half").touch()
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_lock_of_a_killed_run_blocks_nobody(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE
    )
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(RunError, match="Another run"):
        write(tmp_path / "out")
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert names(tmp_path) == [".out.lock", ".out.new"]
    write(tmp_path / "out")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["run.json"]


RACE = """
import sys, time
from pathlib import Path
from bowlby.runs.errors import RunError
from bowlby.runs.folder import new_folder
while time.time() < float(sys.argv[1]):
    pass
try:
    with new_folder(Path("out"), replaces=True) as staging:
        for number in range(20):
            (staging / f"{number}").write_text(sys.argv[2])
            time.sleep(0.01)
        (staging / "run.json").touch()
except RunError as error:
    sys.exit(2 if "Another run" in str(error) else str(error))
"""


def test_of_many_runs_at_once_each_folder_is_of_one_alone(tmp_path):
    start = str(time.time() + 2.0)
    runs = [
        subprocess.Popen([sys.executable, "-c", RACE, start, str(number)], cwd=tmp_path)
        for number in range(6)
    ]
    codes = [run.wait() for run in runs]
    assert 0 in codes
    assert set(codes) <= {0, 2}
    written = {(tmp_path / "out" / f"{number}").read_text() for number in range(20)}
    assert len(written) == 1
    assert names(tmp_path) == ["out"]
