"""Sound with a channel for each person, and when each of them speaks in it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bowlby._types import BoolArray, FloatArray
from bowlby.recordings._needs import require_reader
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.stretches import stretches

SUFFIXES = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".aac", ".opus")
FRAME_S = 0.02
ABOVE_FLOOR_DB = 12.0
ABOVE_LEAK_DB = 4.0
BRIDGE_S = 0.3
_SILENCE_DB = -100.0

Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound file.

    Attributes:
        samples: Samples between -1 and 1 (channel x moment).
        rate_hz: Samples a second (Hz).
    """

    samples: FloatArray
    rate_hz: float


@dataclass(frozen=True)
class SpeechOfTwo:
    """When each of two people speaks.

    Attributes:
        spans: Begin and end of every stretch of speech (s), of each person.
        floor_db: Level of each channel's background (dB of full scale).
        leak_db: How much quieter than in their own the other is heard in each channel (dB).
    """

    spans: tuple[Spans, Spans]
    floor_db: tuple[float, float]
    leak_db: tuple[float, float]


def read_sound(path: Path) -> Sound:
    """Read a sound file; WAV by SciPy, everything else by PyAV.

    Raises:
        RecordingError: If it cannot be read or holds no sound.
    """
    if path.suffix.lower() == ".wav":
        return _wav(path)
    require_reader(path, "video")
    import av

    try:
        with av.open(str(path)) as file:
            if not file.streams.audio:
                raise RecordingError(f"{path.name}: holds no sound.")
            stream = file.streams.audio[0]
            resampler = av.AudioResampler(format="fltp")
            parts = [
                part.to_ndarray()
                for frame in file.decode(stream)
                for part in resampler.resample(frame)
            ]
            rate = float(stream.rate or 0)
    except av.error.FFmpegError as error:
        raise RecordingError(f"{path.name}: is no readable sound ({error}).") from error
    if not parts or rate <= 0:
        raise RecordingError(f"{path.name}: holds no sound.")
    return Sound(np.concatenate(parts, axis=1).astype(np.float64), rate)


def _wav(path: Path) -> Sound:
    import warnings

    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            rate, data = wavfile.read(path)
    except (OSError, ValueError, EOFError) as error:
        raise RecordingError(f"{path.name}: is no readable WAV file ({error}).") from error
    if not data.size:
        raise RecordingError(f"{path.name}: holds no sound.")
    if data.dtype == np.uint8:
        samples = (data.astype(np.float64) - 128.0) / 128.0
    elif data.dtype.kind == "i":
        samples = data / float(np.iinfo(data.dtype).max)
    else:
        samples = data.astype(np.float64)
    return Sound(np.atleast_2d(samples.T), float(rate))


def speech_of_two(first: FloatArray, second: FloatArray, *, rate_hz: float) -> SpeechOfTwo:
    """When each of two people speaks, each in a channel of their own.

    A frame of 20 ms is speech where its level is 12 dB above the channel's floor (the 10th
    percentile) and 4 dB above what leaks from the other channel; a majority over 300 ms
    bridges it.

    Args:
        first: First person's channel.
        second: Second person's.
        rate_hz: Samples a second (Hz).

    Raises:
        RecordingError: If a channel is silent throughout.
    """
    levels = tuple(_levels(channel, rate_hz) for channel in (first, second))
    floors = tuple(float(np.percentile(level, 10)) for level in levels)
    for place, level in zip(("first", "second"), levels, strict=True):
        if level.max() <= _SILENCE_DB:
            raise RecordingError(f"The {place} channel is silent throughout.")
    leaks = tuple(_leak(levels[1 - i], levels[i], floors[1 - i]) for i in range(2))
    spans = []
    for i in range(2):
        own, other = levels[i], levels[1 - i]
        is_speech = (own > floors[i] + ABOVE_FLOOR_DB) & (
            own > other + leaks[i] + ABOVE_LEAK_DB
        )
        spans.append(_spans(_bridged(is_speech)))
    return SpeechOfTwo((spans[0], spans[1]), (floors[0], floors[1]), (leaks[0], leaks[1]))


def _levels(channel: FloatArray, rate_hz: float) -> FloatArray:
    length = max(1, round(FRAME_S * rate_hz))
    n = len(channel) // length
    power = (channel[: n * length].reshape(n, length) ** 2).mean(axis=1)
    return np.maximum(10.0 * np.log10(np.maximum(power, 1e-20)), _SILENCE_DB)


def _leak(speaker: FloatArray, hearer: FloatArray, floor: float) -> float:
    """How much the speaker's level falls on the way to the other's channel (dB, negative).

    Taken where the speaker is loud and alone: by 6 dB louder in their own channel.
    """
    alone = (speaker > floor + ABOVE_FLOOR_DB) & (speaker > hearer + 6.0)
    return float(np.median(hearer[alone] - speaker[alone])) if alone.sum() > 50 else -60.0


def _bridged(flags: BoolArray) -> BoolArray:
    width = round(BRIDGE_S / FRAME_S) // 2 * 2 + 1
    share = np.convolve(flags.astype(float), np.ones(width), "same")
    return share > width / 2


def _spans(flags: BoolArray) -> Spans:
    return tuple((float(a * FRAME_S), float(b * FRAME_S)) for a, b in stretches(flags))
