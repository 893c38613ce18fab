"""Event-related synchrony: how running synchrony goes around moments of a kind.

The running synchrony of each recording is read off around each of its events and averaged over
all events of all recordings. The null turns each recording's whole train of events round its
session by a random time: the spacing of the events stays, only their place is at random. The
band and p take the largest departure over the whole curve, so they hold for all its moments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bowlby._types import FloatArray

LEAST_EVENTS = 5


@dataclass(frozen=True, eq=False)
class Running:
    """Running synchrony of one recording.

    Attributes:
        recording: Its name.
        time_s: Middle of each window on the recording's clock (s), increasing.
        value: Mean over lags in each window, NaN where there is none.
        events_s: When the events were (s).
    """

    recording: str
    time_s: FloatArray
    value: FloatArray
    events_s: FloatArray


@dataclass(frozen=True, eq=False)
class EventCurve:
    """Mean running synchrony around events.

    Attributes:
        label: Kind of event.
        offset_s: Time from the event (s), negative before it.
        mean: Mean over events at each offset, NaN where no event has a value.
        null_mean: Mean of the turned trains; NaN if not tested.
        low: Lower edge of the band that 95 % of turned trains stay in over the whole curve.
        high: Its upper edge.
        p: Share of turned trains whose largest departure is as large; NaN if not tested.
        peak_s: Offset of the largest departure (s), NaN if not tested.
        events: Events with a value.
        recordings: Recordings that hold them.
        reason: Why the curve was not tested, or empty.
    """

    label: str
    offset_s: FloatArray
    mean: FloatArray
    null_mean: FloatArray
    low: FloatArray
    high: FloatArray
    p: float
    peak_s: float
    events: int
    recordings: int
    reason: str = ""


def event_curve(
    label: str,
    trains: Sequence[Running],
    *,
    reach_s: float = 60.0,
    step_s: float = 5.0,
    turns: int = 999,
    seed: int = 1,
) -> EventCurve:
    """Average running synchrony around events and test it against turned trains.

    Args:
        label: Kind of event.
        trains: Running synchrony and events of each recording that has any.
        reach_s: How far to look before and after an event (s).
        step_s: Time between points of the curve (s).
        turns: Random turns; 0 for no test.
        seed: Seed of the turns.

    Raises:
        ValueError: If no event lies in a part that has running synchrony.
    """
    count = int(reach_s / step_s + 1e-9)
    offset_s = np.arange(-count, count + 1, dtype=np.float64) * step_s
    used = [train for train in trains if len(train.events_s) and len(train.time_s) > 1]
    own = _sums(used, offset_s, [0.0] * len(used))
    events = int(own[1].max(initial=0))
    if not events:
        raise ValueError(f"No event {label!r} lies where running synchrony could be computed.")
    mean = _mean(*own)
    recordings = len(used)
    untested = _untested(label, offset_s, mean, events, recordings)
    if events < LEAST_EVENTS or turns < 2:
        few = f"{events} events; a test needs {LEAST_EVENTS}." if turns >= 2 else "Not tested."
        return replace(untested, reason=few)
    rng = np.random.default_rng(seed)
    spans = [float(train.time_s[-1] - train.time_s[0]) for train in used]
    null = np.stack([
        _mean(*_sums(used, offset_s, [rng.uniform(0, span) for span in spans]))
        for _ in range(turns)
    ])  # fmt: skip
    known = np.isfinite(mean) & (np.isfinite(null).mean(axis=0) > 0.5)
    centre, sd = np.full((2, len(offset_s)), np.nan)
    centre[known] = np.nanmean(null[:, known], axis=0)
    sd[known] = np.nanstd(null[:, known], axis=0, ddof=1)
    known &= sd > 0
    departures = np.abs((np.vstack([mean, null]) - centre) / sd)[:, known]
    if not departures.size:
        return replace(untested, reason="The session is too short to turn its events round it.")
    largest = np.nanmax(departures, axis=1)
    limit = float(np.quantile(largest[1:], 0.95))
    p = float((1 + np.sum(largest[1:] >= largest[0] - 1e-12)) / (1 + turns))
    peak = offset_s[known][int(np.nanargmax(departures[0]))]
    return EventCurve(
        label, offset_s, mean, centre, centre - limit * sd, centre + limit * sd, p, float(peak),
        events, recordings,
    )  # fmt: skip


def _untested(
    label: str, offset_s: FloatArray, mean: FloatArray, events: int, recordings: int
) -> EventCurve:
    """A curve without a test."""
    nothing = np.full(len(offset_s), np.nan)
    return EventCurve(
        label, offset_s, mean, nothing, nothing, nothing, np.nan, np.nan, events, recordings
    )


def _mean(total: FloatArray, count: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return total / np.where(count > 0, count, np.nan)


def _sums(
    trains: Sequence[Running], offset_s: FloatArray, shifts_s: Sequence[float]
) -> tuple[FloatArray, FloatArray]:
    """Sum and number of values at each offset, with every train turned by its shift."""
    total, count = np.zeros(len(offset_s)), np.zeros(len(offset_s))
    for train, shift in zip(trains, shifts_s, strict=True):
        first, last = train.time_s[0], train.time_s[-1]
        events = train.events_s
        if shift:
            events = first + (events - first + shift) % (last - first)
        values = np.interp(
            events[:, None] + offset_s, train.time_s, train.value, left=np.nan, right=np.nan
        )
        total += np.nansum(values, axis=0)
        count += np.isfinite(values).sum(axis=0)
    return total, count
