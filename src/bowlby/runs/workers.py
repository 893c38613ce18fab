"""Who does the work: this process, threads, processes, or a Dask cluster.

Workers take a function and jobs and yield (number of the job, result) in any order. Jobs are
pure, so a job whose worker died is simply done again; results do not depend on who made them.
Only a few jobs are out at a time, so that memory stays flat.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Protocol, Self

from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import changed, conditions
from bowlby.runs.progress import Progress, silent

Job = Callable[[Any], Any]
Done = Generator[tuple[int, Any], None, None]

RESTARTS = 3
"""Deaths of workers in a row, without a job done between them, before giving up."""


class Workers(Protocol):
    """Something that does jobs."""

    def run(self, function: Job, jobs: Iterable[Any]) -> Done:
        """Do the jobs; yield (number, result) as they are done."""
        ...


def in_order(
    workers: Workers,
    function: Job,
    jobs: Iterable[Any],
    *,
    stage: str,
    on_progress: Progress = silent,
) -> list[Any]:
    """Results of all jobs in their order.

    Args:
        workers: Who does them.
        function: Does a job.
        jobs: The jobs.
        stage: What is done.
        on_progress: Called with the stage, the jobs done and their number.
    """
    listed = list(jobs)
    results: list[Any] = [None] * len(listed)
    on_progress(stage, 0, len(listed))
    with closing(workers.run(function, listed)) as done:
        for count, (number, result) in enumerate(done, start=1):
            results[number] = result
            on_progress(stage, count, len(listed))
    return results


@dataclass(frozen=True)
class Serial:
    """Jobs one after the other, in this process."""

    def __enter__(self) -> Self:
        """Nothing to begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to let go."""

    def run(self, function: Job, jobs: Iterable[Any]) -> Done:
        """Do the jobs; yield (number, result) as they are done."""
        yield from ((number, function(job)) for number, job in enumerate(jobs))


@dataclass(frozen=True)
class Threads:
    """Jobs in threads of this process, for work that spends its time outside Python.

    Attributes:
        workers: How many.
        stopping: Set when a job failed or the run was interrupted: `Steps` that know it end
            the jobs that are still going on.
    """

    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, function: Job, jobs: Iterable[Any]) -> Done:
        """Do the jobs; yield (number, result) as they are done."""
        pool = ThreadPoolExecutor(self.workers)
        try:
            yield from _through(pool, function, _Jobs(jobs), 2 * self.workers)
        except BaseException:
            self.stopping.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass
class Processes:
    """Jobs in processes of this machine, each with one thread.

    Within `with Processes(n) as workers:` they live from one `run` to the next.

    Attributes:
        workers: How many.
    """

    workers: int
    _pool: ProcessPoolExecutor | None = field(default=None, repr=False)
    _users: int = field(default=0, repr=False)

    def __enter__(self) -> Self:
        """Keep the processes until the end of the block."""
        self._users += 1
        return self

    def __exit__(self, *_: object) -> None:
        """Let the processes go."""
        self._users -= 1
        if self._users == 0:
            self._close()

    def run(self, function: Job, jobs: Iterable[Any]) -> Done:
        """Do the jobs; yield (number, result) as they are done.

        Raises:
            RunError: If workers keep dying, or the code was changed since the run began.
        """
        todo, checked, deaths = _Jobs(jobs), Checked(function, conditions()), 0
        with self:
            while True:
                try:
                    for done in _through(self._opened(), checked, todo, 2 * self.workers):
                        yield done
                        deaths = 0
                    return
                except BrokenProcessPool:
                    self._close()
                    deaths += 1
                    if deaths > RESTARTS:
                        raise RunError(
                            f"Workers died {deaths} times in a row, perhaps for want of "
                            "memory. Use fewer --workers; what is done is kept."
                        ) from None

    def _opened(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, mp_context=get_context("spawn"),
                initializer=_begin, initargs=(os.getpid(),),
            )  # fmt: skip
            with _one_thread_each():  # All processes start with the first job.
                self._pool.submit(os.getpid)
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def on_this_machine(count: int) -> Serial | Processes:
    """So many processes; for one there is no need of another than this."""
    return Processes(count) if count > 1 else Serial()


@dataclass(frozen=True)
class Dask:
    """Jobs on an existing Dask cluster.

    A job of a worker that is lost goes to another one.

    Attributes:
        address: The scheduler's, such as tcp://host:8786.
    """

    address: str

    def run(self, function: Job, jobs: Iterable[Any]) -> Done:
        """Do the jobs; yield (number, result) as they are done.

        Raises:
            RunError: If distributed is not installed, the scheduler cannot be reached or is
                lost, workers keep dying, or their code or libraries are others.
        """
        try:
            from distributed import Client, KilledWorker, as_completed
            from distributed.comm.core import CommClosedError
        except ImportError as error:
            raise RunError(
                'A Dask cluster needs distributed: pip install "bowlby[dask]".'
            ) from error
        try:
            client = Client(self.address, timeout=15, set_as_default=False)
        except (OSError, ValueError) as error:
            raise RunError(
                f"--scheduler {self.address}: no Dask scheduler answers there ({error})."
            ) from error
        with client:
            checked, todo = Checked(function, conditions()), _Jobs(jobs)
            numbers: dict[Any, int] = {}
            completed = as_completed(loop=client.loop)

            def submit(count: int) -> None:
                for number, job in todo.take(count):
                    future = client.submit(checked, job, pure=False)
                    numbers[future.key] = number
                    completed.add(future)

            submit(2 * max(1, client.scheduler_info()["n_workers"]))
            try:
                for future in completed:
                    result = future.result()
                    number = numbers.pop(future.key)
                    future.release()
                    submit(1)
                    yield number, result
            except KilledWorker as error:
                raise RunError(
                    f"Workers of {self.address} keep dying, perhaps for want of memory; what "
                    f"is done is kept ({error})."
                ) from error
            except CommClosedError as error:
                raise RunError(
                    f"The Dask scheduler {self.address} is lost; what is done is kept. Start "
                    f"it and give the same command again ({error})."
                ) from error


@dataclass(frozen=True)
class Checked:
    """A function that is only called where code, libraries and machine are those of the run.

    Workers that start late, or on other machines, read the code again: without this a change
    of an equation, or another version there, would enter a run half way.

    Attributes:
        function: Does a job.
        conditions: Those of the process that began the run.
    """

    function: Job
    conditions: dict[str, str]

    def __call__(self, job: Any) -> Any:
        """Do a job.

        Raises:
            RunError: If this process runs something else.
        """
        differences = changed(self.conditions, conditions())
        if differences:
            raise RunError(
                "A worker does not run what the run began with: "
                f"{', '.join(differences)} changed. Give the same command again."
            )
        return self.function(job)


class _Jobs:
    """Numbered jobs, taken as they are needed; those given back come first."""

    def __init__(self, jobs: Iterable[Any]) -> None:
        self._numbered, self._back = iter(enumerate(jobs)), list[tuple[int, Any]]()

    def take(self, count: int) -> Iterator[tuple[int, Any]]:
        for _ in range(count):
            job = self._back.pop() if self._back else next(self._numbered, None)
            if job is None:
                return
            yield job

    def give_back(self, jobs: Iterable[tuple[int, Any]]) -> None:
        self._back += jobs


def _through(pool: Executor, function: Job, jobs: _Jobs, most: int) -> Done:
    """Send jobs through a pool, at most so many at a time; lost ones are given back."""
    out: dict[Future, tuple[int, Any]] = {}
    try:
        while True:
            for job in jobs.take(most - len(out)):
                out[_sent(pool, function, jobs, job)] = job
            if not out:
                return
            for future in wait(out, return_when=FIRST_COMPLETED).done:
                result = future.result()
                number, _ = out.pop(future)
                yield number, result
    finally:
        jobs.give_back(out.values())
        for future in out:
            future.cancel()


def _sent(pool: Executor, function: Job, jobs: _Jobs, job: tuple[int, Any]) -> Future:
    try:
        return pool.submit(function, job[1])
    except BrokenProcessPool:  # Of a worker that died since: the job is not lost with it.
        jobs.give_back([job])
        raise


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Give processes that start now one thread each: the processes are the parallelism."""
    names = ("NPROC", "OPENBLAS_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _begin(parent: int) -> None:
    """Make this worker leave when the process that started it was killed or interrupted."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    # At once and without a word: whoever started it says that it was interrupted.
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
    threading.Thread(target=watch, daemon=True).start()
