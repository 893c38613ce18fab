"""A small study: a recording with a gap, one whose name is hostile, one untested."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bowlby.recordings.recording import SignalPair
from bowlby.reports import Failure, ReportContent
from bowlby.synchrony.measuring import Settings, measure_pair

HOSTILE = '</script><img src=x onerror=alert(1)> & "s02"'


@dataclass(frozen=True)
class Check:
    """How often pseudo-dyads are called synchronous."""

    pairs: int = 90
    rejected: int = 5
    rate: float = 0.056
    low: float = 0.018
    high: float = 0.125
    statistic: str = "wcc_peak"
    alpha: float = 0.05
    statement: str = "5 of 90 pairs of people who never met have p at or below 0.05."

    @property
    def p(self) -> np.ndarray:
        """Evenly spread p-values."""
        return np.linspace(0.011, 1, 90)


@dataclass(frozen=True)
class Between:
    """A comparison with pseudo-dyads."""

    p: float = 0.03
    d: float = 0.5

    @property
    def real(self) -> np.ndarray:
        """Estimates of real dyads."""
        return np.linspace(0.2, 0.5, 6)

    @property
    def pseudo(self) -> np.ndarray:
        """Estimates of pseudo-dyads."""
        return np.linspace(0.1, 0.4, 30)


def _measured(name: str, *, surrogates: int = 99, has_gap: bool = False) -> xr.Dataset:
    rng = np.random.default_rng(3)
    source = np.convolve(rng.normal(size=1210), np.ones(5) / 5, "valid")
    x, y = source[5:1205].copy(), source[:1200] + 0.1 * rng.normal(size=1200)
    if has_gap:
        y[400:600] = np.nan
    roles = ("client", "therapist")
    pair = SignalPair("motion", "motion", x, y, 5.0, 0.0, "", roles, ("scaled by SD",))
    settings = Settings(window_s=20.0, max_lag_s=3.0, surrogates=surrogates)
    return measure_pair(pair, settings, name=name)


def _rows(dataset: xr.Dataset, group: str) -> pd.DataFrame:
    keys = ["estimate", "null_mean", "null_sd", "z", "z_low", "z_high", "p"]
    table = dataset[[*keys, "leader", "peak_lag_s"]].to_dataframe().reset_index()
    table = table.rename(columns={"statistic": "measure"})
    return table.assign(
        coverage=dataset.coverage.to_numpy(), recording=dataset.attrs["recording"],
        signal=dataset.attrs["signal"], phase="in-phase", group=group,
    )  # fmt: skip


@pytest.fixture(scope="session")
def one() -> ReportContent:
    """One recording, tested."""
    dataset = _measured("s01")
    return ReportContent(
        "Session s01",
        (dataset,),
        _rows(dataset, "a"),
        version="9.9",
        command="bowlby measure x",
    )


@pytest.fixture(scope="session")
def study(one: ReportContent) -> ReportContent:
    """Four recordings, one failure, everything else a report can hold."""
    datasets = (
        one.datasets[0], _measured(HOSTILE), _measured("s03", surrogates=0),
        _measured("s04", has_gap=True),
    )  # fmt: skip
    multiverse = pd.DataFrame(
        {"window_s": [10.0, 20.0], "z": [1.0, 2.0], "p": [0.2, 0.01],
         "is_default": [True, False]}
    )  # fmt: skip
    return ReportContent(
        f"Study of {HOSTILE}",
        datasets,
        pd.concat([_rows(d, g) for d, g in zip(datasets, "aabb", strict=True)]),
        version="9.9",
        command="bowlby measure recordings/ --roles client,therapist",
        created="2020-01-01",
        failed=(Failure("s05", "s05.csv", "s05.csv, line 3: “<b>” is not a number."),),
        skipped=("notes.docx",),
        false_positives=Check(),
        pseudo_dyads=Between(),
        groups=pd.DataFrame({"contrast": ["a - b"], "slope": [0.41], "p": [0.2]}),
        multiverse=multiverse,
    )


@pytest.fixture(scope="session")
def failed_only() -> ReportContent:
    """Nothing could be measured."""
    return ReportContent(
        "Nothing", (), pd.DataFrame(), failed=(Failure("s05", "s05.csv", "It is empty."),)
    )
