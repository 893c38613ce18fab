"""Work spread over processes, results in order, progress told."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from bowlby.synchrony.mismatched import Mapper

Progress = Callable[[str, int, int], None]
Submit = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[int, Any]]]


@contextmanager
def workers_pool(workers: int) -> Iterator[Submit]:
    """Give a function that runs jobs and yields (number, result) as they finish."""
    if workers <= 1:

        def here(function: Callable, items: Iterable) -> Iterator[tuple[int, Any]]:
            yield from ((i, function(item)) for i, item in enumerate(items))

        yield here
        return
    before = os.environ.get("OPENBLAS_NUM_THREADS")
    # Set before workers start: each is one thread, the processes are the parallelism.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_leave_with_parent,
        initargs=(os.getpid(),),
    )

    def parallel(function: Callable, items: Iterable) -> Iterator[tuple[int, Any]]:
        futures: dict[Future, int] = {pool.submit(function, x): i for i, x in enumerate(items)}
        for future in as_completed(futures):
            yield futures[future], future.result()

    try:
        yield parallel
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        if before is None:
            os.environ.pop("OPENBLAS_NUM_THREADS", None)
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = before


def in_order(submit: Submit, stage: str, on_progress: Progress) -> Mapper:
    """A `map` over the submitter that reports progress."""

    def mapped(function: Callable, items: Iterable) -> list[Any]:
        jobs = list(items)
        results: list[Any] = [None] * len(jobs)
        on_progress(stage, 0, len(jobs))
        for count, (i, result) in enumerate(submit(function, jobs), start=1):
            results[i] = result
            on_progress(stage, count, len(jobs))
        return results

    return mapped


def _leave_with_parent(parent: int) -> None:
    """End this worker when the process that started it was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
