"""Pairs of signals with a known truth: unrelated people of many kinds, and nine couplings.

Motion is exp(slow level + fast part), with an Ornstein-Uhlenbeck process of 20 s and SD .8 and
one of .4 s and SD .9, at 4 Hz. Every function takes a random generator and returns a
`SignalPair`; `UNRELATED` and `COUPLED` name them.
"""

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter

from bowlby.recordings.preparation.skin import split_level_and_responses
from bowlby.recordings.recording import SignalPair

RATE = 4.0
MINUTES = 10.0
Rng = np.random.Generator
Maker = Callable[[Rng], SignalPair]


def ou(rng: Rng, n: int, tau_s: float, sd: float = 1.0, rate: float = RATE) -> np.ndarray:
    """Ornstein-Uhlenbeck process from its stationary distribution."""
    a = np.exp(-1.0 / (rate * tau_s))
    shocks = rng.standard_normal(n) * np.sqrt(1.0 - a * a)
    shocks[0] = rng.standard_normal()
    return sd * lfilter([1.0], [1.0, -a], shocks)


def pair_of(x, y, kind: str = "motion", rate: float = RATE) -> SignalPair:
    """Two series as a pair."""
    return SignalPair(kind, kind, x, y, rate, 0.0, "", ("a", "b"))


def samples(minutes: float = MINUTES, rate: float = RATE) -> int:
    """Samples of so many minutes."""
    return round(minutes * 60 * rate)


def motion(rng: Rng, n: int, common=0.0, fast=None) -> np.ndarray:
    """Motion of one person, with something added to its logarithm."""
    fast = ou(rng, n, 0.4) if fast is None else fast
    return np.exp(ou(rng, n, 20.0, 0.8) + 0.9 * fast + common)


def both(make: Callable[[], np.ndarray], kind="motion", rate=RATE) -> SignalPair:
    """Two people made alike and apart."""
    return pair_of(make(), make(), kind, rate)


def _motion(minutes: float, common=lambda *_: 0.0) -> Maker:
    def make(rng: Rng) -> SignalPair:
        n = samples(minutes)
        t = np.arange(n) / RATE
        return both(lambda: motion(rng, n, common(t, n / RATE)))

    return make


def _zeros(rng: Rng) -> SignalPair:
    def one() -> np.ndarray:
        x = motion(rng, samples())
        return np.where(x < np.quantile(x, 0.6), 0.0, x)

    return both(one)


def _spikes(rng: Rng) -> SignalPair:
    n = samples()
    return both(
        lambda: np.exp(ou(rng, n, 0.4, 0.6)) + (rng.random(n) < 0.01) * rng.pareto(1.5, n) * 5,
    )


def _warm_up_added(rng: Rng) -> SignalPair:
    n = samples()
    fall = 3.0 * np.exp(-np.arange(n) / RATE / 90.0)
    return both(lambda: ou(rng, n, 5.0) + fall)


def _spectra(rng: Rng) -> SignalPair:
    n = samples()
    return pair_of(np.exp(ou(rng, n, 0.3)), np.exp(ou(rng, n, 8.0)))


def _slow(tau_s: float) -> Maker:
    return lambda rng: both(lambda: ou(rng, samples(), tau_s))


def _walk(rng: Rng) -> SignalPair:
    n = samples(rate=2.0)
    return both(lambda: np.cumsum(rng.standard_normal(n)), "dial", 2.0)


def _calm_dial(rng: Rng) -> SignalPair:
    n = samples(20, 2.0)
    trend = -2.0 * np.arange(n) / n
    return both(lambda: ou(rng, n, 10.0, rate=2.0) + trend, "dial", 2.0)


def _own_gaps(rng: Rng) -> SignalPair:
    def one() -> np.ndarray:
        x = motion(rng, samples())
        busy = np.convolve(x, np.ones(20) / 20, "same")
        return np.where(busy > np.quantile(busy, 0.88), np.nan, x)

    return both(one)


def _shared_gaps(rng: Rng) -> SignalPair:
    pair = _motion(MINUTES)(rng)
    gone = ou(rng, len(pair.x), 10.0)
    gone = gone > np.quantile(gone, 0.7)
    return pair_of(np.where(gone, np.nan, pair.x), np.where(gone, np.nan, pair.y))


def _skin(rng: Rng, n: int, fall: float = 0.0, events=None) -> np.ndarray:
    """Skin conductance (uS): drift, habituation and responses of one's own or to events."""
    k = np.arange(120) / RATE
    shape = np.exp(-k / 3.0) - np.exp(-k / 0.7)
    own = (rng.random(n) < 0.06 / RATE) * rng.lognormal(-1.0, 0.6, n)
    if events is not None:
        own = own + events * rng.lognormal(-0.5, 0.4, n)
    t = np.arange(n) / RATE
    level = 5.0 + np.cumsum(rng.standard_normal(n)) * 0.01 + fall * np.exp(-t / 300.0)
    return level + np.convolve(own, shape / shape.max())[:n] * 0.3


def _tonic(fall: float) -> Maker:
    def make(rng: Rng) -> SignalPair:
        n = samples(20)
        return both(
            lambda: split_level_and_responses(_skin(rng, n, fall), rate_hz=RATE)[0],
            "eda_tonic",
        )

    return make


def _phasic(*, has_events: bool) -> Maker:
    def make(rng: Rng) -> SignalPair:
        n = samples(20)
        events = (np.arange(n) % round(240 * RATE) == 100) if has_events else None
        return both(
            lambda: split_level_and_responses(_skin(rng, n, events=events), rate_hz=RATE)[1],
            "eda_phasic",
        )

    return make


def _ibi(trend_ms: float) -> Maker:
    def make(rng: Rng) -> SignalPair:
        n = samples()
        t = np.arange(n) / RATE

        def one() -> np.ndarray:
            breath = 2 * np.pi * np.cumsum(0.25 * np.exp(ou(rng, n, 20.0, 0.15))) / RATE
            return 800 + 40 * np.sin(breath) + ou(rng, n, 8.0, 30.0) + trend_ms * t / t[-1]

        return both(one, "ibi")

    return make


def _rsa(rng: Rng) -> SignalPair:
    n = samples(rate=2.0)
    width = round(15 * 2.0)
    smooth = np.ones(width) / np.sqrt(width)
    return both(
        lambda: 6 + 0.5 * np.convolve(rng.standard_normal(n + width - 1), smooth, "valid"),
        "rsa",
        2.0,
    )


def _timetable(on_s: float, off_s: float) -> Maker:
    return _motion(MINUTES, lambda t, _: 1.5 * (t % (on_s + off_s) < on_s))


UNRELATED: dict[str, Maker] = {
    "motion, 10 min": _motion(10),
    "motion, 5 min": _motion(5),
    "motion, 3 min": _motion(3),
    "white noise": lambda rng: both(lambda: rng.standard_normal(samples())),
    "60 % zeros": _zeros,
    "Pareto spikes": _spikes,
    "warm-up of the level, 90 s": _motion(10, lambda t, _: 2.0 * np.exp(-t / 90.0)),
    "warm-up added to the signal": _warm_up_added,
    "warm-up over 50 min": _motion(50, lambda t, _: 2.0 * np.exp(-t / 300.0)),
    "more at start and end": _motion(10, lambda t, end: 1.5 * (2.0 * t / end - 1.0) ** 2),
    "different spectra": _spectra,
    "OU process, 20 s": _slow(20.0),
    "OU process, 60 s": _slow(60.0),
    "dial, random walk": _walk,
    "dial, both calm down": _calm_dial,
    "gaps where each moves most": _own_gaps,
    "shared gaps, 30 %": _shared_gaps,
    "EDA level, own drift": _tonic(0.0),
    "EDA level, both habituate": _tonic(3.0),
    "EDA responses": _phasic(has_events=False),
    "IBI": _ibi(0.0),
    "IBI, both slow down": _ibi(80.0),
    "RSA": _rsa,
    "EDA responses to shared events": _phasic(has_events=True),
    "timetable, 90 s on, 60 s off": _timetable(90.0, 60.0),
    "timetable, 20 s on, 40 s off": _timetable(20.0, 40.0),
}
"""Pairs that are not coupled; the last three share a clock."""

SHARES_A_CLOCK = tuple(list(UNRELATED)[-3:])


def follower(
    rng: Rng, *, minutes: float = MINUTES, c: float = 0.3, lag_s: float | np.ndarray = 1.0,
    when=1.0,
) -> SignalPair:  # fmt: skip
    """Two people, the second's fast part following the first's at a lag with correlation c."""
    n = samples(minutes)
    fast = ou(rng, n, 0.4)
    at = np.arange(n) - np.asarray(lag_s) * RATE
    led = np.interp(at, np.arange(n), fast)
    strength = c * when * np.ones(n)
    own = strength * led + np.sqrt(1.0 - strength**2) * ou(rng, n, 0.4)
    return pair_of(motion(rng, n, fast=fast), motion(rng, n, fast=own))


def _time(minutes: float = MINUTES) -> np.ndarray:
    return np.arange(samples(minutes)) / RATE


def _wandering(rng: Rng) -> SignalPair:
    return follower(rng, c=0.5, lag_s=np.clip(ou(rng, samples(), 60.0, 2.0), -4, 4))


def _new_lag(rng: Rng) -> SignalPair:
    lags = rng.uniform(-4, 4, int(MINUTES * 2) + 1)
    return follower(rng, c=0.5, lag_s=lags[(_time() // 30).astype(int)])


def _bursts(rng: Rng) -> SignalPair:
    on = np.repeat(rng.random(int(MINUTES * 12) + 1) < 0.2, round(5 * RATE))[: samples()]
    return follower(rng, c=0.85, when=on.astype(float))


def _envelope(rng: Rng) -> SignalPair:
    n = samples()
    one = ou(rng, n, 20.0)
    other = 0.6 * one + 0.8 * ou(rng, n, 20.0)
    return pair_of(*(np.exp(0.8 * level + 0.9 * ou(rng, n, 0.4)) for level in (one, other)))


def _quadratic(rng: Rng) -> SignalPair:
    n = samples()
    fast = ou(rng, n, 0.4)
    late = np.roll(fast, round(RATE))
    own = 0.55 * (late**2 - 1) / np.sqrt(2) + np.sqrt(1 - 0.55**2) * ou(rng, n, 0.4)
    return pair_of(motion(rng, n, fast=fast), motion(rng, n, fast=own))


COUPLED: dict[str, Maker] = {
    "constant lag of 1 s, .3": follower,
    "wandering lag, .5": _wandering,
    "new lag every 30 s, .5": _new_lag,
    "leader alternates every 60 s, .45": lambda rng: follower(
        rng, c=0.45, lag_s=np.where(_time() // 60 % 2, 1.5, -1.5)
    ),
    "2 of 10 min, .8": lambda rng: follower(
        rng, c=0.8, when=((_time() > 240) & (_time() < 360)).astype(float)
    ),
    "bursts of 5 s, a fifth of the time, .85": _bursts,
    "anti-phase, -.3": lambda rng: follower(rng, c=-0.3),
    "envelope (20 s), .6": _envelope,
    "quadratic, .55": _quadratic,
}
"""Nine ways in which two people may be coupled."""
