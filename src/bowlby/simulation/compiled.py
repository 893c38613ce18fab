"""Compiled programs, kept on the machine."""

import os
from pathlib import Path

import jax


def remember_compiled() -> None:
    """Compile each program once per machine, not once per run; workers inherit the setting.

    Where the user keeps JAX's programs already, they stay there.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "bowlby" / "jax"
    where = str(jax.config.values["jax_compilation_cache_dir"] or cache)
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", where)
    least = os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    jax.config.update("jax_compilation_cache_dir", where)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", float(least))
