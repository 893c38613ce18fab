"""What every measure in the registry keeps to."""

import numpy as np
import pytest
from scipy.signal import lfilter

from bowlby.synchrony.measures import MEASURES
from bowlby.synchrony.surrogates import CircularShift

RATE = 10.0
N = 6000
BLIND_TO_IDENTITY = {"directed_influence"}  # identical series cannot foretell each other


def wander(seed):
    """Two independent series with 3 s of memory, 10 min at 10 Hz."""
    return lfilter([1], [1, -0.97], np.random.default_rng(seed).normal(size=(2, N)))


@pytest.fixture(scope="module")
def coupled():
    """The second follows the first by one second, with noise of its own."""
    x, e = wander(1)
    return x, np.roll(x, 10) + 0.5 * e


@pytest.fixture(params=MEASURES)
def measure(request):
    return MEASURES[request.param]


def as_tuple(estimate):
    return estimate.value, estimate.peak_lag_s, estimate.coverage


def test_it_is_registered_under_its_name(measure):
    assert MEASURES[measure.name] is measure
    assert measure.title


def test_followers_score_higher_than_unrelated_series(measure, coupled):
    unrelated = [measure.estimate(*wander(seed), rate_hz=RATE).value for seed in range(10, 18)]
    assert measure.estimate(*coupled, rate_hz=RATE).value > max(unrelated)


@pytest.mark.parametrize("name", sorted(set(MEASURES) - BLIND_TO_IDENTITY))
def test_identical_series_score_higher_than_coupled_ones(name, coupled):
    x, y = coupled
    same, alike = (MEASURES[name].estimate(x, z, rate_hz=RATE).value for z in (x, y))
    assert same > alike


def test_scale_and_offset_do_not_matter(measure, coupled):
    x, y = coupled
    plain = measure.estimate(x, y, rate_hz=RATE)
    changed = measure.estimate(40 * x - 7, 0.003 * y + 1, rate_hz=RATE)
    np.testing.assert_allclose(as_tuple(changed), as_tuple(plain), rtol=1e-7, atol=1e-9)


def test_swapping_the_partners_keeps_the_value_and_turns_the_lag(measure, coupled):
    x, y = coupled
    forward, backward = (measure.estimate(*z, rate_hz=RATE) for z in ((x, y), (y, x)))
    np.testing.assert_allclose(backward.value, forward.value, rtol=1e-9)
    np.testing.assert_allclose(backward.peak_lag_s, -forward.peak_lag_s, rtol=1e-9)


def test_a_lag_it_knows_names_the_first_as_leader(measure, coupled):
    lag_s = measure.estimate(*coupled, rate_hz=RATE).peak_lag_s
    assert np.isnan(lag_s) or 0.5 <= lag_s <= 2.0


def test_the_same_series_give_the_same_answer_and_stay_as_they_were(measure, coupled):
    x, y = (z.copy() for z in coupled)
    x[100:200] = np.nan
    before = x.copy(), y.copy()
    first, second = (as_tuple(measure.estimate(x, y, rate_hz=RATE)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal((x, y), before)


def test_a_gap_lowers_the_coverage_by_about_its_share(measure, coupled):
    x, y = (z.copy() for z in coupled)
    x[1000:2000] = np.nan
    y[1500:2500] = np.nan
    whole, gappy = (measure.estimate(*z, rate_hz=RATE).coverage for z in (coupled, (x, y)))
    assert whole > 0.9
    # Windows and filters lose a few seconds more at the gap's edges.
    np.testing.assert_allclose(gappy / whole, 0.75, atol=0.05)


def test_a_gap_changes_the_value_little(measure, coupled):
    x, y = (z.copy() for z in coupled)
    x[2500:3500] = np.nan
    whole, gappy = (measure.estimate(*z, rate_hz=RATE).value for z in (coupled, (x, y)))
    np.testing.assert_allclose(gappy, whole, rtol=0.25)


@pytest.mark.parametrize(
    "y", [np.full(N, np.nan), np.full(N, 3.1)], ids=["missing", "constant"]
)
def test_nothing_to_compare_gives_nan_and_no_coverage(measure, coupled, y):
    assert np.isnan(measure.estimate(coupled[0], y, rate_hz=RATE).value)
    assert measure.estimate(y, coupled[0], rate_hz=RATE).coverage == 0


@pytest.mark.parametrize("n", [0, 1, 2, 5, 15])
def test_too_short_a_recording_gives_nan_and_no_coverage(measure, n):
    x, y = wander(2)[:, :n]
    found = measure.estimate(x, y, rate_hz=RATE)
    np.testing.assert_array_equal(as_tuple(found), (np.nan, np.nan, 0))


def test_a_partner_constant_between_gaps_raises_no_warning(measure, coupled):
    x, y = (z.copy() for z in coupled)
    y[:3000] = 1.0
    x[2900:3000] = np.nan
    assert np.isfinite(measure.estimate(x, y, rate_hz=RATE).value)


@pytest.mark.parametrize("rate_hz", [0.5, 1.0, 29.97, 200.0])
def test_it_measures_at_any_customary_rate(measure, rate_hz):
    x, y = lfilter(
        [1], [1, -0.5], np.random.default_rng(3).normal(size=(2, int(400 * rate_hz)))
    )
    assert np.isfinite(measure.estimate(x, y, rate_hz=rate_hz).value)


def test_partners_of_different_length_are_refused(measure):
    with pytest.raises(ValueError, match="cut them to the same time"):
        measure.estimate(np.zeros(10), np.zeros(11), rate_hz=RATE)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["phase_locking", "concordance_index"])
def test_unrelated_series_are_called_synchronised_as_often_as_the_level_says(name):
    rng = np.random.default_rng(4)
    shift = CircularShift(30.0)
    found = 0
    for seed in range(200):
        x, y = wander(1000 + seed)
        own = MEASURES[name].estimate(x, y, rate_hz=RATE).value
        null = [
            MEASURES[name].estimate(x, series, rate_hz=RATE).value
            for series in shift.series(y, 39, rate_hz=RATE, rng=rng)
        ]
        found += sum(value >= own for value in null) + 1 <= 2  # p <= .05
    # Binomial(200, .05): 3 to 18 in 99.8 % of studies.
    assert 3 <= found <= 18
