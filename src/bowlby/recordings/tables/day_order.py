"""Dates such as 05/06/2024: which number is the day.

In this order: the user's word, the column's name, a number above 12, points between the
numbers, the moment the times must be near, rows that run on over midnight, decimal commas. What
nothing tells is read month first, which is said; it is asked where the lengths of gaps depend
on it.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.parsing import Table

if TYPE_CHECKING:
    import pandas as pd

DAY_FIRST, MONTH_FIRST = "day first", "month first"
ASSUMED = "Which number of the date"
_DATE = r"^\s*(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})"
_NAMED = re.compile(r"\b(?:(d{1,2})[ ./-]?m{1,2}|m{1,2}[ ./-]?d{1,2})[ ./-]?y{2,4}\b", re.I)
_DAY_S = 86_400.0


@dataclass(frozen=True)
class DayOrder:
    """How dates are read.

    Attributes:
        is_day_first: True for 5 June where 05/06 stands.
        swapped_s: What the other order would add to the times (s), 0 if it is settled.
        notes: What told, or that nothing did.
    """

    is_day_first: bool
    swapped_s: float = 0.0
    notes: tuple[str, ...] = ()


def _instants(years: "pd.Series", days: np.ndarray, months: np.ndarray) -> FloatArray:
    """Seconds since 1970 of dates whose years have two digits or four."""
    import pandas as pd

    dates = pd.DataFrame(
        {"year": [int(y) + 2000 * (len(y) == 2) for y in years], "month": months, "day": days}
    )
    return pd.to_datetime(dates).to_numpy().astype("datetime64[s]").astype(float)


def day_order(table: Table, name: str, text: "pd.Series", options: ReadOptions) -> DayOrder:
    """The order of day and month in a column of dates whose year does not lead.

    Args:
        table: The column's table.
        name: The column's name.
        text: Its dates, none missing.
        options: What the user says.

    Raises:
        RecordingError: If nothing tells the order, and the gaps between rows depend on it.
    """
    import pandas as pd

    heads = pd.Series([str(cell)[:10] for cell in text.array], index=text.index, dtype=object)
    dates = heads[~heads.duplicated()].str.extract(_DATE)
    dates = dates[dates[0].notna()]
    if dates.empty:
        return DayOrder(is_day_first=False)
    shown = f"{text.loc[dates.index[0]].split()[0]!r}"
    days = dates.drop_duplicates()
    first, second = days[0].astype(int).to_numpy(), days[2].astype(int).to_numpy()
    told = options.dates or _named(name)
    if told is not None:
        return DayOrder(told == DAY_FIRST)
    if (first == second).all():
        return DayOrder(is_day_first=True)
    for numbers, is_day_first in ((first, True), (second, False)):
        if (numbers > 12).any():
            at = int(np.argmax(numbers > 12))
            if at == 0:
                return DayOrder(is_day_first)
            row = table.lines[int(np.argmax(table.frame.index == days.index[at]))]
            return _settled(
                shown, f"line {row} has a number above 12 there", is_day_first=is_day_first
            )
    if days[1].iloc[0] == ".":
        return DayOrder(is_day_first=True)
    starts = {
        is_day_first: _instants(
            days[3], *((first, second) if is_day_first else (second, first))
        )
        for is_day_first in (True, False)
    }
    near = _near(starts, options.near_s)
    if near is not None:
        return _settled(shown, "only so they are of the recording's day", is_day_first=near)
    runs_on = {order: bool((np.diff(at) == _DAY_S).any()) for order, at in starts.items()}
    if len(days) > 1 and runs_on[True] != runs_on[False]:
        return _settled(
            shown, "only so the rows run on over midnight", is_day_first=runs_on[True]
        )
    if table.has_commas or re.search(r":\d\d,\d", str(text.iloc[0])):
        return _settled(
            shown, "decimal commas are written where days come first", is_day_first=True
        )
    if len(days) > 1 and not _has_recordings(table):
        raise RecordingError(
            f"{table.path.name}, column {name!r}: dates such as {shown} may be day first or "
            "month first, and the gaps between rows depend on it. Say which: name the column "
            f"'{name} (dd/mm/yyyy)' or '{name} (mm/dd/yyyy)', or write dates = "
            f'"{DAY_FIRST}" or "{MONTH_FIRST}" under [table] of a mapping file.'
        )
    swapped = float(starts[True][0] - starts[False][0]) if len(days) == 1 else 0.0
    note = (
        f"{ASSUMED} {shown} is the day is not told: read {MONTH_FIRST}. No result "
        f'depends on it; if the day comes first, write dates = "{DAY_FIRST}" under [table] of '
        "a mapping file."
    )
    return DayOrder(is_day_first=False, swapped_s=swapped, notes=(note,))


def _settled(shown: str, why: str, *, is_day_first: bool) -> DayOrder:
    order = DAY_FIRST if is_day_first else MONTH_FIRST
    return DayOrder(is_day_first, 0.0, (f"Dates such as {shown} were read {order}: {why}.",))


def _named(name: str) -> str | None:
    found = _NAMED.search(name)
    return None if found is None else DAY_FIRST if found[1] else MONTH_FIRST


def _near(starts: dict[bool, np.ndarray], near_s: float | None) -> bool | None:
    """The only order in which a date is within two days of a moment."""
    if near_s is None:
        return None
    are_near = {o: bool((np.abs(at - near_s) < 2 * _DAY_S).any()) for o, at in starts.items()}
    return are_near[True] if are_near[True] != are_near[False] else None


def _has_recordings(table: Table) -> bool:
    from bowlby.recordings.tables.rows import RECORDING

    return any(column in table.frame.columns for column in RECORDING)
