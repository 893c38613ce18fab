"""Where the work is done: here, in processes, or on a Dask cluster.

An executor takes a function and jobs and yields (number of the job, result) in any order. Jobs
are pure, so a job whose worker died is simply done again; results do not depend on where they
were made. Only a few jobs are out at a time, so that memory stays flat.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Protocol

from bowlby._extras import require

Job = Callable[[Any], Any]

RESTARTS = 3
"""Deaths of workers in a row, without a job done between them, before giving up."""


class Executor(Protocol):
    """Something that does jobs."""

    def run(self, function: Job, jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Do the jobs; yield (number, result) as they are done."""
        ...


@dataclass(frozen=True)
class Serial:
    """Jobs one after the other, in this process."""

    def run(self, function: Job, jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Do the jobs; yield (number, result) as they are done."""
        yield from ((i, function(job)) for i, job in enumerate(jobs))


@dataclass(frozen=True)
class Processes:
    """Jobs in processes of this machine, each with one thread.

    Attributes:
        workers: How many.
    """

    workers: int

    def run(self, function: Job, jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Do the jobs; yield (number, result) as they are done.

        Raises:
            RuntimeError: If workers keep dying.
        """
        numbered, deaths = iter(enumerate(jobs)), 0
        waiting: list[tuple[int, Any]] = []
        is_more = True
        while is_more or waiting:
            with _one_thread_each():
                pool = ProcessPoolExecutor(
                    self.workers, mp_context=get_context("spawn"),
                    initializer=_leave_with_parent, initargs=(os.getpid(),),
                )  # fmt: skip
                out: dict[Future, tuple[int, Any]] = {}
                try:
                    while True:
                        while len(out) < 2 * self.workers and (waiting or is_more):
                            job = waiting.pop() if waiting else next(numbered, None)
                            if job is None:
                                is_more = False
                            else:
                                out[pool.submit(function, job[1])] = job
                        if not out:
                            break
                        done, _ = wait(out, return_when=FIRST_COMPLETED)
                        for future in done:
                            result = future.result()
                            yield out.pop(future)[0], result
                            deaths = 0
                except BrokenProcessPool:
                    deaths += 1
                    waiting += out.values()
                    if deaths > RESTARTS:
                        raise RuntimeError(
                            f"Workers died {deaths} times in a row, perhaps for want of "
                            "memory. Use fewer --workers; what is done is kept."
                        ) from None
                finally:
                    pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class Dask:
    """Jobs on an existing Dask cluster.

    A job of a worker that is lost goes to another one.

    Attributes:
        address: The scheduler's, such as tcp://host:8786.
    """

    address: str

    def run(self, function: Job, jobs: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        """Do the jobs; yield (number, result) as they are done.

        Raises:
            MissingExtraError: If distributed is not installed.
            ValueError: If the scheduler cannot be reached.
        """
        require("dask")
        from distributed import Client, as_completed

        try:
            client = Client(self.address, timeout=15, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"--scheduler {self.address}: no Dask scheduler answers there ({error})."
            ) from error
        with client:
            numbered = iter(enumerate(jobs))
            numbers: dict[Any, int] = {}
            completed = as_completed(loop=client.loop)

            def submit() -> None:
                following = next(numbered, None)
                if following is not None:
                    future = client.submit(function, following[1], pure=False)
                    numbers[future.key] = following[0]
                    completed.add(future)

            workers = client.scheduler_info()["n_workers"]
            for _ in range(2 * max(1, workers)):
                submit()
            for future in completed:
                result = future.result()
                number = numbers.pop(future.key)
                future.release()
                submit()
                yield number, result


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


def _leave_with_parent(parent: int) -> None:
    """End this worker when the process that started it was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
