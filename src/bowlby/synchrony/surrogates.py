"""Surrogates within a dyad: what two people would show if only their timing were undone.

Each method keeps one partner as recorded and makes the other one's series anew. All are seeded
and need no assumption about the measure. Their null hypothesis: *the two people are no more
related at matching moments than at moments that do not match*.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray, IntArray

NEIGHBOURS = 4
"""Segments among which one moves in `NearPermutation`."""
_MOST_KURTOSIS = 100.0


@dataclass(frozen=True)
class SegmentPermutation:
    """Cut the second partner's series into segments and put them in random order.

    Keeps each segment as it was: level, bursts and autocorrelation up to `segment_s`.

    Attributes:
        segment_s: Length of a segment (s); None takes the correlation window's.

    Source:
        Moulder, Boker, Ramseyer & Tschacher (2018), Psychological Methods 23, 757-773
        ("segment shuffling"); cutting at a random offset is ours.
    """

    segment_s: float | None = None
    name = "segments"
    warning = ""

    def series(
        self, y: FloatArray, count: int, *, rate_hz: float, rng: np.random.Generator
    ) -> Iterator[FloatArray]:
        """Yield `count` surrogate series of `y`."""
        length = max(1, round((self.segment_s or 60.0) * rate_hz))
        for _ in range(count):
            yield y[self._order(len(y), length, rng)]

    def orders(
        self, n_blocks: int, blocks_per_segment: int, count: int, *, rng: np.random.Generator
    ) -> IntArray:
        """Orders of blocks, each a permutation of whole segments (count x blocks)."""
        found = [self._order(n_blocks, blocks_per_segment, rng) for _ in range(count)]
        return np.array(found, dtype=np.int64).reshape(count, n_blocks)

    def _order(self, n: int, length: int, rng: np.random.Generator) -> IntArray:
        """Order of `n` items after their segments are shuffled, cut at a random offset."""
        edges = _edges(n, length, rng)
        return _joined(edges, rng.permutation(len(edges) - 1))


@dataclass(frozen=True)
class NearPermutation(SegmentPermutation):
    """As `SegmentPermutation`, but segments move among four neighbours only.

    What both people do at about the same time (a shared timetable, warming up, habituation)
    stays in place, so that it is not called synchrony; about a quarter of the segments stay
    too, so that less is found.

    Source:
        Ours; shuffling among neighbours is the restricted permutation of Good (2005),
        Permutation, Parametric and Bootstrap Tests of Hypotheses.
    """

    name = "near"

    def _order(self, n: int, length: int, rng: np.random.Generator) -> IntArray:
        edges = _edges(n, length, rng)
        segments, first = len(edges) - 1, int(rng.integers(NEIGHBOURS))
        groups = np.split(np.arange(segments), np.arange(first, segments, NEIGHBOURS))
        return _joined(edges, np.concatenate([rng.permutation(group) for group in groups]))


@dataclass(frozen=True)
class CircularShift:
    """Shift the second partner's series in time, its end joined to its beginning.

    Attributes:
        min_shift_s: Smallest shift either way (s).

    Source:
        Moulder et al. (2018), "data sliding".
    """

    min_shift_s: float = 30.0
    name = "shift"
    warning = ""

    def series(
        self, y: FloatArray, count: int, *, rate_hz: float, rng: np.random.Generator
    ) -> Iterator[FloatArray]:
        """Yield `count` surrogate series of `y`."""
        smallest = round(self.min_shift_s * rate_hz)
        if 2 * smallest >= len(y):
            raise ValueError(
                f"A recording of {len(y) / rate_hz:.0f} s cannot be shifted by at least "
                f"{self.min_shift_s:g} s both ways. Use --surrogate segments."
            )
        for shift in rng.integers(smallest, len(y) - smallest + 1, size=count):
            yield np.roll(y, shift)


@dataclass(frozen=True)
class CutShift:
    """Shift the second partner round the session and leave a gap where end meets beginning.

    Measures that follow a phase, a recurrence or a prediction see a seam as something that
    signals never do, and then find every recording different from its surrogates; a gap they
    know how to leave out. The recording itself gets one gap at a random place too, so that all
    are equally long and broken, and ranks are exact.

    Attributes:
        min_shift_s: Smallest shift either way (s), at most a sixth of the recording.
        max_shift_s: Largest shift either way (s); None for half of the recording.

    Source:
        Moulder et al. (2018), "data sliding"; the gap is ours.
    """

    min_shift_s: float = 30.0
    max_shift_s: float | None = None
    name = "cut"

    def pairs(
        self,
        x: FloatArray,
        y: FloatArray,
        count: int,
        *,
        rate_hz: float,
        rng: np.random.Generator,
    ) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield the recording with a gap, then `count` pairs of `x` and a shifted `y`."""
        n = len(x)
        smallest = max(1, min(round(self.min_shift_s * rate_hz), n // 6))
        largest = n // 2
        if self.max_shift_s is not None:
            largest = min(largest, round(self.max_shift_s * rate_hz))
        shifts = rng.integers(smallest, max(smallest, largest) + 1, size=1 + count)
        shifts *= rng.choice([-1, 1], size=1 + count)
        # A second: two samples at the rate of the coarsest measure, so that one is missing.
        gap = np.arange(max(1, round(rate_hz)))
        for k, shift in enumerate(shifts % n):
            first, second = x.copy(), np.roll(y, shift if k else 0)
            first[(shift + gap) % n] = second[(shift + gap) % n] = np.nan
            yield first, second


@dataclass(frozen=True)
class PhaseRandomisation:
    """Keep the second partner's spectrum, draw its phases at random.

    Each stretch between gaps is randomised by itself; gaps stay where they were. Bursty,
    skewed signals such as motion energy become Gaussian, so extremes are not comparable; series
    with an excess kurtosis above 100 are refused, as a few spikes that meet by chance then
    exceed all surrogates (20 % of unrelated pairs had p <= .05, signed).

    Source:
        Theiler et al. (1992), Physica D 58, 77-94.
    """

    name = "phase"
    warning = (
        "Phase randomisation makes bursty signals Gaussian; prefer segments for motion energy."
    )

    def series(
        self,
        y: FloatArray,
        count: int,
        *,
        rate_hz: float,  # noqa: ARG002 - one interface for all surrogates
        rng: np.random.Generator,
    ) -> Iterator[FloatArray]:
        """Yield `count` surrogate series of `y`."""
        _refuse_spikes(y)
        for _ in range(count):
            surrogate = y.copy()
            for stretch in _stretches(y):
                surrogate[stretch] = _random_phases(y[stretch], rng)
            yield surrogate


@dataclass(frozen=True)
class Iaaft:
    """Keep the second partner's values and, nearly, its spectrum.

    Attributes:
        iterations: Rounds of adjusting spectrum and values.

    Source:
        Schreiber & Schmitz (1996), Physical Review Letters 77, 635-638.
    """

    iterations: int = 15
    name = "iaaft"
    warning = (
        "IAAFT rejected 8 of 80 mismatched pairs of motion energy at .05 with absolute "
        "values; its p-values run low. Prefer segments."
    )

    def series(
        self,
        y: FloatArray,
        count: int,
        *,
        rate_hz: float,  # noqa: ARG002 - one interface for all surrogates
        rng: np.random.Generator,
    ) -> Iterator[FloatArray]:
        """Yield `count` surrogate series of `y`."""
        for _ in range(count):
            surrogate = y.copy()
            for stretch in _stretches(y):
                surrogate[stretch] = self._adjust(y[stretch], rng)
            yield surrogate

    def _adjust(self, y: FloatArray, rng: np.random.Generator) -> FloatArray:
        ordered, amplitude = np.sort(y), np.abs(np.fft.rfft(y))
        surrogate = rng.permutation(y)
        for _ in range(self.iterations):
            phase = np.angle(np.fft.rfft(surrogate))
            spectrum_kept = np.fft.irfft(amplitude * np.exp(1j * phase), n=len(y))
            surrogate = ordered[np.argsort(np.argsort(spectrum_kept))]
        return surrogate


Surrogate = SegmentPermutation | NearPermutation | CircularShift | PhaseRandomisation | Iaaft

SURROGATES: dict[str, type[Surrogate]] = {
    kind.name: kind
    for kind in (SegmentPermutation, NearPermutation, CircularShift, PhaseRandomisation, Iaaft)
}


def refuse_unlike_tails(surrogate: str, *, is_absolute: bool) -> None:
    """Refuse phase surrogates of absolute values.

    They are Gaussian, and bursts of real signals reach high absolute correlations by chance
    more often than Gaussian ones do: of unrelated pairs, 13 % (motion) to 37 % (heavy tails)
    have p <= .05.

    Raises:
        ValueError: If `surrogate` makes signals Gaussian and absolute values are averaged.
    """
    if is_absolute and surrogate == PhaseRandomisation.name:
        raise ValueError(
            "Phase surrogates are Gaussian; absolute correlations of real signals exceed those "
            "by chance (13 to 37 % of unrelated pairs at p <= .05). Use --surrogate segments, "
            "or --signed."
        )


def _refuse_spikes(y: FloatArray) -> None:
    from scipy.stats import kurtosis

    heaviness = float(kurtosis(y[np.isfinite(y)]))
    if heaviness > _MOST_KURTOSIS:
        raise ValueError(
            f"Phase surrogates are Gaussian, and the second person's signal has spikes (excess "
            f"kurtosis {heaviness:.0f}) that exceed those by chance. Use --surrogate segments."
        )


def _edges(n: int, length: int, rng: np.random.Generator) -> IntArray:
    """Where segments of `n` items begin, cut at a random offset, and where the last ends."""
    cuts = np.arange(rng.integers(1, length + 1), n, length)
    return np.concatenate([[0], cuts, [n]])


def _joined(edges: IntArray, order: IntArray) -> IntArray:
    """Items of the segments, one segment after the other in this order."""
    lengths = np.diff(edges)[order]
    shift = edges[:-1][order] - (np.cumsum(lengths) - lengths)
    return np.arange(edges[-1]) + np.repeat(shift, lengths)


def _stretches(y: FloatArray) -> list[slice]:
    """Runs of valid samples."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.isfinite(y), [False]])))
    return [slice(a, b) for a, b in edges.reshape(-1, 2)]


def _random_phases(y: FloatArray, rng: np.random.Generator) -> FloatArray:
    spectrum = np.fft.rfft(y)
    turns = np.exp(2j * np.pi * rng.random(len(spectrum)))
    turns[0] = 1.0
    if len(y) % 2 == 0:
        turns[-1] = 1.0
    return np.fft.irfft(spectrum * turns, n=len(y))
