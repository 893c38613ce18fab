import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bowlby.synchrony.surrogates import (
    SURROGATES,
    CircularShift,
    Iaaft,
    PhaseRandomisation,
    SegmentPermutation,
)

RATE_HZ = 10.0


def first_of(surrogate, y, seed=1):
    rng = np.random.default_rng(seed)
    return next(iter(surrogate.series(y, 1, rate_hz=RATE_HZ, rng=rng)))


def skewed(n=1001):
    return np.exp(np.random.default_rng(0).normal(size=n).cumsum() / 10)


@given(n=st.integers(20, 400), length=st.integers(1, 50), seed=st.integers(0, 1000))
def test_a_segment_permutation_uses_every_block_once(n, length, seed):
    orders = SegmentPermutation().orders(n, length, 3, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(n), (3, 1)))


def test_samples_inside_a_segment_stay_neighbours():
    (order,) = SegmentPermutation().orders(600, 60, 1, rng=np.random.default_rng(1))
    assert np.sum(np.diff(order) != 1) <= 11


@pytest.mark.parametrize("surrogate", [SegmentPermutation(20.0), CircularShift(10.0), Iaaft()])
def test_a_surrogate_keeps_the_values(surrogate):
    y = skewed()
    np.testing.assert_allclose(np.sort(first_of(surrogate, y)), np.sort(y))


def test_a_circular_shift_is_at_least_as_long_as_asked():
    y = np.arange(1001.0)
    shifts = [
        int(s[0]) for s in CircularShift(10.0).series(
            y, 200, rate_hz=RATE_HZ, rng=np.random.default_rng(1))
    ]  # fmt: skip
    distance = np.minimum(shifts, 1001 - np.array(shifts))
    assert distance.min() >= 100


@pytest.mark.parametrize("n", [1000, 1001])
def test_phase_randomisation_keeps_the_spectrum(n):
    y = skewed(n)
    np.testing.assert_allclose(
        np.abs(np.fft.rfft(first_of(PhaseRandomisation(), y))),
        np.abs(np.fft.rfft(y)),
        atol=1e-8 * len(y),
    )


def test_iaaft_comes_nearer_to_the_spectrum_than_a_shuffle():
    y = skewed()
    amplitude = np.abs(np.fft.rfft(y))[1:]

    def distance(z):
        return np.sum((np.abs(np.fft.rfft(z))[1:] - amplitude) ** 2)

    shuffled = np.random.default_rng(1).permutation(y)
    assert distance(first_of(Iaaft(), y)) < 0.05 * distance(shuffled)


@pytest.mark.parametrize("kind", [PhaseRandomisation, Iaaft])
def test_gaps_stay_where_they_are_when_the_series_is_made_anew(kind):
    y = skewed()
    y[300:400] = np.nan
    np.testing.assert_array_equal(np.isnan(first_of(kind(), y)), np.isnan(y))


@pytest.mark.parametrize("name", SURROGATES)
def test_the_same_seed_gives_the_same_surrogate(name):
    y = skewed()
    np.testing.assert_array_equal(
        first_of(SURROGATES[name](), y, 5), first_of(SURROGATES[name](), y, 5)
    )


def test_a_recording_too_short_to_shift_says_what_to_use():
    with pytest.raises(ValueError, match="--surrogate segments"):
        first_of(CircularShift(60.0), np.arange(1000.0))
