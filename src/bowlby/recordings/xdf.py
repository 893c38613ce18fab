"""XDF: what LabRecorder makes of Lab Streaming Layer streams, several devices on one clock.

pyxdf corrects each stream by its own measured clock offsets; here the streams are laid on
regular clocks, with holes left as holes.
"""

import gzip
import io
import logging
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings._needs import require_reader
from bowlby.recordings.channel_owners import channel_kind
from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channel_words import meaning_of, unique_labels
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.recording import Event, RecordingError
from bowlby.recordings.xdf_chunks import check_xdf

_MAX_BYTES = 4_000_000_000
_MAX_GRID = 100_000_000
_MAX_TIME_S = 1e12
# A break longer than this and than a few samples splits a stream before its jitter is
# smoothed; pyxdf's own 500 samples would smear two minutes of lost skin conductance at 4 Hz.
_BREAK_S = 1
_BREAK_SAMPLES = 5
# Irregular values further apart than this many usual distances have a hole between them.
_HOLE = 2.5
# Share of a sample by which even stamps may differ from even spacing.
_UNEVEN = 0.01


@dataclass(frozen=True, eq=False)
class _Stream:
    """One stream on the synchronised clock."""

    name: str
    type: str
    host: str
    rate_hz: float
    is_regular: bool
    times_s: FloatArray
    values: Any
    segments: tuple[tuple[int, int], ...]
    channels: tuple[tuple[str, str], ...]
    nominal_hz: float = 0.0
    lacks_samples: bool = False

    @property
    def is_marker(self) -> bool:
        """True for streams of texts or codes rather than of a signal."""
        told = f"{self.name} {self.type}".lower()
        named = any(word in told for word in ("marker", "event", "trigger"))
        return isinstance(self.values, list) or (named and not self.is_regular)


def read_xdf(path: Path, options: ReadOptions) -> Reading:
    """Read an XDF file.

    Clock zero is the start of the earliest signal stream. The time of day in the file's
    header is that of the recorder's button, not of a sample, so no start time is given.

    Args:
        path: The `.xdf`, `.xdfz` or `.xdf.gz` file.
        options: Channels, kind and roles where stream names, channel labels and hosts do not
            tell them. A channel is called by its stream's name, then its own label.

    Raises:
        RecordingError: If the file is damaged or cut off, holds no signal, or its channels
            cannot be sorted into people.
    """
    streams, notes = _load(path)
    signals = [s for s in streams if not s.is_marker and not _is_no_signal(s)]
    left_out = [
        f"stream {s.name!r}: {s.type or 'no signal'}"
        for s in streams
        if not s.is_marker and _is_no_signal(s)
    ]
    if not signals:
        names = ", ".join(repr(stream.name) for stream in streams) or "none"
        raise RecordingError(
            f"{path.name}: no stream holds a signal (streams with data: {names})."
        )
    signals = _joined(signals, notes)
    zero = min(float(stream.times_s.min()) for stream in signals)
    events = [
        event for stream in streams if stream.is_marker for event in _events(stream, zero)
    ]
    channels = _channels(signals, zero, options, path)
    return Reading(
        partners_from_channels(channels, options, path, left_out=left_out),
        tuple(sorted(events, key=lambda event: event.start_s)),
        notes=tuple(notes),
        left_out=tuple(left_out),
    )


def _is_no_signal(stream: _Stream) -> bool:
    """True for impedance and the like, which electrodes send beside their signal."""
    return not meaning_of(stream.name, "").is_signal or "impedance" in stream.type.lower()


def _joined(streams: Sequence[_Stream], notes: list[str]) -> list[_Stream]:
    """Streams of one source that follow one another in time, as one with a hole between."""
    found: dict[tuple[str, str, str, int], list[_Stream]] = {}
    for stream in streams:
        key = (stream.name, stream.type, stream.host, len(stream.channels))
        found.setdefault(key, []).append(stream)
    joined: list[_Stream] = []
    for parts in found.values():
        parts.sort(key=lambda part: float(part.times_s.min()))
        overlap = any(
            float(after.times_s.min()) <= float(before.times_s.max())
            for before, after in pairwise(parts)
        )
        if len(parts) == 1 or overlap:
            joined += parts
            continue
        gaps = [
            float(after.times_s.min()) - float(before.times_s.max())
            for before, after in pairwise(parts)
        ]
        notes.append(
            f"Stream {parts[0].name!r} was connected {len(parts)} times; its parts were "
            "joined, "
            f"{', '.join(f'{gap:.1f}' for gap in gaps)} s between them are missing."
        )
        offsets = np.cumsum([0, *(len(part.times_s) for part in parts[:-1])])
        longest = max(parts, key=lambda part: len(part.times_s))
        segments = tuple(
            (first + int(offset), last + int(offset))
            for part, offset in zip(parts, offsets, strict=True)
            for first, last in part.segments
        )
        joined.append(
            replace(
                longest,
                times_s=np.concatenate([part.times_s for part in parts]),
                values=np.concatenate([np.asarray(part.values) for part in parts]),
                segments=segments,
            )
        )
    order = {id(stream): i for i, stream in enumerate(streams)}
    return sorted(joined, key=lambda s: order.get(id(s), 0))


def _load(path: Path) -> tuple[list[_Stream], list[str]]:
    """The file's non-empty streams, synchronised and without jitter; what is to be told."""
    data = _file_bytes(path)
    data, said = check_xdf(data, source=path.name)
    notes = list(said)
    loaded = _loaded(path, data, is_smoothed=True)
    streams = [_stream(stream) for stream in loaded if len(stream["time_stamps"])]
    for stream in streams:
        if not np.all(np.abs(stream.times_s) < _MAX_TIME_S):
            raise RecordingError(
                f"{path.name}: stream {stream.name!r} has time stamps that no clock shows. "
                "Copy the file again from the recording computer."
            )
    suspects = {i for i, stream in enumerate(streams) if _may_lack_samples(stream)}
    if suspects:
        raw = _loaded(path, data, is_smoothed=False)
        stamped = [_stream(stream) for stream in raw if len(stream["time_stamps"])]
        for i in suspects:
            found = _with_own_stamps(streams[i], stamped[i], notes)
            streams[i] = found or streams[i]
    return streams, notes


def _may_lack_samples(stream: _Stream) -> bool:
    """True if fewer samples came than the stream's nominal rate promises."""
    if not stream.is_regular or stream.is_marker or len(stream.times_s) < 50:
        return False
    return stream.nominal_hz > 0 and stream.rate_hz < 0.995 * stream.nominal_hz


def _with_own_stamps(smooth: _Stream, raw: _Stream, notes: list[str]) -> _Stream | None:
    """The stream on its own stamps, where these show that samples were lost.

    Even spacing would stretch it. The stamps must be steps of the nominal rate, of which most
    are single; a device that merely runs slowly has none longer than one.
    """
    steps = np.diff(np.sort(raw.times_s))
    single = steps[steps < 1.5 / smooth.nominal_hz]
    if len(single) < 0.5 * len(steps):
        return None
    rate_hz = 1.0 / float(np.mean(single))
    own = steps * rate_hz
    off = np.abs(own - np.rint(own))
    lost = float(np.sum(np.rint(own) - 1))
    if np.mean(off < 0.25) < 0.95 or lost < 0.004 * len(steps):
        return None
    notes.append(
        f"Stream {smooth.name!r} lost {lost:.0f} samples ({lost / (lost + len(steps)):.1%}), "
        "by its "
        "time stamps; they are missing."
    )
    return replace(raw, rate_hz=rate_hz, lacks_samples=True)


def _loaded(path: Path, data: bytes, *, is_smoothed: bool) -> list[Any]:
    require_reader(path, "xdf")
    import pyxdf

    try:
        with _errors_collected() as problems, np.errstate(all="ignore"):
            loaded, _ = pyxdf.load_xdf(
                io.BytesIO(data),
                dejitter_timestamps=is_smoothed,
                jitter_break_threshold_seconds=_BREAK_S,
                jitter_break_threshold_samples=_BREAK_SAMPLES,
            )
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        SyntaxError,  # of XML: pyxdf is stricter about its bytes than check_xdf
        TypeError,
        ValueError,
    ) as error:
        # The chunks are whole, so what pyxdf stumbles over is what they say.
        problems = [str(error)]
        loaded = []
    if problems:
        raise RecordingError(
            f"{path.name}: its streams cannot be put on one clock ({problems[0]}). "
            "Copy the file again from the recording computer."
        )
    return loaded


def _stream(loaded: Mapping[str, Any]) -> _Stream:
    info = loaded["info"]
    nominal_hz = float(info["nominal_srate"][0])
    times_s = np.asarray(loaded["time_stamps"], dtype=np.float64)
    # Stamps that were not smoothed come without segments and rate.
    known = info.get("segments") or [(0, len(times_s) - 1)]
    segments = tuple((int(first), int(last)) for first, last in known)
    effective_hz = float(info.get("effective_srate") or np.nan)
    return _Stream(
        name=info["name"][0],
        type=_first_text(info, "type"),
        host=_first_text(info, "hostname"),
        rate_hz=effective_hz if np.isfinite(effective_hz) and effective_hz > 0 else nominal_hz,
        is_regular=nominal_hz > 0,
        times_s=times_s,
        values=loaded["time_series"],
        segments=segments,
        channels=_channel_labels(info),
        nominal_hz=nominal_hz,
    )


def _first_text(info: Mapping[str, Any], field: str) -> str:
    texts = info.get(field) or [""]
    return texts[0] if isinstance(texts[0], str) else ""


def _channel_labels(info: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Label and unit of each channel, as far as the stream describes them."""
    n_channels = int(info["channel_count"][0])
    described: Any = info
    for field in ("desc", "channels"):
        below = described.get(field) or [None]
        described = below[0] if isinstance(below[0], Mapping) else {}
    texts = [
        (_first_text(channel, "label"), _first_text(channel, "unit"))
        for channel in described.get("channel", [])
        if isinstance(channel, Mapping)
    ]
    return tuple(texts) if len(texts) == n_channels else (("", ""),) * n_channels


def _channels(
    streams: Sequence[_Stream], zero: float, options: ReadOptions, path: Path
) -> list[Channel]:
    owners = _owners_by_host(streams)
    channels: list[Channel] = []
    for stream, owner in zip(streams, owners, strict=True):
        many = len(stream.channels) > 1
        for position, (label, unit) in enumerate(stream.channels):
            own = label or (f"channel {position + 1}" if many else "")
            full = stream.name if own in ("", stream.name) else f"{stream.name} {own}"
            hint = f"{stream.type} {owner}"
            values = np.asarray(stream.values[:, position], dtype=np.float64)
            is_beats = not stream.is_regular and channel_kind(full, options, hint=hint) == "ibi"
            channel = (
                _beat_channel(stream, values, zero)
                if is_beats
                else _regular_channel(stream, values, zero, path)
            )
            channels.append(replace(channel, label=full, unit=unit, hint=hint))
    labels = unique_labels([channel.label for channel in channels])
    return [
        replace(channel, label=label) for channel, label in zip(channels, labels, strict=True)
    ]


def _owners_by_host(streams: Sequence[_Stream]) -> list[str]:
    """Hint at the person: the host's name, or its number if two hosts send the same signals."""
    hosts = [host for host in dict.fromkeys(stream.host for stream in streams) if host]
    sent = [
        sorted((stream.name, stream.type) for stream in streams if stream.host == host)
        for host in hosts
    ]
    if len(hosts) == 2 and sent[0] == sent[1]:
        names = {host: f"person {i + 1}" for i, host in enumerate(hosts)}
        return [f"{stream.host} {names.get(stream.host, '')}" for stream in streams]
    return [stream.host for stream in streams]


def _beat_channel(stream: _Stream, values: FloatArray, zero: float) -> Channel:
    order = np.argsort(stream.times_s, kind="stable")
    return Channel("", values[order], np.nan, times_s=stream.times_s[order] - zero)


def _regular_channel(stream: _Stream, values: FloatArray, zero: float, path: Path) -> Channel:
    times_s, rate_hz, segments = stream.times_s - zero, stream.rate_hz, stream.segments
    if stream.lacks_samples:
        order = np.argsort(times_s, kind="stable")
        times_s, values = times_s[order], values[order]
        index = np.rint((times_s - times_s[0]) * rate_hz).astype(np.int64)
        grid = np.full(int(index[-1]) + 1, np.nan)
        grid[index] = values
        return Channel("", grid, rate_hz, start_s=float(times_s[0]))
    # pyxdf leaves streams that may drop samples, such as video, with the stamps they have.
    is_even = bool(np.all(np.abs(np.diff(times_s) * rate_hz - 1) < _UNEVEN))
    if stream.is_regular and len(segments) == 1 and is_even:
        return Channel("", values, rate_hz, start_s=float(times_s[0]))
    if not stream.is_regular or len(segments) == 1:
        order = np.argsort(times_s, kind="stable")
        times_s, values = times_s[order], values[order]
        apart = np.diff(times_s)
        apart = apart[apart > 0]
        if not len(apart):
            raise RecordingError(
                f"{path.name}: stream {stream.name!r} has values at one moment only."
            )
        usual_s = float(np.median(apart))
        rate_hz = 1.0 / usual_s
        breaks = np.flatnonzero(np.diff(times_s) > _HOLE * usual_s)
        segments = tuple(
            zip([0, *(breaks + 1).tolist()], [*breaks.tolist(), len(times_s) - 1], strict=True)
        )
    n_grid = (times_s.max() - times_s.min()) * rate_hz + 1
    if not n_grid <= _MAX_GRID:
        raise RecordingError(
            f"{path.name}: the time stamps of stream {stream.name!r} span "
            f"{(times_s.max() - times_s.min()) / 3600:.1f} h at {rate_hz:.4g} Hz; its clock "
            "jumped. "
            "Cut the recording there."
        )
    gridded = _on_grid(times_s, values, segments, rate_hz)
    return Channel("", gridded, rate_hz, start_s=float(times_s.min()))


def _on_grid(
    times_s: FloatArray,
    values: FloatArray,
    segments: Sequence[tuple[int, int]],
    rate_hz: float,
) -> FloatArray:
    """Values at regular times from the first stamp on, NaN outside all segments."""
    start_s = times_s.min()
    n_grid = round(float((times_s.max() - start_s) * rate_hz)) + 1
    gridded = np.full(n_grid, np.nan)
    for first, last in segments:
        own = slice(first, last + 1)
        # Half a sample of slack keeps the segment's own first and last sample.
        begin = max(int(np.ceil((times_s[own].min() - start_s) * rate_hz - 0.5)), 0)
        end = min(int(np.floor((times_s[own].max() - start_s) * rate_hz + 0.5)), n_grid - 1)
        grid_s = start_s + np.arange(begin, end + 1) / rate_hz
        gridded[begin : end + 1] = np.interp(grid_s, times_s[own], values[own])
    return gridded


def _events(stream: _Stream, zero: float) -> list[Event]:
    events: list[Event] = []
    for time_s, sample in zip(stream.times_s, stream.values, strict=True):
        parts = [part if isinstance(part, str) else f"{part:g}" for part in sample]
        label = " ".join(part for part in parts if part.strip())
        if label:
            events.append(Event(float(time_s) - zero, 0.0, label))
    return events


def _file_bytes(path: Path) -> bytes:
    is_packed = path.name.lower().endswith(("z", ".gz"))
    try:
        with gzip.open(path, "rb") if is_packed else path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(
            f"{path.name}: cannot be read ({error}). Copy it again from the recording computer."
        ) from error
    if len(data) > _MAX_BYTES:
        raise RecordingError(f"{path.name}: holds more than {_MAX_BYTES // 10**9} GB. Cut it.")
    return data


@contextmanager
def _errors_collected() -> Iterator[list[str]]:
    """Collect what pyxdf logs as errors, and keep its log off the user's screen."""
    problems: list[str] = []

    class _Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.ERROR:
                problems.append(record.getMessage())

    logger = logging.getLogger("pyxdf.pyxdf")
    collector, propagated = _Collector(), logger.propagate
    logger.addHandler(collector)
    logger.propagate = False
    try:
        yield problems
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagated


def _recognises(path: Path) -> bool:
    return path.name.lower().endswith((".xdf", ".xdfz", ".xdf.gz"))


FORMAT = Format(
    "xdf",
    "XDF recordings of Lab Streaming Layer",
    (".xdf.gz", ".xdfz", ".xdf"),
    _recognises,
    read_xdf,
)
