"""Turn-taking: what is counted, and what is by chance."""

import numpy as np
import pytest

from bowlby.synchrony.turns import measure_turns, transfers, turns_of


def _value(found, name, person=None):
    return next(m.comparison for m in found if m.name == name and m.person == person)


def test_turns_back_channels_and_gaps_of_a_short_talk():
    first = [(0.0, 5.0), (5.5, 8.0), (12.0, 15.0)]
    second = [(3.0, 3.5), (8.4, 11.0), (14.5, 18.0)]
    turns, back = turns_of(first, second)
    assert [(t.person, t.begin_s, t.end_s) for t in turns] == [
        (0, 0.0, 8.0), (1, 8.4, 11.0), (0, 12.0, 15.0), (1, 14.5, 18.0),
    ]  # fmt: skip
    assert [(t.person, t.begin_s) for t in back] == [(1, 3.0)]
    times, who = transfers(turns)
    np.testing.assert_allclose(times, [0.4, 1.0, -0.5])
    assert who.tolist() == [1, 0, 1]
    found = measure_turns(first, second, 20.0, surrogates=0)
    assert _value(found, "both_speaking_s").estimate == pytest.approx(1.0)
    assert _value(found, "talk_s", 0).estimate == pytest.approx(10.5)


def _talk(seed, *, listens, n=150):
    """Two people; the second waits for the first to end, or speaks when they like."""
    rng = np.random.default_rng(seed)
    spans, t = ([], []), 0.0
    for i in range(n):
        length = rng.gamma(2.0, 2.0) + 0.5
        spans[i % 2].append((t, t + length))
        t += length + rng.normal(0.3, 0.2)
    if listens:
        return *spans, t
    own, begin = [], 0.0
    for a, b in spans[1]:
        begin += rng.gamma(2.0, 2.0) + 0.5
        own.append((begin, begin + b - a))
        begin += b - a
    return spans[0], [s for s in own if s[1] < t], t


def test_people_who_listen_speak_less_at_once_than_by_chance():
    found = measure_turns(*_talk(1, listens=True), surrogates=99)
    both = _value(found, "both_speaking_s")
    assert both.p == 0.01
    assert both.estimate < both.null_mean
    assert _value(found, "gap_iqr_s").estimate < _value(found, "gap_iqr_s").null_mean


def test_people_who_do_not_listen_are_called_at_the_level_of_the_test():
    p = [
        _value(measure_turns(*_talk(i, listens=False, n=60), surrogates=39, seed=i),
               "both_speaking_s").p
        for i in range(60)
    ]  # fmt: skip
    assert np.sum(np.array(p) <= 0.05) <= 8


def test_latencies_that_follow_the_others_are_found():
    rng = np.random.default_rng(1)
    spans, t, latency = ([], []), 0.0, 0.5
    for i in range(200):
        spans[i % 2].append((t, t + 2.0))
        latency = 0.8 * latency + 0.2 * rng.gamma(2.0, 0.5) if i % 2 else rng.gamma(2.0, 0.5)
        t += 2.0 + latency
    found = measure_turns(*spans, t, surrogates=99)
    assert _value(found, "latency_follows", 0).p == 0.01
    assert _value(found, "latency_follows", 1).p > 0.05


def test_somebody_who_never_speaks_is_named():
    with pytest.raises(ValueError, match="second person never speaks"):
        measure_turns([(0.0, 1.0)], [], 10.0)
