"""Compiled programs: kept on the machine, and compiled quickly where few people live."""

import os
from importlib.metadata import version
from pathlib import Path

QUICK = ("--xla_backend_optimization_level=1", "--xla_cpu_use_fusion_emitters=false")
"""Options of XLA with which programs are compiled in about half the time (28 s for 51).

They run a tenth longer with 64 people and a third longer with 256.
"""

FEW = 64
"""People at a time up to whom what is lost by that is won back only after many runs."""

_TRIED = ("0.10.", "0.11.")
"""Versions of XLA that know these options: one that does not would end the program."""


def remember_compiled() -> None:
    """Compile each program once per machine, not once per run; workers inherit the setting.

    Where the user keeps JAX's programs already, they stay there.
    """
    import jax

    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bowlby" / "jax"
    where = str(jax.config.values["jax_compilation_cache_dir"] or cache)
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", where)
    least = os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    jax.config.update("jax_compilation_cache_dir", where)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", float(least))


def compile_quickly() -> None:
    """Have what follows in this process compiled quickly; before JAX compiles anything.

    For a room, which plays one course at a time, and for courses of `FEW`: work on fast
    programs is never won back there. Numbers differ in their last digits. What the user asks of
    XLA by `XLA_FLAGS` comes after and wins.
    """
    if version("jaxlib").startswith(_TRIED):
        os.environ["XLA_FLAGS"] = " ".join((*QUICK, os.environ.get("XLA_FLAGS", ""))).strip()
