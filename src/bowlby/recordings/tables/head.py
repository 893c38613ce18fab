"""How a head moves, from the place and the turn of it that face trackers write.

Source: OpenFace, "Output format" (https://github.com/TadasBaltrusaitis/OpenFace/wiki):
`pose_Tx, pose_Ty, pose_Tz` are the place of the head (mm, from the camera), `pose_Rx, pose_Ry,
pose_Rz` its turns (rad).
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import FLAG_WORDS, words_of
from bowlby.recordings.tables.columns import masks_rows
from bowlby.recordings.tables.parsing import Table

if TYPE_CHECKING:
    import pandas as pd

_PLACE = re.compile(r"^(.*?)pose[ _]?(T|R)[ _]?([xyz])$", re.IGNORECASE)
# Radius of a head (mm), which turns a turn into a way.
HEAD_MM = 100.0
_HOLE = 1.5


def with_head_motion(table: Table, times_s: FloatArray | None, rate_hz: float | None) -> Table:
    """The table with a column of head motion in place of six of the head's place and turns.

    The speed (mm/s) is the root mean square over the surface of a ball of `HEAD_MM`: with the
    centre's speed v and the speed of turning w it is sqrt(v^2 + 2/3 (HEAD_MM w)^2). It is
    missing beside rows whose face was lost, and across holes in time.

    Args:
        table: The table.
        times_s: Time of each row (s), if a column tells it.
        rate_hz: Rows a second (Hz), where no column does; without it the unit is mm a frame.
    """
    found: dict[str, dict[str, str]] = {}
    for name in table.frame.columns:
        match = _PLACE.match(str(name).strip())
        if match and table.frame[name].dtype.kind == "f":
            found.setdefault(match[1], {})[match[2].upper() + match[3].lower()] = name
    heads = {who: c for who, c in found.items() if {"Tx", "Ty", "Tz"} <= c.keys()}
    if not heads:
        return table
    frame, units = table.frame.copy(deep=False), dict(table.units)
    lost = masks_rows([
        (name, frame[name].to_numpy(float))
        for name in frame.columns
        if FLAG_WORDS.intersection(words_of(name)) and frame[name].dtype.kind == "f"
    ])  # fmt: skip
    for who, columns in heads.items():
        speed, unit = _speed(frame, columns, lost, times_s, rate_hz)
        frame = frame.drop(columns=list(columns.values()))
        frame[f"{who}head motion"] = speed
        units[f"{who}head motion"] = unit
    note = (
        "Head motion: speed of the head's surface, from its place and its turns "
        f"({', '.join(str(c['Tx']) for c in heads.values())}, ...)."
    )
    return replace(table, frame=frame, units=units, notes=(*table.notes, note))


def _speed(
    frame: "pd.DataFrame",
    columns: dict[str, str],
    lost: np.ndarray | None,
    times_s: FloatArray | None,
    rate_hz: float | None,
) -> tuple[FloatArray, str]:
    def way(axes: tuple[str, ...]) -> FloatArray:
        values = np.stack([frame[columns[a]].to_numpy(float) for a in axes])
        if lost is not None:
            values = np.where(lost, np.nan, values)
        return np.sqrt(np.sum(np.diff(values, axis=1) ** 2, axis=0))

    squares = way(("Tx", "Ty", "Tz")) ** 2
    if {"Rx", "Ry", "Rz"} <= columns.keys():
        squares = squares + 2 / 3 * (HEAD_MM * way(("Rx", "Ry", "Rz"))) ** 2
    speed, unit = np.sqrt(squares), "mm/frame"
    if times_s is not None:
        steps = np.diff(times_s)
        usual = float(np.nanmedian(steps))
        if usual > 0:
            with np.errstate(invalid="ignore"):
                speed = np.where(steps <= _HOLE * usual, speed, np.nan) / usual
            unit = "mm/s"
    elif rate_hz:
        speed, unit = speed * rate_hz, "mm/s"
    return np.r_[np.nan, speed], unit
