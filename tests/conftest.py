"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Compiled programs are kept between runs and shared with the processes that tests start.
_CACHE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "jax"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_CACHE))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")


# The first example may compile a program, and a failure must be one that can be repeated.
settings.register_profile("bowlby", deadline=None, derandomize=True)
settings.load_profile("bowlby")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings and peers' outputs beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real recordings (../shared/data) are not beside this checkout")
    return folder
