"""Frames of a video as grey values, with their own times."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bowlby.recordings._needs import require_reader
from bowlby.recordings.recording import RecordingError

SUFFIXES = (
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".mts", ".3gp",
)  # fmt: skip


class Frame(NamedTuple):
    """One frame.

    Attributes:
        time_s: Its own time (s).
        grey: Its grey values (height x width), valid until the next frame.
    """

    time_s: float
    grey: np.ndarray


class Facts(NamedTuple):
    """What a video's header tells.

    Attributes:
        width: Pixels.
        height: Pixels.
        frames: Number of frames, estimated where the header is silent; 0 if unknown.
        rate_hz: Mean frames a second (Hz), 0 if unknown.
        duration_s: Length (s), 0 if unknown.
    """

    width: int
    height: int
    frames: int
    rate_hz: float
    duration_s: float


@contextmanager
def opened(path: Path) -> Iterator[tuple[Any, Any, Facts]]:
    """A video, its first stream of pictures, and what its header tells.

    Raises:
        RecordingError: If it is no video.
    """
    require_reader(path, "video")
    import av
    from av.error import FFmpegError

    try:
        file = av.open(str(path))
    except (FFmpegError, OSError) as error:
        raise RecordingError(f"{path.name}: is no readable video ({error}).") from error
    with file:
        if not file.streams.video:
            raise RecordingError(f"{path.name}: holds no pictures.")
        stream = file.streams.video[0]
        stream.thread_type = "AUTO"
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        duration = float(stream.duration * (stream.time_base or 0)) if stream.duration else 0.0
        duration = duration or (file.duration / 1e6 if file.duration else 0.0)
        frames = stream.frames or round(duration * rate)
        yield file, stream, Facts(stream.width, stream.height, frames, rate, duration)


def frames_of(path: Path, file: Any, stream: Any) -> Iterator[Frame]:
    """Every frame in the order of its time.

    Raises:
        RecordingError: If the file is damaged at its beginning.
    """
    from av.error import FFmpegError

    count = 0
    try:
        for frame in file.decode(stream):
            if frame.time is None:
                continue
            count += 1
            yield Frame(float(frame.time), grey_of(frame))
    except FFmpegError as error:
        if count < 3:
            raise RecordingError(f"{path.name}: cannot be decoded ({error}).") from error


def grey_of(frame: Any) -> np.ndarray:
    """Grey values of a frame: its luma plane as it lies, where it has one of 8 bits."""
    name = frame.format.name
    if not (
        name.startswith(("yuv", "nv", "gray")) and frame.format.components[0].bits == 8
    ) or (name in ("yuyv422", "uyvy422")):
        frame = frame.reformat(format="gray")
    plane = frame.planes[0]
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


def samples_of(path: Path, count: int = 60) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of neighbouring frames from all over a video, grey, at least 2 s apart.

    They are sought by their times; where a video has too few places to begin decoding, it is
    decoded until there are enough.
    """
    with opened(path) as (file, stream, facts):
        wanted = min(count, max(8, int(facts.duration_s / 2)))
        found = _sought(file, stream, np.linspace(0.0, facts.duration_s * 0.98, wanted))
    if len(found) >= min(8, wanted):
        return found
    with opened(path) as (file, stream, facts):
        every = max(2, (facts.frames or 400) // wanted)
        found, before = [], None
        for number, frame in enumerate(frames_of(path, file, stream)):
            if number % every == 1 and before is not None:
                found.append((before, frame.grey.copy()))
            before = frame.grey.copy() if number % every == 0 else None
            if len(found) >= wanted:
                break
    return found


def _sought(
    file: Any, stream: Any, places_s: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of frames where decoding can begin, nearest before each place."""
    from av.error import FFmpegError

    found: list[tuple[np.ndarray, np.ndarray]] = []
    last = None
    for place in places_s:
        pair: list[np.ndarray] = []
        try:
            first = stream.start_time or 0
            file.seek(int(place / stream.time_base) + first, stream=stream)
            for frame in file.decode(stream):
                if not pair and frame.pts == last:
                    break
                last = frame.pts if not pair else last
                pair.append(grey_of(frame).copy())
                if len(pair) == 2:
                    found.append((pair[0], pair[1]))
                    break
        except (FFmpegError, EOFError):
            continue
    return found
