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

    try:
        file = av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise RecordingError(f"{path.name}: is no readable video ({error}).") from error
    with file:
        if not file.streams.video:
            raise RecordingError(f"{path.name}: holds no pictures.")
        stream = file.streams.video[0]
        stream.thread_type = "AUTO"
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        duration = float(stream.duration * stream.time_base) if stream.duration else 0.0
        duration = duration or (file.duration / 1e6 if file.duration else 0.0)
        frames = stream.frames or round(duration * rate)
        yield file, stream, Facts(stream.width, stream.height, frames, rate, duration)


def frames_of(path: Path, file: Any, stream: Any) -> Iterator[Frame]:
    """Every frame in the order of its time.

    Raises:
        RecordingError: If the file is damaged at its beginning.
    """
    import av

    count = 0
    try:
        for frame in file.decode(stream):
            if frame.pts is None:
                continue
            count += 1
            yield Frame(float(frame.pts * frame.time_base), grey_of(frame))
    except av.error.FFmpegError as error:
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
    """Pairs of neighbouring frames from all over a video, grey."""
    import av

    found: list[tuple[np.ndarray, np.ndarray]] = []
    with opened(path) as (file, stream, facts):
        places = np.linspace(0.0, max(facts.duration_s * 0.98, 0.0), count)
        last = -1
        for place in places:
            try:
                if facts.duration_s:
                    first = stream.start_time or 0
                    file.seek(int(place / stream.time_base) + first, stream=stream)
                pair = []
                for frame in file.decode(stream):
                    if not pair and frame.pts == last:
                        break
                    pair.append((frame.pts, grey_of(frame).copy()))
                    if len(pair) == 2:
                        break
            except (av.error.FFmpegError, EOFError):
                continue
            if len(pair) == 2:
                last = pair[0][0]
                found.append((pair[0][1], pair[1][1]))
    return found
