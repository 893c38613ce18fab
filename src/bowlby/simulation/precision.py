"""Lives are simulated in 32 bits, whatever precision the user's other programs ask of JAX."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import jax

P = ParamSpec("P")
R = TypeVar("R")


def in_single_precision(function: Callable[P, R]) -> Callable[P, R]:
    """The function, run with JAX in 32 bits; the caller's setting is as before afterwards.

    Model noise is far above the rounding of 32 bits, and one program serves everybody.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with jax.enable_x64(False):
            return function(*args, **kwargs)

    return run
