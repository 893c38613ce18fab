"""What a handbook therapist reaches, played beside the room and each time once."""

import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from bowlby.practice import outcome
from bowlby.practice.client import SimulatedClient
from bowlby.practice.messages import Outcome

_LOG = logging.getLogger(__name__)


class Pars:
    """Courses of a handbook therapist, one after another on a thread of their own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(1, "par")
        self._of: dict[tuple[object, ...], Future[Outcome]] = {}

    def close(self) -> None:
        """Play no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def of(
        self,
        who: SimulatedClient,
        *,
        seed: int,
        sessions: int,
        minutes: int,
        first: Iterable[Callable[[], object]] = (),
    ) -> Future[Outcome]:
        """The handbook's course with a client; begun when it is first asked for.

        Args:
            who: The client.
            seed: Number of the person.
            sessions: How many.
            minutes: Length of each.
            first: What is to be done on the same thread before it begins.
        """
        numbers = tuple(sorted(who.parameters.items()))
        key = (who.card.id, seed, sessions, minutes, *numbers)
        with self._lock:
            if key not in self._of:
                for task in first:
                    self._threads.submit(task)
                self._of[key] = self._threads.submit(
                    outcome.par, who, seed=seed, sessions=sessions, minutes=minutes
                )
                self._of[key].add_done_callback(_failure_logged)
            return self._of[key]


def _failure_logged(par: Future[Outcome]) -> None:
    """The page says that there is no comparison; why stands in the log."""
    if not par.cancelled() and (error := par.exception()):
        _LOG.error("A handbook therapist could not be played.", exc_info=error)
