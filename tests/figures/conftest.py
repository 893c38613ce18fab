"""One small recording in which the client leads by 1 s, and its variants."""

import numpy as np
import pytest
import xarray as xr

from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair


def _measured(*, has_gap: bool = False, **settings: object) -> xr.Dataset:
    """240 s at 5 Hz: the therapist repeats the client 1 s later, with noise."""
    rng = np.random.default_rng(3)
    source = np.convolve(rng.normal(size=1210), np.ones(5) / 5, "valid")
    x, y = source[5:1205].copy(), source[:1200] + 0.1 * rng.normal(size=1200)
    if has_gap:
        y[400:600] = np.nan
    roles = ("client", "therapist")
    pair = SignalPair("motion", "motion", x, y, 5.0, 0.0, "", roles, ("scaled by SD",))
    chosen = {"window_s": 20.0, "max_lag_s": 3.0, "surrogates": 99, **settings}
    return measure_pair(pair, Settings(**chosen), name="s01")


@pytest.fixture(scope="session")
def planted() -> xr.Dataset:
    return _measured()


@pytest.fixture(scope="session")
def gapped() -> xr.Dataset:
    return _measured(has_gap=True)


@pytest.fixture(scope="session")
def untested() -> xr.Dataset:
    return _measured(surrogates=0)


@pytest.fixture(scope="session")
def signed() -> xr.Dataset:
    return _measured(absolute=False)


@pytest.fixture(scope="session")
def without_lags() -> xr.Dataset:
    return _measured(max_lag_s=0.0)
