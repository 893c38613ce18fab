"""Fixtures shared by all tests."""

import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

from bowlby.simulation.compiled import compile_quickly

# Compiled programs are kept between runs and shared with the processes that tests start.
_CACHE = Path(__file__).resolve().parents[1] / ".pytest_cache" / "jax"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_CACHE))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
# Most tests let few people live for a short time, so that compiling is what takes long.
compile_quickly()


# The first example may compile a program, and a failure must be one that can be repeated.
settings.register_profile("bowlby", deadline=None, derandomize=True)
settings.load_profile("bowlby")


def _keep_what_lives() -> None:
    """Throw away what nobody needs, and never look at the rest again.

    Compiled programs are millions of objects, through which every later collection would go:
    statsmodels asks for one whenever it corrects p-values.
    """
    gc.collect()
    gc.freeze()


def pytest_collection_finish() -> None:
    _keep_what_lives()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    found = yield
    if nextitem is not None and nextitem.path != item.path:
        _keep_what_lives()
    return found


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings and peers' outputs beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real recordings (../shared/data) are not beside this checkout")
    return folder
