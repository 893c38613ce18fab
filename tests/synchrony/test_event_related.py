"""Running synchrony around events."""

import numpy as np
import pytest

from bowlby.synchrony.event_related import Running, event_curve


def _train(seed, *, follows, seconds=3000.0, events=12):
    """Slow running synchrony that rises 20 s after each event, or does not."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(0.0, seconds, 10.0)
    noise = np.convolve(rng.normal(size=len(time_s)), np.ones(4) / 4, "same")
    at = np.sort(rng.uniform(100, seconds - 100, events))
    rise = sum(np.exp(-0.5 * ((time_s - a - 20) / 12) ** 2) for a in at)
    return Running(f"r{seed}", time_s, 0.3 * noise + (0.6 * rise if follows else 0.0), at)


def test_a_rise_after_events_is_found_where_it_is():
    curve = event_curve("insight", [_train(i, follows=True) for i in range(3)], turns=199)
    assert curve.p <= 0.01
    assert abs(curve.peak_s - 20) <= 10
    assert (curve.events, curve.recordings) == (36, 3)


def test_the_mean_is_that_of_numpy():
    train = _train(1, follows=True)
    curve = event_curve("e", [train], turns=0, step_s=10.0, reach_s=20.0)
    expected = np.mean([np.interp(train.events_s + o, train.time_s, train.value)
                        for o in (-20, -10, 0, 10, 20)], axis=1)  # fmt: skip
    np.testing.assert_allclose(curve.mean, expected)
    assert curve.reason


def test_fewer_than_five_events_give_a_curve_without_a_test():
    curve = event_curve("rare", [_train(1, follows=True, events=4)], turns=99)
    assert np.isnan(curve.p)
    assert "4 events" in curve.reason
    assert np.isfinite(curve.mean).all()


def test_events_outside_the_recording_are_refused():
    train = _train(1, follows=False)
    late = Running("r", train.time_s, train.value, np.array([9000.0]))
    with pytest.raises(ValueError, match="lies where"):
        event_curve("late", [late])


def test_events_without_effect_are_called_at_the_level_of_the_test():
    p = [event_curve("e", [_train(i, follows=False)], turns=99, seed=i).p for i in range(200)]
    assert 3 <= np.sum(np.array(p) <= 0.05) <= 19
