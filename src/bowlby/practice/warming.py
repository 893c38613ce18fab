"""What a room needs is compiled before it is needed."""

import gc
from collections.abc import Callable

from bowlby.practice import room
from bowlby.practice.client import clients
from bowlby.practice.moves import TRAINEES


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

    def run(self) -> None:
        """Compile all, in the order in which it will be needed."""
        self._now(0.0, "childhood")
        session = room.enter(room.begin(clients()[0], seed=0, sessions=1))
        self._now(0.4, "session")
        session = room.play(session, "hold")
        self._now(0.7, "ending")
        room.leave(session)
        self._now(0.8, "supervision")
        room.futures(session, 1, TRAINEES)
        self._now(1.0, "")
        # A collection walks over all that JAX has compiled, which stops every room for 200 ms.
        gc.collect()
        gc.freeze()

    def _now(self, share: float, doing: str) -> None:
        self.share, self.doing = share, doing
        self._told(f"{share:.0%} compiled{f', now: {doing}' if doing else ''}")
