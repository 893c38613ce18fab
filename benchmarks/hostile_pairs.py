"""Pairs of unrelated people that a hostile reviewer would try, beside those of `synthetic_pairs`.

Each differs from motion-like noise in one respect that real recordings have: rhythms, drift over
all scales, coarse or still ratings, sensors that lose samples together, spikes, steps. Pairs in
`FROM_OUTSIDE` are unrelated too, but something outside both people acts on both recordings.
"""

import numpy as np
from scipy.signal import lfilter
from synthetic_pairs import RATE, Maker, Rng, both, motion, ou, pair_of, samples

from bowlby.recordings.recording import SignalPair


def rhythm(rng: Rng, n: int, hz: float, memory_s: float, rate: float = RATE) -> np.ndarray:
    """AR(2) process with a spectral peak at `hz` whose phase is forgotten in `memory_s`."""
    r = np.exp(-1.0 / (rate * memory_s))
    a = [1.0, -2.0 * r * np.cos(2 * np.pi * hz / rate), r * r]
    burn = round(5 * memory_s * rate)
    x = lfilter([1.0], a, rng.standard_normal(n + burn))[burn:]
    return x / x.std()


def pink(rng: Rng, n: int, slope: float) -> np.ndarray:
    """Noise with power 1 / f^slope."""
    frequency = np.fft.rfftfreq(2 * n)
    frequency[0] = np.inf
    spectrum = rng.standard_normal((2, len(frequency))) * frequency ** (-slope / 2)
    x = np.fft.irfft(spectrum[0] + 1j * spectrum[1])[:n]
    return x / x.std()


def steps(rng: Rng, n: int, per_minute: float, rate: float = RATE) -> np.ndarray:
    """A level that stays until it jumps, at random times."""
    jumps = rng.random(n) < per_minute / 60.0 / rate
    jumps[0] = True
    return rng.standard_normal(jumps.sum())[np.cumsum(jumps) - 1]


def runs(rng: Rng, n: int, mean_s: float, share: float) -> np.ndarray:
    """Stretches of about `mean_s` that cover a share of the time."""
    x = ou(rng, n, mean_s)
    return x > np.quantile(x, 1.0 - share)


def _alike(make, kind: str = "motion", rate: float = RATE) -> Maker:
    return lambda rng: both(lambda: make(rng, samples(rate=rate)), kind, rate)


def _bursts(rng: Rng, n: int) -> np.ndarray:
    on = np.repeat(rng.random(n // 20 + 1) < 0.1, 20)[:n]
    return on * np.exp(ou(rng, n, 0.4)) + 0.02 * np.abs(rng.standard_normal(n))


def _garch(rng: Rng, n: int) -> np.ndarray:
    return np.exp(1.2 * ou(rng, n, 60.0)) * rng.standard_normal(n)


def _still(rng: Rng, n: int) -> np.ndarray:
    """A dial that is left where it is for most of the time."""
    return np.round(3.0 * steps(rng, n, 1.5, 2.0))


def _likert(rng: Rng, n: int) -> np.ndarray:
    return np.clip(np.round(5 + 1.2 * ou(rng, n, 20.0, rate=2.0)), 1, 9)


def _ceiling(rng: Rng, n: int) -> np.ndarray:
    return np.minimum(ou(rng, n, 15.0, rate=2.0), 0.0)


def _sparse(rng: Rng, n: int) -> np.ndarray:
    x = np.zeros(n)
    at = rng.random(n) < 0.004
    return np.convolve(x + at * rng.pareto(2.0, n), np.exp(-np.arange(12) / 4.0))[:n]


def _ectopic(rng: Rng, n: int) -> np.ndarray:
    breath = 2 * np.pi * np.cumsum(0.25 * np.exp(ou(rng, n, 20.0, 0.1))) / RATE
    return 800 + 40 * np.sin(breath) + 250 * (rng.random(n) < 0.01) * rng.choice([-1, 1], n)


def _breath(rng: Rng, n: int) -> np.ndarray:
    rate_hz = 0.25 * np.exp(0.1 * rng.standard_normal() + ou(rng, n, 30.0, 0.1))
    return np.sin(2 * np.pi * np.cumsum(rate_hz) / RATE + rng.uniform(0, 2 * np.pi))


def _unlike_rates(rng: Rng) -> SignalPair:
    """One recorded once a second and interpolated, the other four times."""
    n = samples()
    coarse = motion(rng, n)[::4]
    return pair_of(np.interp(np.arange(n), np.arange(len(coarse)) * 4, coarse), motion(rng, n))


def _missing(share: float) -> Maker:
    def make(rng: Rng) -> SignalPair:
        n = samples()
        return both(lambda: np.where(rng.random(n) < share, np.nan, motion(rng, n)))

    return make


def _half(rng: Rng) -> SignalPair:
    """The second person recorded for half of the session only."""
    n = samples()
    y = motion(rng, n)
    y[n // 2 :] = np.nan
    return pair_of(motion(rng, n), y)


def _one_still(rng: Rng) -> SignalPair:
    n = samples()
    y = motion(rng, n)
    y[n // 3 : 2 * n // 3] = 0.0
    return pair_of(motion(rng, n), y)


def _ar2(first_hz: float, second_hz: float, memory_s: float, kind: str) -> Maker:
    def make(rng: Rng) -> SignalPair:
        n = samples()
        return pair_of(
            rhythm(rng, n, first_hz, memory_s), rhythm(rng, n, second_hz, memory_s), kind
        )

    return make


def _opposed(rng: Rng) -> SignalPair:
    """One moves more and more, the other less and less."""
    n = samples()
    t = np.linspace(-1.0, 1.0, n)
    return pair_of(motion(rng, n, t), motion(rng, n, -t))


def _turns(rng: Rng) -> SignalPair:
    """Each speaks in turns of a length of one's own."""
    n = samples()
    return both(lambda: motion(rng, n, 1.5 * runs(rng, n, 8.0, 0.4)))


def _lost_together(rng: Rng) -> SignalPair:
    """Samples missing where either moves most: a face turned, a hand before the camera."""
    n = samples()
    x, y = motion(rng, n), motion(rng, n)
    busy = np.convolve(x + y, np.ones(12) / 12, "same")
    gone = busy > np.quantile(busy, 0.85)
    return pair_of(np.where(gone, np.nan, x), np.where(gone, np.nan, y))


def _frozen(rng: Rng) -> SignalPair:
    """Frames repeated by the camera: no motion in either, then twice as much at once."""
    n = samples()
    held = runs(rng, n, 1.0, 0.04)
    after = np.concatenate([[False], held[:-1] & ~held[1:]])
    x, y = motion(rng, n), motion(rng, n)
    factor = np.where(held, 0.0, np.where(after, 2.0, 1.0))
    return pair_of(x * factor, y * factor)


def _flicker(rng: Rng) -> SignalPair:
    """A lamp that changes brightness now and then adds to the motion of both."""
    n = samples()
    lamp = (rng.random(n) < 0.005) * 3.0
    return pair_of(motion(rng, n) + lamp, motion(rng, n) + lamp)


def _slowing(rng: Rng) -> SignalPair:
    """Both breathe more and more slowly, as they calm down, with phases of their own."""
    n = samples()

    def one() -> np.ndarray:
        falls = np.linspace(0.32, 0.2, n)
        return np.sin(2 * np.pi * np.cumsum(falls * np.exp(ou(rng, n, 30.0, 0.1))) / RATE)

    return both(one, "respiration")


def _paced(rng: Rng) -> SignalPair:
    """Both breathe with one metronome, each with a delay of one's own."""
    n = samples()
    t = np.arange(n) / RATE
    return both(
        lambda: np.sin(2 * np.pi * 0.1 * t + rng.uniform(0, 6.28)) + 0.5 * ou(rng, n, 2.0),
        "respiration",
    )


HOSTILE: dict[str, Maker] = {
    "AR(2), .10 and .15 Hz": _ar2(0.10, 0.15, 20.0, "motion"),
    "AR(2), one rhythm of .10 Hz, kept for 20 s, IBI": _ar2(0.10, 0.10, 20.0, "ibi"),
    "AR(2), one rhythm of .25 Hz, kept for 20 s": _ar2(0.25, 0.25, 20.0, "respiration"),
    "AR(2), one rhythm of .25 Hz, kept for 60 s": _ar2(0.25, 0.25, 60.0, "respiration"),
    "breathing, own rates": _alike(_breath, "respiration"),
    "1/f drift": _alike(lambda rng, n: pink(rng, n, 1.0)),
    "1/f^2 drift, IBI": _alike(lambda rng, n: pink(rng, n, 2.0), "ibi"),
    "bursts, a tenth of the time": _alike(_bursts),
    "spread that drifts (60 s)": _alike(_garch),
    "ratings of 1 to 9": _alike(_likert, "dial", 2.0),
    "dial left still, few steps": _alike(_still, "dial", 2.0),
    "dial at its ceiling half the time": _alike(_ceiling, "dial", 2.0),
    "levels that jump": _alike(lambda rng, n: steps(rng, n, 2.0) + 0.3 * ou(rng, n, 0.5)),
    "two or three spikes a minute": _alike(_sparse),
    "IBI with ectopic beats": _alike(_ectopic, "ibi"),
    "unlike rates, one interpolated": _unlike_rates,
    "20 % missing at random": _missing(0.2),
    "half of one person missing": _half,
    "one person still for a third": _one_still,
    "one more and more, one less and less": _opposed,
    "turns of one's own": _turns,
    "samples lost together where either moves": _lost_together,
    "both breathe ever more slowly": _slowing,
    "frames that the camera repeated": _frozen,
    "a lamp that flickers": _flicker,
    "breathing to one metronome": _paced,
}
"""Unrelated pairs; something outside both acts on both in the last four."""

FROM_OUTSIDE = tuple(list(HOSTILE)[-4:])
