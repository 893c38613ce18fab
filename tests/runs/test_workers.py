"""Workers of every kind: all jobs, each once, in order, though workers die."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path

import pytest

from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import conditions
from bowlby.runs.progress import Steps
from bowlby.runs.workers import (
    Checked,
    Dask,
    Processes,
    Serial,
    Threads,
    _Jobs,
    _through,
    in_order,
)

KINDS = (Serial(), Threads(3), Processes(2))


def times_ten(number):
    return number * 10


def process_id(_):
    time.sleep(0.05)
    return os.getpid()


def threads_of_blas(_):
    return os.environ["OPENBLAS_NUM_THREADS"]


def refused(number):
    raise RunError(f"job {number} cannot be done")


def deadly(_):
    os.kill(os.getpid(), signal.SIGKILL)


def once_deadly(job):
    """The job's number; the first time that it is done, the worker dies."""
    number, marks = job
    mark = marks / f"{number}"
    if number in (2, 7) and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 10


@pytest.mark.parametrize("workers", KINDS, ids=lambda w: type(w).__name__)
def test_results_come_in_the_order_of_the_jobs(workers):
    assert in_order(workers, times_ten, range(20), stage="s") == [n * 10 for n in range(20)]


@pytest.mark.parametrize("workers", KINDS, ids=lambda w: type(w).__name__)
def test_the_error_of_a_job_is_the_error_of_the_run(workers):
    with pytest.raises(RunError, match=r"job \d cannot be done"):
        in_order(workers, refused, range(3), stage="s")


def test_progress_is_told_from_none_to_all():
    told = []
    in_order(
        Serial(), times_ten, range(2), stage="s", on_progress=lambda *now: told.append(now)
    )
    assert told == [("s", 0, 2), ("s", 1, 2), ("s", 2, 2)]


def test_killed_processes_lose_and_double_nothing(tmp_path):
    found = list(Processes(2).run(once_deadly, [(n, tmp_path) for n in range(12)]))
    assert {path.name for path in tmp_path.iterdir()} == {"2", "7"}
    assert sorted(found) == [(number, number * 10) for number in range(12)]


class Breaking:
    """A pool that is broken before the second job is sent."""

    def __init__(self):
        self.sent = 0

    def submit(self, function, job):
        """Do the first job at once."""
        self.sent += 1
        if self.sent == 2:
            raise BrokenProcessPool
        done = Future()
        done.set_result(function(job))
        return done


def test_a_job_that_could_not_be_sent_is_not_lost():
    jobs = _Jobs("abc")
    with pytest.raises(BrokenProcessPool):
        list(_through(Breaking(), str.upper, jobs, 2))
    assert {job for _, job in jobs.take(9)} == {"a", "b", "c"}


def test_processes_that_always_die_are_given_up():
    with pytest.raises(RunError, match=r"died 4 times in a row.* Use fewer --workers"):
        list(Processes(1).run(deadly, range(2)))


def test_processes_live_from_one_run_to_the_next_within_a_block():
    with Processes(1) as workers:
        first, second = (list(workers.run(process_id, [0])) for _ in range(2))
    assert first == second


def test_a_process_has_one_thread_and_the_parent_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    assert in_order(Processes(1), threads_of_blas, [0], stage="s") == ["1"]
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7"


def test_few_jobs_are_out_at_a_time():
    made = []
    results = Threads(2).run(times_ten, (made.append(n) or n for n in range(1000)))
    next(results)
    assert len(made) <= 8
    results.close()


def test_a_failed_thread_stops_the_others():
    workers = Threads(2)
    step = Steps("s", 10**9, lambda *_: None, workers.stopping)

    def job(number):
        if number == 1:
            raise RunError("no")
        while True:
            step()

    before = set(threading.enumerate())
    with pytest.raises(RunError, match="no"):
        in_order(workers, job, range(2), stage="s")
    assert set(threading.enumerate()) <= before


def test_steps_are_counted_over_threads():
    told = []
    step = Steps("s", 400, lambda *now: told.append(now))
    in_order(Threads(4), lambda _: [step() for _ in range(100)], range(4), stage="jobs")
    assert told[-1] == ("s", 400, 400)


def test_a_worker_with_other_code_refuses():
    other = replace(Checked(times_ten, conditions()), conditions=conditions() | {"code": "x"})
    with pytest.raises(RunError, match=r"the code changed\. Give the same command again"):
        other(1)


def test_a_worker_with_another_version_of_a_library_says_which():
    other = Checked(times_ten, conditions() | {"numpy": "1.0"})
    with pytest.raises(RunError, match=r"numpy \(1.0, now "):
        other(1)


def test_a_scheduler_that_does_not_answer_is_named():
    pytest.importorskip("distributed")
    with pytest.raises(RunError, match=r"--scheduler nowhere: no Dask scheduler answers"):
        list(Dask("nowhere").run(times_ten, range(2)))


def leave_child(folder):
    (Path(folder) / "child").write_text(str(os.getpid()))
    time.sleep(60)


START = "from test_workers import *; list(Processes(1).run(leave_child, ['.']))"


def test_workers_leave_with_a_killed_parent(tmp_path):
    paths = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    parent = subprocess.Popen([sys.executable, "-c", START], cwd=tmp_path, env=paths)
    child = eventually(
        lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text()
    )
    parent.kill()
    parent.wait()
    assert eventually(lambda: not Path(f"/proc/{child}").exists())


def eventually(state, *, within_s=60.0):
    """The state once it is true."""
    until = time.monotonic() + within_s
    while not (found := state()) and time.monotonic() < until:
        time.sleep(0.02)
    return found
