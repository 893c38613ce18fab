"""What a room needs is compiled before it is needed."""

import gc
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from bowlby.practice import room
from bowlby.practice.client import of_courses
from bowlby.practice.moves import TRAINEES

Step = Literal["childhood", "session", "ending", "supervision"]

STEPS: Mapping[Step, float] = {
    "childhood": 0.0, "session": 0.5, "ending": 0.7, "supervision": 0.75,
}  # fmt: skip
"""What is compiled, in the order in which it is needed, and how much is done before it."""


class Warming:
    """Compiles what a room needs, so that the first client does not keep the trainee waiting.

    Attributes:
        share: How much is done (0 to 1).
        doing: Name of what is being done; "" when all is, and before it begins.
    """

    def __init__(self, told: Callable[[str], object] = lambda _: None) -> None:
        self.share = 0.0
        self.doing = ""
        self._told = told
        self._runs = False
        self._over = {step: threading.Event() for step in STEPS}

    def run(self) -> None:
        """Compile all, in the order in which it will be needed."""
        self._runs = True
        try:
            with self._step("childhood"):
                session = room.enter(room.begin(of_courses()[0], seed=0, sessions=1))
            with self._step("session"):
                session = room.play(session, "hold")
            with self._step("ending"):
                room.leave(session)
            with self._step("supervision"):
                room.futures(session, 1, TRAINEES)
        finally:
            # Whoever waits goes on, and meets what has failed.
            for event in self._over.values():
                event.set()
        self._now(1.0, "")
        # A collection walks over all that JAX has compiled, which stops every room for 200 ms.
        gc.collect()
        gc.freeze()

    def wait(self, step: Step) -> None:
        """Wait until a step is over, if one is on its way: nothing is then compiled twice."""
        if self._runs:
            self._over[step].wait()

    @contextmanager
    def _step(self, step: Step) -> Iterator[None]:
        self._now(STEPS[step], step)
        yield
        self._over[step].set()

    def _now(self, share: float, doing: str) -> None:
        self.share, self.doing = share, doing
        self._told(f"{share:.0%} compiled{f', now: {doing}' if doing else ''}")
