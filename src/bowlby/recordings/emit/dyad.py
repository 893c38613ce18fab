"""A whole recording of two people whose coupling is known."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.emit.artefacts import with_gap
from bowlby.recordings.emit.bodies import (
    affect_dial,
    motion_energy,
    respiration,
    skin_conductance,
)
from bowlby.recordings.emit.heart import ecg, inter_beat_intervals
from bowlby.recordings.emit.states import (
    Spectrum,
    breathing,
    bursting,
    coupled_states,
    drifting,
)
from bowlby.recordings.recording import Beats, Event, Partner, Recording, Signal

ORIGIN = "simulated by bowlby"

_Emit = Callable[[FloatArray, float, np.random.Generator], Signal | Beats]


class _Body(NamedTuple):
    """How one kind of signal comes about: its state's rate (Hz), spectrum, and emission."""

    rate_hz: float
    spectrum: Spectrum
    emit: _Emit


def _emit_ecg(state: FloatArray, rate_hz: float, rng: np.random.Generator) -> Signal:
    beats = inter_beat_intervals(state, rate_hz=rate_hz, rng=rng)
    return ecg(beats, duration_s=len(state) / rate_hz, rate_hz=250.0, rng=rng)


_BODIES: Mapping[str, _Body] = MappingProxyType(
    {
        "ibi": _Body(
            20.0, drifting(5.0), lambda s, f, rng: inter_beat_intervals(s, rate_hz=f, rng=rng)
        ),
        "ecg": _Body(20.0, drifting(5.0), _emit_ecg),
        "eda": _Body(
            4.0, drifting(4.0), lambda s, f, rng: skin_conductance(s, rate_hz=f, rng=rng)
        ),
        "motion": _Body(
            25.0, bursting(), lambda s, f, rng: motion_energy(s, rate_hz=f, rng=rng)
        ),
        "dial": _Body(
            1.0, drifting(10.0), lambda s, f, rng: affect_dial(s, rate_hz=f, rng=rng)
        ),
        "respiration": _Body(
            10.0, breathing(), lambda s, f, rng: respiration(s, rate_hz=f, rng=rng)
        ),
    }
)


def emit_dyad(
    *,
    duration_s: float,
    lag_s: float | Mapping[str, float],
    correlation: float | Mapping[str, float],
    kinds: Sequence[str] = ("ibi", "eda", "motion", "dial"),
    gap: tuple[float, float] | None = None,
    rng: np.random.Generator,
    roles: tuple[str, str] = ("client", "therapist"),
    name: str = "simulated",
) -> Recording:
    """Recording of two people in which the second follows the first as told.

    Each kind of signal has its own pair of latent states, coupled by `lag_s` and
    `correlation`. The signals correlate a little less than their states, since bodies add
    noise of their own.

    Args:
        duration_s: Length (s).
        lag_s: Time by which the second follows (s), one for all kinds or one each; positive
            means that the first leads.
        correlation: Correlation of the latent states at that lag, one for all or one each.
        kinds: Kinds of signal: `ibi`, `ecg`, `eda`, `motion`, `dial`, `respiration`.
        gap: Start and end (s) of a pause in which nothing is recorded of either.
        rng: Random numbers.
        roles: Roles of the two people.
        name: Name of the recording.

    Raises:
        ValueError: If a kind is unknown or has no lag or correlation.
    """
    people: tuple[dict[str, Signal | Beats], ...] = ({}, {})
    for kind in kinds:
        if kind not in _BODIES:
            raise ValueError(f"Cannot emit {kind!r}; there are: {', '.join(_BODIES)}.")
        body = _BODIES[kind]
        states = coupled_states(
            duration_s,
            body.rate_hz,
            lag_s=_of_kind(lag_s, kind, "lag_s"),
            correlation=_of_kind(correlation, kind, "correlation"),
            rng=rng,
            spectrum=body.spectrum,
        )
        for person, state in zip(people, states, strict=True):
            signal = body.emit(state, body.rate_hz, rng)
            person[kind] = with_gap(signal, *gap) if gap else signal
    pauses = (Event(gap[0], gap[1] - gap[0], "pause"),) if gap else ()
    first, second = (Partner(role, person) for role, person in zip(roles, people, strict=True))
    return Recording(name, first, second, events=pauses, labels={"origin": ORIGIN})


def _of_kind(value: float | Mapping[str, float], kind: str, argument: str) -> float:
    if not isinstance(value, Mapping):
        return value
    if kind not in value:
        raise ValueError(f"{argument} names no {kind!r}; it has: {', '.join(value)}.")
    return value[kind]
