"""Emission: what recorders would have recorded of a simulated dyad.

The simulator knows arousal each second. Hearts, skin, breathing, movement and ratings are
emitted from it, so that simulated and real recordings go through the same measuring code.
Faster than a second, the two bodies are entrained (`bowlby.theory.entrainment`, here in
numpy and over a whole session): fast arousal f and breath b (a complex rhythm) follow

    df_i = (-f_i / forgetting + pull (f_j(t - latency) - f_i)) dt + noise dW
    db_i = ((-1 / forgetting + i omega_i) b_i + pull (b_j(t - latency) - b_i)) dt + noise dW

with pull = strength fast_coupling m contact attention_i, m its moments; movement follows the
law of f with attention 1. The state of each body is a fixed sum of slow arousal, fast arousal
(or movement) and its own noise. Nothing is standardised by recording: levels inform.

Source: ours (docs/explanation/emission.md). Integral pulse frequency modulation, Bateman
responses and motion energy: see `bowlby.recordings.emit`.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import xarray as xr

from bowlby._types import FloatArray
from bowlby.recordings.emit import (
    affect_dial,
    ecg,
    inter_beat_intervals,
    motion_energy,
    respiration,
    skin_conductance,
    with_artefacts,
    with_gap,
    write_tidy,
)
from bowlby.recordings.emit.dyad import ORIGIN
from bowlby.recordings.emit.states import Spectrum, bursting, drifting, latent_state
from bowlby.recordings.recording import Beats, Event, Partner, Recording, Signal, SignalPair
from bowlby.synchrony.measuring import Settings, default_statistic, measure_pair
from bowlby.theory.entrainment import FAST_HZ, Entrainment

RHYTHM_HZ = 0.25
"""Breathing at the set point (Hz)."""

RHYTHM_RISE_HZ = 0.04
"""Faster breathing by one unit of arousal (Hz)."""

VAGAL_WITHDRAWAL = 0.35
"""Fall of the logarithm of respiratory sinus arrhythmia by one unit of arousal."""

HEART_HZ = 40.0
"""Rate at which the heart's state is integrated (Hz): beats are right to 1 ms."""

_SLOWEST_HZ, _FASTEST_HZ = 0.1, 0.5
_BREATH_HZ = 10.0
_ECG_HZ = 250.0
_ROUNDING = 1e-5


class _Body(NamedTuple):
    """How a body's state is made: rate (Hz), shares of each part, spectrum of its own noise."""

    rate_hz: float
    slow: float
    fast: float
    own: float
    spectrum: Spectrum


# One unit of arousal shortens the interval by 75 ms: 850 ms at the set point, 700 ms (86 beats
# a minute) when overwhelmed. The shares of skin and motion add up to a variance near 1, which
# their emissions were fitted to, at the ordinary spread of arousal of 0.3 to 0.8.
_HEART = _Body(HEART_HZ, 1.5, 1.0, 0.4, drifting(5.0))
_SKIN = _Body(4.0, 0.8, 0.6, 0.4, drifting(4.0))
_MOTION = _Body(25.0, 0.5, 0.7, 0.65, bursting())
_DIAL = _Body(1.0, -1.2, 0.0, 0.3, drifting(10.0))

KINDS = ("ibi", "ecg", "eda", "respiration", "motion", "dial")
"""Kinds of signal that can be emitted."""

USUAL_KINDS = ("ibi", "eda", "respiration", "motion", "dial")
"""Kinds that are emitted unless others are asked for."""


class _Inside(NamedTuple):
    """What goes on in one person: slow arousal at 1 Hz, the other parts at 10 Hz."""

    slow: FloatArray
    fast: FloatArray
    movement: FloatArray
    breath: FloatArray


def emit_session(
    arousal: FloatArray,
    contact: FloatArray,
    attention: FloatArray,
    *,
    rng: np.random.Generator,
    kinds: Sequence[str] = USUAL_KINDS,
    fast_coupling: float | tuple[float, float] = 1.0,
    entrainment: Entrainment = Entrainment(),
    noise: float = 1.0,
    artefacts: float = 0.0,
    gap: tuple[float, float] | None = None,
    roles: tuple[str, str] = ("client", "therapist"),
    name: str = "simulated",
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Recording:
    """Recording of two simulated people.

    Each kind of signal has random numbers of its own: leaving one out changes no other.

    Args:
        arousal: Slow arousal of both each second, (seconds, 2); 0 is the set point, 2
            overwhelming. Value i is that at i seconds.
        contact: Contact (0 to 1), one value each second or tick of equal length.
        attention: How far each attends to the other (0 to 1), each second or tick: one column
            a person, or one value for both.
        rng: Random numbers.
        kinds: Kinds of signal, of `KINDS`. `ibi` and `ecg` are of the same heart.
        entrainment: The fast channel between the two bodies.
        fast_coupling: Factor on the pull of each towards the other's fast arousal, movement
            and breath; two values for the first and the second person. `(0, 1)`: the second
            follows.
        noise: Factor on the bodies' and the recorders' own noise; 0 leaves slow and fast
            arousal and the breath.
        artefacts: Share of samples and beats that the sensors spoil (0 to 1).
        gap: Start and end (s) of a pause in which nothing is recorded of either.
        roles: Roles of the two people.
        name: Name of the recording.
        labels: What is known of it, such as dyad, session, arm, group.

    Raises:
        ValueError: If a kind is unknown, or the arrays do not fit each other or hold gaps.
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise ValueError(f"Cannot emit {unknown[0]!r}; there are: {', '.join(KINDS)}.")
    arousal = np.asarray(arousal, dtype=np.float64)
    if arousal.ndim != 2 or arousal.shape[1] != 2 or not np.isfinite(arousal).all():
        raise ValueError(
            f"arousal has shape {arousal.shape}; it must be (seconds, 2) without missing "
            "values. Emit only sessions that were attended."
        )
    seconds = len(arousal)
    fast_rng, breath_rng, *of_person, hour_rng, movement_rng = rng.spawn(6)
    moments = entrainment.moments_of(hour_rng.standard_normal(1 + seconds))
    near = (moments * _each_second(contact, seconds, "contact"))[:, None]
    near = near * np.broadcast_to(np.asarray(fast_coupling, np.float64), 2)
    pulls = entrainment.pulls(near, _of_each(attention, seconds))
    fast = fast_arousal(pulls, entrainment, rng=fast_rng)
    movement = fast_arousal(entrainment.pulls(near, 1.0), entrainment, rng=movement_rng)
    breath = breaths(pulls, arousal, entrainment, rng=breath_rng)
    people = []
    for i, (role, own_rng) in enumerate(zip(roles, of_person, strict=True)):
        inside = _Inside(arousal[:, i], fast[:, i], movement[:, i], breath[:, i])
        signals = _signals(inside, kinds, noise, own_rng)
        streams = own_rng.spawn(len(KINDS))
        for kind in kinds:
            if artefacts and kind != "dial":
                spoilt_rng = streams[KINDS.index(kind)]
                signals[kind] = with_artefacts(signals[kind], share=artefacts, rng=spoilt_rng)
            if gap:
                signals[kind] = with_gap(signals[kind], *gap)
        people.append(Partner(role, signals))
    pauses = (Event(gap[0], gap[1] - gap[0], "pause"),) if gap else ()
    return Recording(name, *people, events=pauses, labels={"origin": ORIGIN, **labels})


def _of_each(attention: FloatArray, seconds: int) -> FloatArray:
    """Attention of both each second, (seconds, 2)."""
    columns = np.atleast_2d(np.asarray(attention, dtype=np.float64).T)
    if columns.ndim > 2 or len(columns) > 2:
        raise ValueError(
            f"attention has shape {np.shape(attention)}; give one column, or one for each "
            "of two people."
        )
    each = [_each_second(column, seconds, "attention") for column in columns]
    return np.broadcast_to(np.stack(each, axis=1), (seconds, 2))


def _each_second(values: FloatArray, seconds: int, argument: str) -> FloatArray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 1 or len(values) == 0 or seconds % len(values):
        raise ValueError(
            f"{argument} has shape {values.shape} for {seconds} s of arousal; give one value "
            "each second, or each tick of equal length."
        )
    # Simulated in float32, a probability of 1 may come out a rounding error above.
    if not np.all((values >= -_ROUNDING) & (values <= 1.0 + _ROUNDING)):
        raise ValueError(f"{argument} must lie between 0 and 1 everywhere.")
    return np.repeat(np.clip(values, 0.0, 1.0), seconds // len(values))


def fast_arousal(
    pulls: FloatArray, entrainment: Entrainment, *, rng: np.random.Generator
) -> FloatArray:
    """Fast arousal, or movement, of both at 10 Hz; each has variance 1 when alone.

    Args:
        pulls: Pull of each person towards the other, each second, (seconds, 2) (1/s).
        entrainment: The law, of which exact steps are taken 10 times a second.
        rng: Random numbers.
    """
    steps = round(len(pulls) * FAST_HZ)
    return entrainment.fast_arousal(pulls, rng.standard_normal((steps + 1, 2)))


def breaths(
    pulls: FloatArray,
    arousal: FloatArray,
    entrainment: Entrainment,
    *,
    rng: np.random.Generator,
) -> FloatArray:
    """Breathing of both at 10 Hz, of variance 1 when alone; arousal quickens it.

    Args:
        pulls: Pull of each person on fast arousal, each second, (seconds, 2) (1/s).
        arousal: Slow arousal of both, (seconds, 2).
        entrainment: The law.
        rng: Random numbers.
    """
    steps = round(len(pulls) * FAST_HZ)
    noise = rng.standard_normal((steps + 1, 2)) + 1j * rng.standard_normal((steps + 1, 2))
    rhythm_hz = np.clip(RHYTHM_HZ + RHYTHM_RISE_HZ * arousal, _SLOWEST_HZ, _FASTEST_HZ)
    return entrainment.breaths(pulls, rhythm_hz, noise)


def _signals(
    inside: _Inside, kinds: Sequence[str], noise: float, rng: np.random.Generator
) -> dict[str, Signal | Beats]:
    """The signals of one person."""
    heart_rng, ecg_rng, skin_rng, belt_rng, motion_rng, dial_rng = rng.spawn(len(KINDS))
    seconds = len(inside.slow)
    signals: dict[str, Signal | Beats] = {}
    beats = _heartbeats(inside, noise, heart_rng)
    for kind in kinds:
        match kind:
            case "ibi":
                signals[kind] = beats
            case "ecg":
                signals[kind] = ecg(
                    beats, duration_s=seconds, rate_hz=_ECG_HZ, rng=ecg_rng,
                    noise_mv=0.02 * noise, wander_mv=0.1 * noise,
                )  # fmt: skip
            case "eda":
                signals[kind] = skin_conductance(
                    _state(_SKIN, inside, noise, skin_rng), rate_hz=_SKIN.rate_hz,
                    rng=skin_rng, drift_us=0.3 * noise, noise_us=0.005 * noise,
                )  # fmt: skip
            case "respiration":
                signals[kind] = respiration(
                    inside.breath, rate_hz=_BREATH_HZ, rng=belt_rng,
                    drift=0.5 * noise, noise=0.05 * noise,
                )  # fmt: skip
            case "motion":
                moved = inside._replace(fast=inside.movement)
                signals[kind] = motion_energy(
                    _state(_MOTION, moved, noise, motion_rng), rate_hz=_MOTION.rate_hz,
                    rng=motion_rng, flicker=min(0.01 * noise, 1.0),
                )  # fmt: skip
            case _:
                # Both hyper- and hypo-arousal feel bad.
                felt = inside._replace(slow=np.abs(inside.slow))
                signals[kind] = affect_dial(
                    _state(_DIAL, felt, noise, dial_rng), rate_hz=_DIAL.rate_hz,
                    rng=dial_rng, middle=65.0, tremor=noise,
                )  # fmt: skip
    return signals


def _heartbeats(inside: _Inside, noise: float, rng: np.random.Generator) -> Beats:
    """Beats quickened by arousal; breathing moves them less when aroused (vagal withdrawal)."""
    slow = _at(inside.slow, 1.0, HEART_HZ, len(inside.slow))
    breath = _at(inside.breath, FAST_HZ, HEART_HZ, len(inside.slow))
    return inter_beat_intervals(
        _state(_HEART, inside, noise, rng), rate_hz=HEART_HZ, rng=rng,
        breath=breath * np.exp(-VAGAL_WITHDRAWAL * slow), jitter_ms=4.0 * noise,
    )  # fmt: skip


def _state(body: _Body, inside: _Inside, noise: float, rng: np.random.Generator) -> FloatArray:
    """Weighted sum of slow arousal, fast arousal and the body's own noise."""
    seconds = len(inside.slow)
    own = latent_state(seconds, body.rate_hz, spectrum=body.spectrum, rng=rng)
    return (
        body.slow * _at(inside.slow, 1.0, body.rate_hz, seconds)
        + body.fast * _at(inside.fast, FAST_HZ, body.rate_hz, seconds)
        + body.own * noise * own
    )


def _at(values: FloatArray, from_hz: float, to_hz: float, seconds: int) -> FloatArray:
    """Values at another rate, linear in between; the last is held."""
    clock_s = np.arange(round(seconds * to_hz)) / to_hz
    return np.interp(clock_s, np.arange(len(values)) / from_hz, values)


def write_sessions(recordings: Sequence[Recording], folder: Path) -> tuple[Path, ...]:
    """Write a study that `bowlby measure` reads: a tidy table each and `participants.tsv`.

    The columns of `participants.tsv` are recording, dyad, session, arm, group and whatever
    else the recordings' labels name, `n/a` where unknown.

    Args:
        recordings: The sessions, under different names.
        folder: Where to write; made if it is not there.

    Returns:
        The recordings' files, in their order.

    Raises:
        ValueError: If two recordings have the same name.
    """
    names = [recording.name for recording in recordings]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"Two recordings are named {twice!r}; give each session its own name.")
    folder.mkdir(parents=True, exist_ok=True)
    usual = ("dyad", "session", "arm", "group")
    named = (key for recording in recordings for key in recording.labels)
    columns = [key for key in dict.fromkeys((*usual, *named)) if key != "origin"]
    with (folder / "participants.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["recording", *columns])
        writer.writerows(
            [recording.name, *(recording.labels.get(key, "") or "n/a" for key in columns)]
            for recording in recordings
        )
    return tuple(
        write_tidy(recording, folder / f"{recording.name}.csv") for recording in recordings
    )


@dataclass(frozen=True, eq=False)
class SynchronyReadouts:
    """Synchrony of each recording by the measuring code, NaN where it cannot be measured.

    Attributes:
        effect: By signal, the statistic's distance from its surrogates' mean in their standard
            deviations, (recordings,).
        lag_s: By signal, lag of the highest point of the mean profile (s); positive means that
            the first person leads.
        lead: By signal, how much more synchrony there is at lags at which the first leads than
            at those at which the second does, against surrogates as `effect` is.
        p: By signal, share of surrogates with as much synchrony.
    """

    effect: Mapping[str, FloatArray]
    lag_s: Mapping[str, FloatArray]
    lead: Mapping[str, FloatArray]
    p: Mapping[str, FloatArray]


def synchrony_readouts(
    recordings: Sequence[Recording],
    settings: Settings | None = None,
    *,
    signals: Sequence[str] | None = None,
) -> SynchronyReadouts:
    """Measure synchrony as one would in real recordings.

    Args:
        recordings: Emitted sessions.
        settings: What to measure and how; None for the peak of the lag profile
            with 99 surrogates.
        signals: Names of the prepared or raw signals wanted (`ibi`, `eda_phasic`); None for
            all.
    """
    settings = settings or Settings(statistic="wcc_peak", surrogates=99)
    missing = np.full(len(recordings), np.nan)
    columns: tuple[dict[str, FloatArray], ...] = ({}, {}, {}, {})
    statistic = default_statistic(settings)
    for i, recording in enumerate(recordings):
        for pair in settings.prepared(recording, signals):
            for column in columns:
                column.setdefault(pair.signal, missing.copy())
            found = measured_pair(pair, settings, name=recording.name)
            if found is None:
                continue
            first, lead = (found.sel(statistic=row) for row in (statistic, "wcc_lead"))
            row = (first.z, first.peak_lag_s, lead.z, first.p)
            for column, value in zip(columns, row, strict=True):
                column[pair.signal][i] = float(value)
    return SynchronyReadouts(*columns)


def measured_pair(pair: SignalPair, settings: Settings, *, name: str) -> xr.Dataset | None:
    """A pair as `measure_pair` measures it; None if too short or too sparse for a window.

    Args:
        pair: Two prepared signals.
        settings: What to measure and how.
        name: Name of the session, which seeds the surrogates.
    """
    try:
        return measure_pair(pair, settings, name=name)
    except ValueError:
        return None
