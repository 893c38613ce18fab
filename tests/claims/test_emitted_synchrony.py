"""Bodies are entrained, and the measuring code sees it in what they emit."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import binom

from bowlby.recordings.emit import coupled_states
from bowlby.recordings.emit.states import drifting
from bowlby.simulation.emission import emit_session, synchrony_readouts
from bowlby.synchrony.measuring import Settings

SETTINGS = Settings(surrogates=49, lag_step_s=0.25)
STRENGTHS = (0.0, 0.25, 0.5, 0.75)
MINUTES = (10, 30, 50)
FAST = ("ibi", "eda_phasic", "respiration", "motion")
SLOW = ("ibi", "eda_phasic", "dial")
DYADS = 10


def emitted(arousal, rng, *, signals, coupling, name):
    full = np.ones(len(arousal))
    kinds = tuple(signal.removesuffix("_phasic") for signal in signals)
    return emit_session(
        arousal, full, full, rng=rng, kinds=kinds, fast_coupling=coupling, name=name
    )


def entrained(seed, *, coupling, minutes=10, signals=FAST):
    """Unrelated slow arousal; the fast parts are pulled to each other."""
    rng = np.random.default_rng([seed, minutes])
    steps = 0.06 * rng.standard_normal((60 * minutes, 2))
    arousal = 0.5 + lfilter([1.0], [1.0, -np.exp(-1.0 / 60.0)], steps, axis=0)
    return emitted(arousal, rng, signals=signals, coupling=coupling, name=f"s{seed}")


def slowly_led(seed, *, correlation, minutes=10):
    """Slow arousal of the second person follows the first's by 2 s."""
    rng = np.random.default_rng([seed, minutes])
    states = coupled_states(
        60.0 * minutes, 1.0, lag_s=2.0, correlation=correlation, rng=rng, spectrum=drifting(4.0)
    )
    arousal = np.stack(states, axis=1)
    return emitted(arousal, rng, signals=SLOW, coupling=0.0, name=f"s{seed}")


def shuffled(recordings):
    """Each first person with the next session's second."""
    others = (*recordings[1:], recordings[0])
    return [
        replace(r, second=other.second) for r, other in zip(recordings, others, strict=True)
    ]


def effects(recordings, signals):
    """Mean effect and its standard error, by signal."""
    found = synchrony_readouts(recordings, SETTINGS, signals=signals).effect
    return {s: (v.mean(), v.std(ddof=1) / np.sqrt(len(v))) for s, v in found.items()}


@pytest.fixture(scope="module")
def dyads():
    return [entrained(seed, coupling=1.0) for seed in range(DYADS)]


@pytest.fixture(scope="module")
def real_and_shuffled(dyads):
    return effects(dyads, FAST), effects(shuffled(dyads), FAST)


@pytest.mark.parametrize("signal", FAST)
def test_real_pairs_beat_shuffled_pairs(real_and_shuffled, signal):
    """The bodies are entrained: hearts, skin, breath and motion of real pairs go together."""
    (real, real_se), (chance, chance_se) = (found[signal] for found in real_and_shuffled)
    assert real - chance > 1.96 * np.hypot(real_se, chance_se)


def test_hearts_in_contact_lag_each_other_by_less_than_a_second(dyads):
    readouts = synchrony_readouts(dyads, SETTINGS, signals=("ibi",))
    assert np.median(np.abs(readouts.lag_s["ibi"])) < 1.0


@pytest.mark.slow
def test_without_coupling_real_pairs_are_like_shuffled_pairs():
    apart = [entrained(seed, coupling=0.0, signals=("ibi",)) for seed in range(2 * DYADS)]
    (real, real_se), (chance, chance_se) = (
        effects(pairs, ("ibi",))["ibi"] for pairs in (apart, shuffled(apart))
    )
    # Two-sided, 1 in 1000.
    assert abs(real - chance) < 3.3 * np.hypot(real_se, chance_se)


@pytest.mark.slow
@pytest.mark.parametrize("signal", FAST)
def test_shuffled_pairs_of_entrained_people_are_found_as_often_as_chance_allows(signal):
    pairs = [entrained(s, coupling=1.0, signals=(signal,)) for s in range(100, 140)]
    readouts = synchrony_readouts(shuffled(pairs), SETTINGS, signals=(signal,))
    assert np.sum(readouts.p[signal] <= 0.05) <= binom.ppf(0.999, 40, 0.05)


@pytest.fixture(scope="module")
def by_strength():
    followers = [
        effects([entrained(s, coupling=(0.0, c), minutes=30) for s in range(DYADS)], FAST)
        for c in STRENGTHS
    ]
    led = [
        effects([slowly_led(s, correlation=c, minutes=30) for s in range(DYADS)], SLOW)
        for c in STRENGTHS
    ]
    return followers, led


@pytest.fixture(scope="module")
def by_length():
    followers = [
        effects([entrained(s, coupling=(0.0, 0.5), minutes=m) for s in range(DYADS)], FAST)
        for m in MINUTES
    ]
    led = [
        effects([slowly_led(s, correlation=0.75, minutes=m) for s in range(DYADS)], SLOW)
        for m in MINUTES
    ]
    return followers, led


@pytest.mark.slow
@pytest.mark.parametrize("signal", FAST)
def test_the_more_one_follows_the_larger_the_effect(by_strength, signal):
    followers, _ = by_strength
    assert np.all(np.diff([cell[signal][0] for cell in followers]) > 0)


@pytest.mark.slow
@pytest.mark.parametrize(("signal", "weakest"), [("ibi", 0), ("eda_phasic", 0), ("dial", 1)])
def test_the_more_slow_arousal_is_shared_the_larger_the_effect(by_strength, signal, weakest):
    """The dial tells |arousal|, whose correlation at strength .25 is .05: as none at all."""
    _, led = by_strength
    assert np.all(np.diff([cell[signal][0] for cell in led[weakest:]]) > 0)


@pytest.mark.slow
@pytest.mark.parametrize("signal", FAST)
def test_the_longer_one_follows_the_larger_the_effect(by_length, signal):
    followers, _ = by_length
    assert np.all(np.diff([cell[signal][0] for cell in followers]) > 0)


@pytest.mark.slow
@pytest.mark.parametrize("signal", SLOW)
def test_the_longer_slow_arousal_is_shared_the_larger_the_effect(by_length, signal):
    _, led = by_length
    assert np.all(np.diff([cell[signal][0] for cell in led]) > 0)
