"""How a run tells how far it is."""

from collections.abc import Callable
from threading import Event, Lock

from bowlby.runs.errors import RunError

Progress = Callable[[str, int, int], None]
"""Called with a stage, the steps done and their number."""


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
    del stage, done, total


class Steps:
    """Counts the steps of one stage, from any thread.

    Once `stopping` is set the next step raises, so that work in other threads ends soon after
    one of them failed or was interrupted.
    """

    _telling = Lock()  # Of all: progress is told by one thread at a time.

    def __init__(
        self, stage: str, total: int, on_progress: Progress, stopping: Event | None = None
    ) -> None:
        """Begin at 0.

        Args:
            stage: What is done.
            total: Number of steps.
            on_progress: Told after every step.
            stopping: Set where the stage is to end early (`Threads.stopping`).
        """
        self._stage, self._total, self._tell = stage, total, on_progress
        self._stopping, self._done = stopping or Event(), 0

    def __call__(self, number: int = 1) -> None:
        """Count steps that are done.

        Raises:
            RunError: If the stage is to end early.
        """
        if self._stopping.is_set():
            raise RunError("Stopped, because another part of the run was.")
        with self._telling:
            self._done += number
            self._tell(self._stage, self._done, self._total)
