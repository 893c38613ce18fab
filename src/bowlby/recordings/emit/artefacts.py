"""What goes wrong in real recordings: pauses, spikes, missed beats."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from bowlby.recordings.recording import Beats, Signal

Body = TypeVar("Body", bound=Signal | Beats)


def with_gap(signal: Body, start_s: float, end_s: float) -> Body:
    """The signal with nothing recorded from `start_s` up to `end_s`.

    Samples become missing; beats are left out, and with them every interval that reaches
    into the gap.

    Args:
        signal: Signal or beats.
        start_s: Start of the gap on the recording's clock (s).
        end_s: End of the gap (s), not included.
    """
    if isinstance(signal, Beats):
        begins = signal.times_s - signal.ibi_ms / 1000.0
        is_outside = (signal.times_s < start_s) | (begins >= end_s)
        return replace(
            signal, times_s=signal.times_s[is_outside], ibi_ms=signal.ibi_ms[is_outside]
        )
    times_s = signal.start_s + np.arange(len(signal.values)) / signal.rate_hz
    is_gap = (times_s >= start_s) & (times_s < end_s)
    return replace(signal, values=np.where(is_gap, np.nan, signal.values))


def with_artefacts(
    signal: Body, *, share: float, rng: np.random.Generator, size_sd: float = 20.0
) -> Body:
    """The signal with a `share` of its samples spoilt.

    Samples get a spike of `size_sd` standard deviations upwards. Of beats, that share is
    missed by the detector, which joins two intervals into one; spoil beats before cutting gaps.

    Args:
        signal: Signal or beats.
        share: Share of samples or beats spoilt, 0 to 1.
        rng: Random numbers.
        size_sd: Height of a spike in standard deviations of the signal.
    """
    if isinstance(signal, Beats):
        is_seen = rng.uniform(size=len(signal.times_s)) >= share
        total_ms = np.cumsum(signal.ibi_ms)[is_seen]
        return replace(
            signal, times_s=signal.times_s[is_seen], ibi_ms=np.diff(total_ms, prepend=0.0)
        )
    is_spoilt = rng.uniform(size=len(signal.values)) < share
    spike = size_sd * float(np.nanstd(signal.values))
    return replace(signal, values=signal.values + np.where(is_spoilt, spike, 0.0))
