"""Motion energy: how much each person's part of the picture changes from frame to frame.

Over the pixels of a region whose grey value changed by more than a threshold since the frame
before: their share (`count`) and the mean change over the whole region (`motion`).

Lamps flicker, and what they do to both people's parts at once looks like synchrony. Each frame
is therefore scaled so that the stillest blocks of the background keep their brightness. Frames
that repeat the one before, and cuts, in which more than half of all pixels change, are missing.

Source: Grammer, Honda, Jüette & Schmitt (1999); Ramseyer (2020), Motion energy analysis; the
scaling by still blocks is ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.video.frames import frames_of, opened, samples_of
from bowlby.recordings.video.regions import Region, labels_of

if TYPE_CHECKING:
    import pandas as pd

THRESHOLD = 12
CUT = 0.5
_BLOCK = 16
_MOST_BLOCKS = 64
_DOUBT = 0.1
_LEAST_FLICKER = 0.002

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class VideoMotion:
    """Motion of everybody in a video, on a regular clock.

    Attributes:
        path: The video.
        people: Their roles.
        rate_hz: Frames a second (Hz).
        start_s: Time of the first frame (s).
        motion: Mean change of grey value over each region (person x frame), NaN where missing.
        count: Share of pixels that changed (person x frame).
        background: Mean change outside all regions (frame); NaN where there is no outside.
        notes: What was found and done, one sentence each.
    """

    path: Path
    people: tuple[str, ...]
    rate_hz: float
    start_s: float
    motion: FloatArray
    count: FloatArray
    background: FloatArray
    notes: tuple[str, ...]

    def table(self) -> "pd.DataFrame":
        """A row a frame: `time_s`, and `..._motion` and `..._count` of each person."""
        import pandas as pd

        n = self.motion.shape[1]
        columns = {"time_s": np.round(self.start_s + np.arange(n) / self.rate_hz, 6)}
        for person, motion, count in zip(self.people, self.motion, self.count, strict=True):
            columns[f"{person}_motion"] = motion
            columns[f"{person}_count"] = count
        return pd.DataFrame(columns)


@dataclass(frozen=True, eq=False)
class _Light:
    """Blocks of the background that stay still, and how bright they usually are."""

    rows: np.ndarray
    columns: np.ndarray
    usual: FloatArray

    def scale(self, grey: np.ndarray) -> float:
        """How much brighter than usual a frame is."""
        means = grey[self.rows, self.columns].mean(axis=1)
        return float(np.median(means / self.usual))


def video_motion(
    path: Path,
    regions: tuple[Region, ...],
    *,
    threshold: int = THRESHOLD,
    evens_light: bool = True,
    on_progress: Progress = lambda *_: None,
) -> VideoMotion:
    """Measure the motion of everybody in a video.

    Args:
        path: The video.
        regions: Where each person is.
        threshold: Change of grey value (0 to 255) up to which nothing moved.
        evens_light: Scale frames by the stillest blocks of the background.
        on_progress: Called with the frames done and their number.

    Raises:
        RecordingError: If the video cannot be read, or regions overlap or lie outside.
    """
    from bowlby.recordings.video._kernels import change

    if not 0 <= threshold < 255:
        raise RecordingError(f"A threshold of {threshold}: grey values lie between 0 and 255.")
    times: list[float] = []
    counts: list[np.ndarray] = []
    sums: list[np.ndarray] = []
    scales: list[float] = []
    cuts = repeats = 0
    with opened(path) as (file, stream, facts):
        labels = labels_of(regions, facts.width, facts.height, path.name)
        light, noise = _light(path, labels) if evens_light else (None, np.nan)
        size = np.bincount(labels.ravel(), minlength=len(regions) + 1)
        before = np.empty((facts.height, facts.width), dtype=np.uint8)
        table = np.arange(256, dtype=np.uint8)
        nothing = np.full(len(size), np.nan)
        for number, frame in enumerate(frames_of(path, file, stream)):
            grey = frame.grey
            if grey.shape != before.shape:
                raise RecordingError(
                    f"{path.name}: its picture changes its size at {frame.time_s:.2f} s. Cut "
                    "the video there."
                )
            if light is not None:
                scales.append(light.scale(grey))
                table = _evened(scales[-1])
            times.append(frame.time_s)
            count = np.zeros(len(size), dtype=np.int64)
            total = np.zeros(len(size), dtype=np.int64)
            differing = change(grey, before, labels, table, threshold, count, total)
            is_cut = count.sum() > CUT * labels.size
            if number == 0 or not differing or is_cut:
                cuts += number > 0 and bool(is_cut)
                repeats += number > 0 and not differing
                counts.append(nothing)
                sums.append(nothing)
            else:
                counts.append(count / np.maximum(size, 1))
                sums.append(total / np.maximum(size, 1))
            if number % 50 == 0:
                on_progress(number, max(facts.frames, number + 1))
        on_progress(len(times), max(len(times), 1))
    if len(times) < 3:
        raise RecordingError(f"{path.name}: holds {len(times)} frames.")
    notes = _notes(cuts, repeats, noise, threshold, scales)
    return _on_grid(path, regions, size, times, counts, sums, facts.rate_hz, notes)


def _notes(
    cuts: int, repeats: int, noise: float, threshold: int, scales: list[float]
) -> list[str]:
    notes = [f"Motion: changes of grey value over {threshold} of 255 since the frame before."]
    if np.isfinite(noise):
        notes.append(f"Noise of still blocks {noise:.1f}; three times that is {3 * noise:.0f}.")
        if 3 * noise > threshold:
            notes.append(
                "Doubtful: the noise of the camera passes the threshold. Use a higher one, "
                f"--threshold {int(np.ceil(3 * noise))}."
            )
    if scales:
        usual = np.array(scales)
        spread = float(np.std(usual))
        notes.append(f"Light: frames scaled by still blocks, which vary by {spread:.1%}.")
    else:
        notes.append("Light: nothing is still outside the regions, so flicker was not evened.")
    if cuts:
        notes.append(f"{cuts} frames are cuts or switched lights, and missing.")
    if repeats:
        notes.append(f"{repeats} frames repeat the one before, and are missing.")
    return notes


def _evened(scale: float) -> np.ndarray:
    """Grey value of each grey value in usual light."""
    values = np.arange(256)
    if abs(scale - 1.0) < _LEAST_FLICKER or not np.isfinite(scale) or scale <= 0:
        return values.astype(np.uint8)
    return np.clip(np.rint(values / scale), 0, 255).astype(np.uint8)


def _light(path: Path, labels: np.ndarray) -> tuple[_Light | None, float]:
    """The stillest blocks outside the regions, and the noise in them (grey values)."""
    pairs = samples_of(path)
    height, width = labels.shape[0] // _BLOCK, labels.shape[1] // _BLOCK
    outside = _blocks(labels).max(axis=2) == 0
    if len(pairs) < 2 or outside.sum() < 8:
        return None, np.nan
    means = np.stack([_blocks(first).mean(axis=2) for first, _ in pairs])
    usual = np.median(means, axis=0)
    is_usable = outside & (usual > 20) & (usual < 235)
    if is_usable.sum() < 8:
        return None, np.nan
    relative = means / np.maximum(usual, 1.0)
    relative = relative / np.median(relative[:, is_usable], axis=1)[:, None, None]
    unrest = np.where(is_usable, relative.std(axis=0), np.inf)
    number = int(min(_MOST_BLOCKS, max(8, is_usable.sum() // 10)))
    chosen = np.argsort(unrest, axis=None)[:number]
    apart = [
        np.abs(_blocks(b).astype(float) - _blocks(a)).reshape(height * width, -1)[chosen]
        for a, b in pairs
    ]
    noise = float(np.median([1.4826 * np.median(np.abs(d)) for d in apart]))
    at = np.arange(_BLOCK)
    rows = (chosen // width * _BLOCK)[:, None] + np.repeat(at, _BLOCK)
    columns = (chosen % width * _BLOCK)[:, None] + np.tile(at, _BLOCK)
    return _Light(rows, columns, usual.ravel()[chosen]), noise


def _blocks(picture: np.ndarray) -> np.ndarray:
    """A picture in blocks of 16 x 16 (rows x columns x 256)."""
    height, width = picture.shape[0] // _BLOCK, picture.shape[1] // _BLOCK
    cut = picture[: height * _BLOCK, : width * _BLOCK]
    parts = cut.reshape(height, _BLOCK, width, _BLOCK).swapaxes(1, 2)
    return parts.reshape(height, width, _BLOCK * _BLOCK)


def _on_grid(
    path: Path,
    regions: tuple[Region, ...],
    size: np.ndarray,
    times: list[float],
    counts: list[np.ndarray],
    sums: list[np.ndarray],
    told_hz: float,
    notes: list[str],
) -> VideoMotion:
    """Each frame at the nearest moment of a regular clock, by its own time."""
    at = np.array(times)
    steps = np.diff(at)
    usual = float(np.median(steps))
    if not usual > 0:
        raise RecordingError(f"{path.name}: its frames have no times of their own.")
    rate = 1.0 / usual
    if told_hz and abs(told_hz * usual - 1.0) < 0.02:
        # Frame times are rounded to the file's clock; the mean rate is not.
        rate = told_hz
    place = np.rint((at - at[0]) * rate).astype(np.int64)
    grid = np.full((len(size), int(place.max()) + 1), np.nan)
    shares = grid.copy()
    grid[:, place] = np.stack(sums, axis=1)
    shares[:, place] = np.stack(counts, axis=1)
    uneven = float(np.mean(np.abs(steps - usual) > 0.2 * usual))
    lost = grid.shape[1] - len(np.unique(place))
    notes.append(f"{len(times)} frames at {rate:.6g} Hz by their own times.")
    if uneven > 0.01 or lost:
        notes.append(
            f"The rate varies: {uneven:.1%} of the steps are uneven, {lost} moments have no "
            "frame and are missing."
        )
    people = tuple(region.person for region in regions)
    background = grid[0] if size[0] > 0.02 * size.sum() else np.full(grid.shape[1], np.nan)
    notes += _shared_with_background(people, grid[1:], background)
    return VideoMotion(
        path, people, rate, float(at[0]), grid[1:], shares[1:], background, tuple(notes)
    )


def _shared_with_background(
    people: tuple[str, ...], motion: FloatArray, background: FloatArray
) -> list[str]:
    """What of each person's motion goes with that of the background."""
    notes = []
    for person, own in zip(people, motion, strict=True):
        known = np.isfinite(own) & np.isfinite(background)
        if known.sum() < 50 or np.ptp(own[known]) == 0 or np.ptp(background[known]) == 0:
            continue
        r = float(np.corrcoef(own[known], background[known])[0, 1])
        notes.append(f"Correlation of {person} with the background {r:.2f}.")
        if abs(r) > _DOUBT:
            notes.append(
                f"Doubtful: {person} moves with the background, by light, a moving camera or a "
                "region that is too small."
            )
    return notes
