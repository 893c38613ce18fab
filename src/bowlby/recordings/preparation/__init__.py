"""From raw signals to pairs that can be compared: one clock, gaps kept, every step told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bowlby.recordings.kinds import KINDS
from bowlby.recordings.plausible import are_copies
from bowlby.recordings.preparation.breath import respiration_pairs
from bowlby.recordings.preparation.clock import align, moving_mean, odd_count
from bowlby.recordings.preparation.drift import with_drift_told
from bowlby.recordings.preparation.heart import heart_pairs
from bowlby.recordings.preparation.motion import SMOOTH_S, motion_pairs
from bowlby.recordings.preparation.skin import skin_pairs
from bowlby.recordings.recording import Beats, Recording, RecordingError, Signal, SignalPair

__all__ = ["align", "prepare"]

_HEART = ("ibi", "rsa")
_SKIN = ("eda_tonic", "eda_phasic")
# What signals of a raw kind become; every other kind stays what it is.
_BECOMES = {"beats": _HEART, "ecg": _HEART, "ppg": _HEART, "eda": _SKIN}


def prepare(
    recording: Recording,
    *,
    smooth_s: float | None = None,
    signals: Sequence[str] | None = None,
    as_rmea: bool = False,
) -> tuple[SignalPair, ...]:
    """Pairs of comparable signals, one or more for each signal the partners share.

    Motion energy is freed of outliers and smoothed; ECG, pulse wave and beats become the
    inter-beat interval `ibi` and `rsa`; skin conductance becomes `eda_tonic` and `eda_phasic`;
    respiration loses its drift; anything else is only put on the common clock. Missing
    samples stay missing. Each pair's `steps` say what was done, with numbers.

    A signal that cannot be prepared is left out as long as another can, and the others' steps
    say so, unless `signals` asks for it.

    Where stretches are too short for RSA it is left out, and `ibi` says so, unless `signals`
    asks for it.

    Args:
        recording: Two partners' raw signals.
        smooth_s: Length of a centred moving average (s). None for the default (0.5 s for
            motion, none for the others), 0 for none at all.
        signals: Names of the signals wanted, prepared (`"rsa"`) or raw (`"ecg"`, all it
            becomes); None for all.
        as_rmea: Treat motion as rMEA does: keep outliers, smooth with its quirks.

    Raises:
        RecordingError: If partners do not overlap in time, or nothing is left of a signal.
        ValueError: If `smooth_s` is negative or `signals` names something that is not there.
    """
    if smooth_s is not None and not (np.isfinite(smooth_s) and smooth_s >= 0):
        raise ValueError(f"smooth_s={smooth_s}; give a length in seconds, or 0 for none.")
    outputs = _outputs(recording)
    wanted = _wanted(recording.name, outputs, signals)
    pairs: list[SignalPair] = []
    failed: list[RecordingError] = []
    for raw, names in outputs.items():
        if wanted.isdisjoint(names):
            continue
        _refuse_copies(recording, raw)
        try:
            made = _pairs(recording, raw, names, smooth_s, as_rmea=as_rmea)
        except RecordingError as error:
            failed.append(error)
            continue
        made = _without_failed_rsa(made, is_needed=signals is not None and names[-1] in signals)
        for pair in made:
            if pair.signal in wanted:
                _check(pair, recording.name)
                told = _with_notes(pair, recording, raw)
                pairs.append(_with_coverage(with_drift_told(told, recording)))
    if failed and (signals is not None or not pairs):
        raise failed[0]
    said = tuple(f"Left out, {error}" for error in failed)
    return tuple(replace(pair, steps=(*pair.steps, *said)) for pair in pairs)


def _refuse_copies(recording: Recording, name: str) -> None:
    """Refuse two people of whom one is the other's copy."""
    one, two = recording.first.signals[name], recording.second.signals[name]
    values = [s.ibi_ms if isinstance(s, Beats) else s.values for s in (one, two)]
    if are_copies(values[0], values[1]):
        raise RecordingError(
            f"{recording.name}: {name} of {' and '.join(recording.roles)} is one signal twice "
            "(equal up to lag, scale and offset). Check which columns or files belong to whom; "
            "name others with --first and --second."
        )


def _with_notes(pair: SignalPair, recording: Recording, raw: str) -> SignalPair:
    """The pair with what reading found, before what preparing did."""
    said = [
        f"{partner.role}: {note}"
        for partner in (recording.first, recording.second)
        for note in partner.signals[raw].notes
    ]
    uncertainty_s = max(pair.start_uncertainty_s, recording.start_uncertainty_s)
    steps = (*recording.notes, *said, *pair.steps)
    return replace(pair, steps=steps, start_uncertainty_s=uncertainty_s)


def _kind(signal: Signal | Beats) -> str:
    return "beats" if isinstance(signal, Beats) else signal.kind


def _outputs(recording: Recording) -> dict[str, tuple[str, ...]]:
    """Names of the pairs that each shared raw signal becomes; a second heart is prefixed."""
    becomes = {
        raw: _BECOMES.get(_kind(recording.first.signals[raw]), ())
        for raw in recording.signal_names
    }
    taken = {raw for raw, parts in becomes.items() if not parts}
    outputs: dict[str, tuple[str, ...]] = {}
    for raw, parts in becomes.items():
        plain = parts or (raw,)
        names = (
            plain
            if not parts or taken.isdisjoint(parts)
            else tuple(f"{raw}_{part}" for part in parts)
        )
        taken.update(names)
        outputs[raw] = names
    return outputs


def _wanted(
    recording_name: str, outputs: Mapping[str, tuple[str, ...]], signals: Sequence[str] | None
) -> set[str]:
    """Names of the pairs asked for."""
    prepared = {name for names in outputs.values() for name in names}
    if signals is None:
        return prepared
    wanted: set[str] = set()
    for name in signals:
        if name in prepared:
            wanted.add(name)
        elif name in outputs:
            wanted.update(outputs[name])
        else:
            there = ", ".join(dict.fromkeys([*outputs, *sorted(prepared)]))
            raise ValueError(
                f"{recording_name}: the partners share no signal {name!r}. There are: {there}."
            )
    return wanted


def _pairs(
    recording: Recording,
    raw: str,
    names: tuple[str, ...],
    smooth_s: float | None,
    *,
    as_rmea: bool,
) -> tuple[SignalPair, ...]:
    """All pairs that the signal named `raw` becomes."""
    first, second = recording.first.signals[raw], recording.second.signals[raw]
    roles, where = recording.roles, f"{recording.name}, {raw}"
    kinds = _kind(first), _kind(second)
    if len(names) == 2 and _BECOMES.get(kinds[0]) is _BECOMES.get(kinds[1]) is _HEART:
        bands = recording.first.breathing_hz, recording.second.breathing_hz
        made = heart_pairs(
            first, second, names=(names[0], names[1]), roles=roles, where=where, bands_hz=bands
        )
    elif kinds[0] != kinds[1] or isinstance(first, Beats) or isinstance(second, Beats):
        raise RecordingError(
            f"{where}: {roles[0]} has {kinds[0]}, {roles[1]} has {kinds[1]}; only one "
            "kind of signal can be compared. Name them apart or give the kind with --kind."
        )
    elif kinds[0] == "motion":
        smooth = SMOOTH_S if smooth_s is None else smooth_s
        return motion_pairs(
            raw, first, second, roles=roles, where=where, smooth_s=smooth, as_rmea=as_rmea
        )
    elif kinds[0] == "eda":
        made = skin_pairs(
            raw, first, second, names=(names[0], names[1]), roles=roles, where=where
        )
    elif kinds[0] == "respiration":
        made = respiration_pairs(raw, first, second, roles=roles, where=where)
    else:
        made = _as_they_are(raw, first, second, roles=roles, where=where)
    return tuple(_smoothed(pair, smooth_s) for pair in made)


def _as_they_are(
    name: str, first: Signal, second: Signal, *, roles: tuple[str, str], where: str
) -> tuple[SignalPair, ...]:
    """Both signals on the common clock and otherwise untouched."""
    kind = KINDS.get(first.kind, KINDS["other"])
    x, y, start_s, rate_hz = align(
        first, second, rate_hz=kind.rate_hz, roles=roles, where=where
    )
    steps = (f"{kind.title}: both as recorded, at {rate_hz:g} Hz.",)
    unit = first.unit or kind.unit
    return (SignalPair(name, kind.name, x, y, rate_hz, start_s, unit, roles, steps),)


def _smoothed(pair: SignalPair, smooth_s: float | None) -> SignalPair:
    """The pair after a moving average, if one is asked for."""
    if smooth_s is None or odd_count(smooth_s, pair.rate_hz) == 1:
        return pair
    x, y = (
        moving_mean(values, duration_s=smooth_s, rate_hz=pair.rate_hz)
        for values in (pair.x, pair.y)
    )
    count = odd_count(smooth_s, pair.rate_hz)
    step = f"{_title(pair)}: centred moving average of {smooth_s:g} s ({count} samples)."
    return replace(pair, x=x, y=y, steps=(*pair.steps, step))


def _title(pair: SignalPair) -> str:
    return KINDS[pair.kind].title


def _problem(pair: SignalPair) -> tuple[str, str] | None:
    """Role of the partner whose signal cannot be compared, and why; None if all is well."""
    for role, values in zip(pair.roles, (pair.x, pair.y), strict=True):
        is_there = values[np.isfinite(values)]
        if len(is_there) == 0:
            return role, "nothing is left: all samples are missing or in stretches too short"
        if np.all(is_there == is_there[0]):
            return role, f"all samples are the same ({is_there[0]:g})"
    return None


def _check(pair: SignalPair, recording_name: str) -> None:
    """Refuse a pair that holds nothing to compare."""
    problem = _problem(pair)
    if problem is not None:
        role, why = problem
        others = "leave the signal out with --signals, or leave the recording out"
        raise RecordingError(
            f"{recording_name}: {pair.signal} of {role} cannot be used, {why}. "
            f"Check the sensor and the column of {role}; {others}."
        )


def _without_failed_rsa(
    made: tuple[SignalPair, ...], *, is_needed: bool
) -> tuple[SignalPair, ...]:
    """The pairs without an RSA that could not be derived, which the IBI then tells."""
    problem = _problem(made[-1]) if made[-1].kind == "rsa" and len(made) == 2 else None
    if problem is None or is_needed:
        return made
    role, why = problem
    step = f"RSA was left out: in {role}, {why} for its 15 s window."
    return (replace(made[0], steps=(*made[0].steps, step)),)


def _with_coverage(pair: SignalPair) -> SignalPair:
    """The pair with the last step, what time it covers and how much of it is missing."""
    missing = tuple(float(np.mean(~np.isfinite(values))) for values in (pair.x, pair.y))
    end_s = pair.start_s + (len(pair.x) - 1) / pair.rate_hz
    step = (
        f"{_title(pair)}: {pair.start_s:.1f} to {end_s:.1f} s compared; "
        f"{missing[0]:.1%} missing in {pair.roles[0]}, {missing[1]:.1%} in {pair.roles[1]}."
    )
    return replace(pair, steps=(*pair.steps, step))
