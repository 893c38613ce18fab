"""Agreement with the saved outputs of rMEA, SUSY and the WCC script, to their digits."""

import numpy as np
import pandas as pd
import pytest

from bowlby import ReadOptions, Settings, read
from bowlby.synchrony.conventions import CONVENTIONS
from bowlby.synchrony.measuring import measure_pair
from bowlby.synchrony.segmentwise import segment_pairs
from bowlby.synchrony.windowed import correlation_matrix
from bowlby.synchrony.windows import Windows

SESSIONS = ["normal_200_1", "normal_201_1", "dropout_100_1"]
ALL = [f"{group}_{number}_1" for group, base in (("normal", 200), ("dropout", 100))
       for number in range(base, base + 10)]  # fmt: skip
RMEA = {
    "A": ("A_smsc_lag5_win30_inc10_z_signed", 30, 10, 0.5, False),
    "B": ("B_smsc_lag5_win30_inc10_z_abs", 30, 10, 0.5, True),
    "D": ("D_raw_lag5_win60_inc60_z_abs", 60, 60, None, True),
}


def session(folder, name):
    group, number, _ = name.split("_")
    path = folder / "rmea_psychotherapy_mea" / group / f"{number}_01.txt"
    return read(path, ReadOptions(rate_hz=25.0))


def rmea(folder, name, config):
    _, window, step, smooth, is_absolute = RMEA[config]
    settings = Settings(
        convention="rmea", window_s=window, step_s=step, max_lag_s=5, smooth_s=smooth,
        absolute=is_absolute, fisher=True, surrogates=0,
    )  # fmt: skip
    (pair,) = settings.prepared(session(folder, name))
    return measure_pair(pair, settings)


@pytest.mark.parametrize("name", SESSIONS)
@pytest.mark.parametrize("config", RMEA)
def test_every_cell_of_rmea_is_reproduced(shared_data, name, config):
    file = shared_data / "reference" / "rmea" / f"{RMEA[config][0]}_ccf_{name}.csv"
    expected = pd.read_csv(file).to_numpy(float)
    np.testing.assert_allclose(rmea(shared_data, name, config).wcc, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize("config", RMEA)
def test_the_grand_average_of_rmea_is_reproduced_for_all_sessions(shared_data, config):
    file = shared_data / "reference" / "rmea" / f"{RMEA[config][0]}_grand.csv"
    expected = pd.read_csv(file).set_index("session").grandAver
    # rMEA averages all cells; no cell is missing here, so the order of means does not matter.
    found = [float(rmea(shared_data, name, config).wcc.mean()) for name in expected.index]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("config", RMEA)
@pytest.mark.parametrize(
    ("column", "lags"),
    [("all_lags", lambda k: k == k), ("s1_lead", lambda k: k > 0), ("s2_lead", lambda k: k < 0),
     ("lag_zero", lambda k: k == 0)],
)  # fmt: skip
def test_rmea_s_window_summaries_follow_from_the_matrix(shared_data, config, column, lags):
    file = shared_data / "reference" / "rmea" / f"{RMEA[config][0]}_windows.csv"
    expected = pd.read_csv(file).query("session == 'normal_201_1'")[column]
    found = rmea(shared_data, "normal_201_1", config)
    chosen = found.wcc.values[:, lags(found.lag_s.values)].mean(axis=1)
    np.testing.assert_allclose(chosen, expected, rtol=0, atol=1e-8)


def test_rmea_s_smoothing_is_reproduced(shared_data):
    expected = pd.read_csv(shared_data / "reference" / "rmea" / "filter_200_01.csv")
    settings = Settings(convention="rmea", smooth_s=0.5)
    (pair,) = settings.prepared(session(shared_data, "normal_200_1"))
    np.testing.assert_allclose(pair.x, expected.sm1, rtol=0, atol=1e-9)
    np.testing.assert_allclose(pair.y, expected.sm2, rtol=0, atol=1e-9)


def test_the_wcc_script_of_behrens_and_boker_is_reproduced(shared_data):
    (file,) = (shared_data / "reference" / "wcc").glob("*.csv")
    expected = pd.read_csv(file).to_numpy(float)[:, :41]
    recording = session(shared_data, "normal_200_1")
    found = correlation_matrix(
        recording.first.signals["motion"].values[:6000],
        recording.second.signals["motion"].values[:6000],
        rate_hz=25.0,
        windows=Windows(8.0, 2.0, 4.0, 0.2),
        convention=CONVENTIONS["boker"],
    )
    np.testing.assert_allclose(found.r, expected, rtol=0, atol=1e-8)


def susy_pairs(folder, name):
    recording = session(folder, name)
    return segment_pairs(
        recording.first.signals["motion"].values,
        recording.second.signals["motion"].values,
        rate_hz=25.0,
        segment_s=30.0,
        max_lag_s=5.0,
    )


SUSY = ["normal_200_1", "normal_201_1", "dropout_100_1", "dropout_101_1"]


@pytest.mark.parametrize("name", SUSY)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("meanccorrReal", lambda r: np.abs(r)),
        ("meanccorrRealZ", lambda r: np.abs(np.arctanh(r))),
        ("meanccorrRealZNotAbs", lambda r: np.arctanh(r)),
    ],
)
def test_susy_s_lag_curves_are_reproduced_after_mirroring(shared_data, name, column, value):
    expected = pd.read_csv(shared_data / "reference" / "susy" / f"lag_{name}.csv")[column]
    pairs = susy_pairs(shared_data, name)
    own = np.arange(len(pairs.r))
    found = value(pairs.r[own, own]).mean(axis=0)[::-1]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", SUSY)
def test_susy_s_pseudo_synchrony_is_the_mean_over_all_other_segment_pairs(shared_data, name):
    expected = pd.read_csv(shared_data / "reference" / "susy" / f"lag_{name}.csv")
    z = np.abs(np.arctanh(susy_pairs(shared_data, name).r))
    n = len(z)
    pseudo = (z.sum(axis=(0, 1)) - np.einsum("iik->k", z)) / (n * (n - 1))
    np.testing.assert_allclose(pseudo[::-1], expected.meanccorrPseudoZ, rtol=0, atol=1e-12)


def test_susy_s_summary_is_reproduced_for_all_sessions(shared_data):
    file = shared_data / "reference" / "susy" / "summary_segment30_maxlag5_Hz25.csv"
    expected = pd.read_csv(file).set_index("session")["Z"]
    settings = Settings(convention="susy", window_s=30, max_lag_s=5, surrogates=0)
    found = []
    for name in expected.index:
        (pair,) = settings.prepared(session(shared_data, name))
        found.append(float(measure_pair(pair, settings).estimate.sel(statistic="wcc_mean")))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
