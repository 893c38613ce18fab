"""Where in the picture each person is: rectangles and polygons, in pixels or shares."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bowlby._types import BoolArray
from bowlby.recordings.recording import RecordingError


@dataclass(frozen=True)
class Region:
    """One person's place in the picture.

    Attributes:
        person: The person's role.
        corners: Corners `x, y` of a polygon, in pixels, or in shares of width and height.
        is_share: True if corners are shares, 0 to 1.
    """

    person: str
    corners: tuple[tuple[float, float], ...]
    is_share: bool

    def mask(self, width: int, height: int) -> BoolArray:
        """Pixels inside (height x width)."""
        scale = (width, height) if self.is_share else (1.0, 1.0)
        points = np.array(self.corners) * scale
        return _inside(points, width, height)


def halves(first: str = "first", second: str = "second") -> tuple[Region, Region]:
    """The left and the right half, without the middle twentieth."""
    return (
        Region(first, _box(0.0, 0.0, 0.475, 1.0), is_share=True),
        Region(second, _box(0.525, 0.0, 0.475, 1.0), is_share=True),
    )


def whole(person: str) -> tuple[Region]:
    """The whole picture, of one person alone."""
    return (Region(person, _box(0.0, 0.0, 1.0, 1.0), is_share=True),)


def _box(x: float, y: float, width: float, height: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def read_regions(path: Path) -> tuple[Region, ...]:
    """Read a file of regions, one table a person with `rectangle` or `polygon`.

    Raises:
        RecordingError: If it cannot be read or a region makes no sense.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecordingError(f"{path.name}: cannot be read as regions ({error}).") from error
    regions = tuple(_region(path, person, lines) for person, lines in content.items())
    if not regions:
        raise RecordingError(
            f"{path.name}: names no person. Write [client] and rectangle = [x, y, width, "
            "height]."
        )
    return regions


def _region(path: Path, person: str, lines: Any) -> Region:
    where = f"{path.name}: [{person}]"
    if (
        not isinstance(lines, dict)
        or len(lines) != 1
        or not {"rectangle", "polygon"} & set(lines)
    ):
        raise RecordingError(
            f"{where} needs one line, rectangle = [x, y, width, height] or polygon = "
            "[[x, y], [x, y], [x, y]]."
        )
    try:
        if "rectangle" in lines:
            x, y, width, height = (float(value) for value in lines["rectangle"])
            if width <= 0 or height <= 0:
                raise ValueError("width and height must be above 0")
            corners = _box(x, y, width, height)
        else:
            corners = tuple((float(x), float(y)) for x, y in lines["polygon"])
            if len(corners) < 3:
                raise ValueError("a polygon has three corners or more")
    except (TypeError, ValueError) as error:
        raise RecordingError(f"{where}: {error}.") from error
    if min(min(corner) for corner in corners) < 0:
        raise RecordingError(f"{where}: a corner lies outside the picture.")
    is_share = max(max(corner) for corner in corners) <= 1.0 + 1e-9
    return Region(person, corners, is_share)


def labels_of(regions: tuple[Region, ...], width: int, height: int, name: str) -> np.ndarray:
    """Number of the region of each pixel, from 1; 0 for the background (height x width).

    Raises:
        RecordingError: If regions overlap, lie outside the picture or hold too little.
    """
    labels = np.zeros((height, width), dtype=np.uint8)
    for number, region in enumerate(regions, start=1):
        scale = (1.0, 1.0) if region.is_share else (width, height)
        farthest = np.array(region.corners).max(axis=0)
        if (farthest > np.array(scale) + 1e-6).any():
            raise RecordingError(
                f"{name}: the region of {region.person} reaches over the picture of {width} x "
                f"{height} pixels."
            )
        mask = region.mask(width, height)
        if mask.sum() < 100:
            raise RecordingError(
                f"{name}: the region of {region.person} holds {int(mask.sum())} pixels; at "
                "least 100 are needed."
            )
        both = mask & (labels > 0)
        if both.any():
            other = regions[int(labels[both][0]) - 1].person
            raise RecordingError(
                f"{name}: the regions of {other} and {region.person} overlap in "
                f"{int(both.sum())} pixels, so that one's movement would count as the other's."
            )
        labels[mask] = number
    return labels


def _inside(points: np.ndarray, width: int, height: int) -> BoolArray:
    """Pixels whose middle lies inside a polygon, by the even-odd rule."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    inside = np.zeros((height, width), dtype=bool)
    ends = np.roll(points, -1, axis=0)
    for (x0, y0), (x1, y1) in zip(points, ends, strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > y) != (y1 > y)
        inside ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return inside
