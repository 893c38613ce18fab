import numpy as np
import pytest

import bowlby
from bowlby.recordings.emit import emit_dyad
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair

ROLES = ("client", "therapist")


def pair(seed=1, lag=12, strength=0.7, n=6000, rate_hz=10.0, kind="motion"):
    rng = np.random.default_rng(seed)
    x, other = np.apply_along_axis(
        lambda v: np.convolve(v, np.ones(8), "valid"), 1, rng.normal(size=(2, n + 7))
    )
    y = strength * np.roll(x, lag) + np.sqrt(1 - strength**2) * other
    return SignalPair(kind, kind, x, y, rate_hz, 0.0, "", ROLES)


def row(dataset, statistic):
    return dataset.sel(statistic=statistic)


@pytest.mark.parametrize(("lag", "leader"), [(12, "client"), (-12, "therapist")])
def test_the_leader_is_named_in_both_orders(lag, leader):
    found = row(measure_pair(pair(lag=lag), Settings(surrogates=99)), "wcc_peak")
    assert (str(found.leader.values), float(found.peak_lag_s)) == (leader, lag / 10)
    assert float(found.p) == 0.01


@pytest.mark.parametrize("convention", ["bowlby", "rmea", "boker", "susy"])
def test_every_convention_finds_the_same_lead(convention):
    settings = Settings(convention=convention, surrogates=49, window_s=30, absolute=True)
    found = row(measure_pair(pair(), settings), "wcc_peak")
    assert (float(found.peak_lag_s), float(found.p)) == (1.2, 0.02)


@pytest.mark.parametrize("surrogate", ["segments", "shift", "phase", "iaaft"])
def test_every_surrogate_finds_a_strong_lead(surrogate):
    is_absolute = surrogate != "phase"  # Gaussian surrogates have no tails of absolute values.
    found = measure_pair(
        pair(), Settings(surrogate=surrogate, surrogates=49, absolute=is_absolute)
    )
    assert float(row(found, "wcc_peak").p) == 0.02


def test_anti_phase_is_found_and_called_so():
    mirrored = pair(strength=-0.7)
    found = measure_pair(mirrored, Settings(surrogates=99, absolute=False))
    assert float(row(found, "wcc_peak").p) == 0.01
    assert float(found.in_phase[np.argmin(np.abs(found.lag_s.values - 1.2))]) < 0


def test_swapping_partners_mirrors_lags_and_keeps_the_estimate():
    one = pair()
    other = SignalPair("motion", "motion", one.y, one.x, 10.0, 0.0, "", ROLES[::-1])
    a, b = (measure_pair(p, Settings(surrogates=0)) for p in (one, other))
    np.testing.assert_allclose(a.profile, b.profile[::-1], rtol=0, atol=1e-12)
    assert str(row(a, "wcc_peak").leader.values) == str(row(b, "wcc_peak").leader.values)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others():
    a, b, c = (
        measure_pair(pair(), Settings(surrogates=49, seed=seed), name="s") for seed in (1, 1, 2)
    )
    assert a.identical(b)
    assert not np.array_equal(a.null, c.null)


def test_without_surrogates_estimates_stay_and_tests_are_missing():
    tested, plain = (
        measure_pair(pair(), Settings(surrogates=n, statistic="wcc_peak")) for n in (9, 0)
    )
    np.testing.assert_array_equal(tested.estimate, plain.estimate)
    assert np.isnan(plain.p).all()
    assert "null" not in plain


def test_a_gap_is_reported_as_coverage_and_kept_missing():
    gappy = pair()
    y = gappy.y.copy()
    y[2000:3000] = np.nan
    found = measure_pair(
        SignalPair("motion", "motion", gappy.x, y, 10.0, 0.0, "", ROLES),
        Settings(surrogates=49),
    )
    inside = (found.window_start_s > 200) & (found.window_start_s + found.window_s < 300)
    assert np.isnan(found.running[inside]).all()
    assert 0.7 < float(row(found, "wcc_peak").coverage) < 0.95
    assert float(row(found, "wcc_peak").peak_lag_s) == 1.2


def test_a_synchronous_episode_is_found_in_time():
    rng = np.random.default_rng(3)
    x, y = np.apply_along_axis(
        lambda v: np.convolve(v, np.ones(8), "valid"), 1, rng.normal(size=(2, 12007))
    )
    y[6000:8000] = x[6000:8000]
    found = measure_pair(
        SignalPair("motion", "motion", x, y, 10.0, 0.0, "", ROLES), Settings(surrogates=199)
    )
    inside = (found.window_start_s >= 600) & (found.window_start_s + found.window_s <= 800)
    outside = (found.window_start_s + found.window_s < 600) | (found.window_start_s > 800)
    assert (found.cluster_p[inside] <= 0.05).all()
    assert not (found.cluster_p[outside] <= 0.05).any()


def test_a_pair_without_a_valid_window_says_what_to_do():
    empty = pair()
    y = np.where(np.arange(6000) % 10 < 7, np.nan, empty.y)
    with pytest.raises(ValueError, match="leave the recording out"):
        measure_pair(SignalPair("motion", "motion", empty.x, y, 10.0, 0.0, "", ROLES))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"convention": "rmae"}, "convention='rmae' is not one of"),
        ({"surrogate": "shuffle"}, "surrogate='shuffle' is not one of"),
        ({"measures": ("plv",)}, "measures='plv' is not one of"),
        ({"surrogates": -1}, "must be 0"),
        ({"min_coverage": 0.0}, "above 0"),
        ({"smooth_s": -1.0}, "smooth_s=-1.0"),
    ],
)
def test_a_setting_out_of_range_is_refused(setting, message):
    with pytest.raises(ValueError, match=message):
        Settings(**setting)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"window_s": 10.0, "max_lag_s": 20.0}, "--max-lag 10 or less, or a longer --window"),
        ({"max_lag_s": 200.0}, "Lags to 200 s are longer than windows of 60 s"),
        ({"window_s": 700.0}, "Use a shorter --window or --max-lag"),
        ({"segment_s": 1000.0}, "cannot change places.*Use a --segment of 100 s or less"),
    ],
)
def test_times_that_do_not_fit_are_refused_with_a_remedy(setting, message):
    with pytest.raises(ValueError, match=message):
        measure_pair(pair(), Settings(surrogates=9, **setting))


def test_short_windows_shorter_than_the_lags_take_no_part_and_say_so():
    found = measure_pair(pair(), Settings(surrogates=9, max_lag_s=20.0))
    assert "short windows of 15 s, which take no part" in found.attrs["steps"][-1]
    assert np.isnan(found.attrs["short_window_s"])


def test_what_foretells_is_warned_of_where_preparing_looked_ahead():
    settings = Settings(surrogates=9, measures=("wcc", "directed_influence"))
    ahead, plain = (
        measure_pair(pair(kind=kind, n=3000, rate_hz=4.0), settings).attrs["notes"]
        for kind in ("eda_phasic", "ibi")
    )
    assert "looked 10 s ahead" in ahead[0]
    assert plain == []


@pytest.fixture(scope="module")
def dyad():
    return emit_dyad(
        duration_s=600.0,
        lag_s=2.0,
        correlation=0.9,
        kinds=("ibi", "eda", "motion", "dial", "respiration"),
        gap=(250.0, 290.0),
        rng=np.random.default_rng(11),
        roles=ROLES,
        name="planted",
    )


@pytest.mark.parametrize("signal", ["ibi", "eda_phasic", "motion", "dial", "respiration"])
def test_a_planted_lead_is_recovered_from_every_kind_of_signal(dyad, signal):
    found = row(bowlby.measure(dyad, signal=signal, surrogates=199), "wcc_peak")
    assert float(found.p) <= 0.05
    assert str(found.leader.values) == "client"
    # One beat, one rating or one breath apart at most.
    assert abs(float(found.peak_lag_s) - 2.0) <= 1.0


def test_several_signals_must_be_chosen_from(dyad):
    with pytest.raises(ValueError, match="choose one with signal="):
        bowlby.measure(dyad, surrogates=0)
