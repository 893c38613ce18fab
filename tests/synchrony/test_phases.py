"""Phases against their own surrogates and against one another."""

import numpy as np
import pytest

from bowlby.recordings.recording import Event, SignalPair
from bowlby.synchrony.measuring import Settings, measure_pair
from bowlby.synchrony.phases import (
    compare_phases,
    measure_phases,
    members,
    merged,
    phases_of,
    turned,
    within,
)

RATE = 5.0
SETTINGS = Settings(window_s=20, step_s=10, max_lag_s=2, surrogates=99)


def _smooth(rng, n):
    return np.convolve(rng.normal(size=n + 20), np.hanning(11), "same")[10 : n + 10]


def _session(seed=1, seconds=900, coupled=(300.0, 600.0)):
    """Two strangers, of whom the second follows the first by 1 s in one part."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    x, y = _smooth(rng, n), _smooth(rng, n)
    a, b = (int(t * RATE) for t in coupled)
    y[a:b] = 0.8 * x[a - 5 : b - 5] + 0.2 * y[a:b]
    return SignalPair("motion", "motion", x, y, RATE, 10.0, "", ("a", "b"))


PHASES = {"apart": ((10.0, 310.0),), "together": ((310.0, 610.0),)}


def test_intervals_of_one_name_are_one_phase_and_moments_are_none():
    events = [Event(5, 5, "talk"), Event(0, 4, "talk"), Event(3, 3, "talk"), Event(2, 0, "tag")]
    assert phases_of(events) == {"talk": ((0, 10),)}
    assert merged([(0, 1), (2, 3), (1, 1.5)]) == ((0, 1.5), (2, 3))


def test_only_the_phase_with_coupling_is_beyond_chance():
    found = measure_phases(_session(), PHASES, SETTINGS, name="s")
    p = {one.phase: float(one.dataset.p.values[0]) for one in found}
    assert p["together"] == 0.01
    assert p["apart"] > 0.05
    together = next(one.dataset for one in found if one.phase == "together")
    assert str(together.leader.values[0]) == "a"
    assert abs(float(together.peak_lag_s.values[0]) - 1.0) < 0.3


def test_a_phase_of_one_interval_is_the_same_as_a_recording_of_it():
    pair = _session()
    (one,) = measure_phases(pair, {"together": ((310.0, 610.0),)}, SETTINGS, name="s")
    part = SignalPair("motion", "motion", pair.x[1500:3000], pair.y[1500:3000], RATE, 310.0, "",
                      ("a", "b"))  # fmt: skip
    whole = measure_pair(part, SETTINGS, name="s|together")
    np.testing.assert_array_equal(one.dataset.estimate.values, whole.estimate.values)
    assert one.dataset.window_start_s.values[0] == 310.0


def test_no_pair_of_moments_is_formed_across_a_seam():
    pair = _session()
    part = within(pair, ((10.0, 20.0), (50.0, 60.0)), gap_s=2.0)
    assert len(part.x) == 50 + 10 + 50
    assert np.isnan(part.x[50:60]).all()
    np.testing.assert_array_equal(part.x[60:], pair.x[200:250])


def test_a_phase_that_is_too_short_says_how_long_it_would_have_to_be():
    (one,) = measure_phases(_session(), {"brief": ((20.0, 50.0),)}, SETTINGS)
    assert one.dataset is None
    assert "need 42 s" in one.reason


def test_a_phase_outside_the_recording_is_not_estimated():
    (one,) = measure_phases(_session(), {"later": ((5000.0, 6000.0),)}, SETTINGS)
    assert (one.dataset, one.seconds) == (None, 0.0)


def test_the_phase_with_coupling_exceeds_the_other():
    dataset = measure_pair(_session(), SETTINGS, name="s")
    rest = {**PHASES, "after": ((610.0, 910.0),)}
    found = {(c.first, c.second): c for c in compare_phases(dataset, rest, turns=199)}
    assert found["apart", "together"].comparison.p <= 0.05
    assert found["apart", "together"].comparison.estimate < 0
    assert found["apart", "after"].comparison.p > 0.05
    assert found["apart", "after"].p_holm >= found["apart", "after"].comparison.p


def test_a_phase_within_another_is_not_compared_with_it():
    dataset = measure_pair(_session(), SETTINGS, name="s")
    nested = {**PHASES, "all": ((10.0, 900.0),)}
    found = compare_phases(dataset, nested, turns=19)
    assert [(c.first, c.second) for c in found] == [("apart", "together")]


def test_a_contrast_is_the_difference_of_means_of_the_windows_inside():
    dataset = measure_pair(_session(), SETTINGS, name="s")
    (found,) = compare_phases(dataset, PHASES, turns=9)
    starts, running = dataset.window_start_s.values, dataset.running.values
    means = [running[members(starts, 20.0, PHASES[p])].mean() for p in ("apart", "together")]
    np.testing.assert_allclose(found.comparison.estimate, means[0] - means[1], rtol=1e-12)


def test_a_window_belongs_to_a_phase_of_which_80_percent_hold_it():
    starts = np.array([0.0, 10.0, 14.0, 16.1])
    assert members(starts, 20.0, ((10.0, 34.0),)).tolist() == [False, True, True, True]
    assert members(np.array([18.1]), 20.0, ((10.0, 34.0),)).tolist() == [False]


def test_turning_keeps_the_length_of_phases():
    spans = turned(((0.0, 30.0), (80.0, 100.0)), 15.0, (0.0, 100.0))
    assert spans == ((0.0, 45.0), (95.0, 100.0))


@pytest.mark.slow
def test_strangers_phases_differ_as_often_as_chance_has_it():
    p = []
    for seed in range(200):
        pair = _session(seed, coupled=(0.0, 0.0))
        dataset = measure_pair(
            pair, Settings(window_s=20, step_s=10, max_lag_s=2, surrogates=0)
        )
        p.append(compare_phases(dataset, PHASES, turns=99, seed=seed)[0].comparison.p)
    assert 4 <= np.sum(np.array(p) <= 0.05) <= 20
