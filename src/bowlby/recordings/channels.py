"""A channel as a file holds it, and the signal that one or several channels make."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_owners import SignalChannels, quoted
from bowlby.recordings.plausible import checked
from bowlby.recordings.recording import Beats, RecordingError, Signal

# How much larger the array may be that a signal's values are a part of.
_MOST_SPARE = 1.1


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel as a file holds it.

    Attributes:
        label: The channel's label, unlike that of any other channel of the file.
        values: Samples, NaN where missing.
        rate_hz: Sampling rate (Hz).
        unit: Unit as written in the file.
        start_s: Time of the first sample on the file's clock (s).
        hint: Further text that may tell kind and person, such as the stream's type and host.
        times_s: Times of the values (s) if they are inter-beat intervals, not samples.
        beats: The channel as beats, where the reader made them already.
        limits: Least and greatest value that the recorder can write.
        notes: What reading found and did, one sentence each.
    """

    label: str
    values: FloatArray
    rate_hz: float
    unit: str = ""
    start_s: float = 0.0
    hint: str = ""
    times_s: FloatArray | None = None
    beats: Beats | None = None
    limits: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()


def motion_from_acceleration(axes: FloatArray) -> FloatArray:
    """Length of the change of acceleration from one sample to the next, in the axes' unit.

    Differences remove gravity, whatever the sensor's posture.

    Args:
        axes: Acceleration, samples by axes, NaN where missing.

    Returns:
        As many samples as `axes` has; the first has no predecessor and is NaN.
    """
    change = np.full(len(axes), np.nan)
    # A broken sensor's 1e300 overflows to inf, which `Signal` counts as missing.
    with np.errstate(over="ignore", invalid="ignore"):
        change[1:] = np.sqrt(np.sum(np.diff(axes, axis=0) ** 2, axis=1))
    return change


def ibi_in_ms(values: FloatArray, unit: str) -> FloatArray:
    """Inter-beat intervals in ms; without a unit, a median below 10 can only be seconds."""
    finite = values[np.isfinite(values)]
    unknown = unit.strip().lower() not in ("s", "sec", "ms", "msec")
    in_seconds = unit.strip().lower() in ("s", "sec") or (
        unknown and len(finite) > 0 and float(np.median(finite)) < 10
    )
    with np.errstate(over="ignore"):
        in_ms = values * 1000.0 if in_seconds else values
    return np.where(np.isfinite(in_ms), in_ms, np.nan)


def beats_from_file(times_s: FloatArray, ibi_ms: FloatArray, *, where: str) -> Beats:
    """Beats whose errors name the file and channel they came from."""
    try:
        return Beats(times_s, ibi_ms)
    except RecordingError as error:
        raise RecordingError(f"{where}: {error}") from error


def frozen(values: FloatArray) -> FloatArray:
    """The values for a signal to keep, not copied where they are nobody else's part."""
    if values.base is None or values.base.size <= _MOST_SPARE * values.size:
        values = values.view()
        values.flags.writeable = False
    return values


def combined(
    channels: Sequence[Channel], group: SignalChannels, *, source: str
) -> Signal | Beats:
    """The signal that the channels of a group make, with what cannot be left out.

    Args:
        channels: One, the axes of an accelerometer, or regions that are summed.
        group: Their kind.
        source: The file's name, for messages.

    Raises:
        RecordingError: If they differ in clock or length, or are no signal of that kind.
    """
    channel = channels[0]
    if channel.beats is not None:
        return channel.beats
    if channel.times_s is not None and group.kind == "ibi":
        intervals = ibi_in_ms(channel.values, channel.unit)
        return beats_from_file(channel.times_s, intervals, where=f"{source}, {channel.label}")
    differing = [
        other.label
        for other in channels
        if (other.rate_hz, other.start_s, len(other.values))
        != (channel.rate_hz, channel.start_s, len(channel.values))
    ]
    if differing:
        raise RecordingError(
            f"{source}: {quoted([channel.label, *differing])} belong to one signal and differ "
            "in "
            "rate, start or length. Name one of them with --first or --second."
        )
    values, unit = channel.values, channel.unit
    if group.is_acceleration:
        values = motion_from_acceleration(np.column_stack([other.values for other in channels]))
    elif len(channels) > 1:
        values = np.sum([other.values for other in channels], axis=0)
    elif group.kind == "ibi":
        values, unit = ibi_in_ms(values, unit), "ms"
    notes = channel.notes
    if group.is_acceleration:
        values, unit, said = in_g(values, np.column_stack([c.values for c in channels]), unit)
        notes = (*notes, *said)
    signal = Signal(group.kind, frozen(values), channel.rate_hz, unit, channel.start_s, notes)
    return checked(
        signal, label=channel.label, where=f"{source}, {channel.label}", limits=channel.limits
    )


def in_g(
    motion: FloatArray, axes: FloatArray, unit: str
) -> tuple[FloatArray, str, tuple[str, ...]]:
    """Motion from an accelerometer in g, by the median length of its axes: gravity is 1 g."""
    if axes.shape[1] != 3:
        return motion, unit, ()
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.nanmedian(np.sqrt(np.sum(axes**2, axis=1))))
    for name, one_g in (("g", 1.0), ("m/s2", 9.81), ("mg", 1000.0), ("1/64 g", 64.0)):
        if 0.7 * one_g < length < 1.4 * one_g:
            said = () if name == "g" else (f"Acceleration in {name} turned into g.",)
            return motion / one_g, "g", said
    return (
        motion,
        unit,
        (
            f"Doubtful: the acceleration's median length is {length:.3g}, which is 1 g in no "
            "usual "
            "unit.",
        ),
    )
