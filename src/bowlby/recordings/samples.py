"""Few samples a person: hormones, drawn two to some twenty times, of many people.

They are no time series, and no `Recording`. A table of them, long (a row a sample) or wide (a
column a sample), becomes one tidy table; what a model of dyads needs stands in its columns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import ROLE_OF_WORD, meaning_of, words_of
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.parsing import Table, read_text_table

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("dyad", "person", "sample", "minutes", "clock_minutes", "value")
_DYAD = ("dyad", "couple", "family", "pair", "dyade", "paar")
_PERSON = ("person", "role", "partner", "member", "participant", "subject", "id", "vp")
_SAMPLE = ("sample", "probe", "timepoint", "measurement", "occasion", "tube", "nr")
_MINUTES = ("minutes", "minute", "min", "mins")
_CLOCK = ("clock", "time", "uhrzeit", "zeit")
# Molar mass of cortisol, 362.46 g/mol: 1 ug/dl is 27.59 nmol/l.
_UNITS = {
    "cortisol": {"nmol/l": 1.0, "ug/dl": 27.59, "ng/ml": 2.759},
}
_UNIT_NAMES = {"cortisol": "nmol/l"}
_UNIT_WORDS = (
    (r"n\s*mol(?:es)?\s*[ _/.]?\s*l", "nmol/l"), (r"[uµμ]g\s*[ _/.]?\s*dl", "ug/dl"),
    (r"ng\s*[ _/.]?\s*ml", "ng/ml"), (r"pg\s*[ _/.]?\s*ml", "pg/ml"),
    (r"pmol\s*[ _/.]?\s*l", "pmol/l"), (r"iu\s*[ _/.]?\s*ml", "iu/ml"),
)  # fmt: skip
_PLAUSIBLE = {"cortisol": (0.5, 60.0)}
_MOST_SD = 4.0


@dataclass(frozen=True, eq=False)
class SampleTable:
    """Samples of one hormone.

    Attributes:
        path: The file.
        hormone: What was measured, such as `cortisol`.
        unit: Unit of the values; empty if the file does not tell.
        rows: A row a sample: `dyad` (None if the file names none), `person`, `sample` (from 1),
            `minutes` and `clock_minutes` (since midnight; NaN if not told), `value` (NaN where
            left out), then the file's other columns, such as a condition.
        left_out: Samples left out, with the reason and their number.
        notes: What was found, one sentence each.
    """

    path: Path
    hormone: str
    unit: str
    rows: "pd.DataFrame"
    left_out: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def people(self) -> int:
        """Number of people."""
        return len(self.rows[["dyad", "person"]].drop_duplicates())

    @property
    def dyads(self) -> int:
        """Number of dyads in which two people have samples."""
        known = self.rows.dropna(subset=["dyad", "value"])
        return int((known.groupby("dyad")["person"].nunique() == 2).sum())

    @property
    def samples(self) -> int:
        """Most samples of one person."""
        return int(self.rows["sample"].max())


def holds_samples(table: Table) -> str | None:
    """The hormone that a table holds, if its names tell one."""
    named = [c for c in table.frame.columns if meaning_of(c, "").kind == "hormone"]
    for text in (*named, table.path.stem):
        if meaning_of(text, "").kind == "hormone":
            known = [w for w in words_of(text) if meaning_of(w, "").kind == "hormone"]
            name = known[0] if known else "hormone"
            return "cortisol" if name == "kortisol" else name
    return None


def read_samples(path: str | Path, options: ReadOptions | None = None) -> SampleTable:
    """Read a table of hormone samples, long or wide.

    Args:
        path: The file.
        options: `missing` numbers.

    Raises:
        RecordingError: If it holds no hormone, or its samples cannot be told apart.
    """
    options = options or ReadOptions()
    path = Path(path)
    table = read_text_table(
        path, text_names=frozenset({*_DYAD, *_PERSON, "condition", "group"})
    )
    hormone = holds_samples(table)
    if hormone is None:
        raise RecordingError(
            f"{path.name}: no column names a hormone. Name the values' column cortisol, "
            "oxytocin, testosterone or hormone."
        )
    named = [c for c in table.frame.columns if meaning_of(c, "").kind == "hormone"]
    many = len(named) > 1 or not named
    frame, source = (_wide if many else _long)(table, named)
    unit = _unit(source, table)
    values = frame["value"].to_numpy(float)
    values[np.isin(values, options.missing)] = np.nan
    frame["value"], unit, notes, left_out = _checked(values, hormone, unit)
    return SampleTable(path, hormone, unit, frame, tuple(left_out), tuple(notes))


def _first(table: Table, words: Sequence[str], taken: Sequence[str] = ()) -> str | None:
    """The first column one of whose words is among `words`, in the order of `words`."""
    for word in words:
        for name in table.frame.columns:
            if name not in taken and word in words_of(name):
                return name
    return None


def _long(table: Table, named: Sequence[str]) -> "tuple[pd.DataFrame, str]":
    import pandas as pd

    frame = table.frame
    (value,) = named
    dyad = _first(table, _DYAD, [value])
    person = _first(table, _PERSON, [value, dyad or ""])
    if person is None:
        raise RecordingError(
            f"{table.path.name}: no column tells whose a sample is. Name one `person`."
        )
    taken = [value, person, *([dyad] if dyad else [])]
    minutes = _first(table, _MINUTES, taken)
    sample = _first(table, _SAMPLE, [*taken, minutes or ""])
    clock = _first(table, _CLOCK, [*taken, minutes or "", sample or ""])
    key = [c for c in (dyad, person) if c]
    order = frame.groupby(key, sort=False).cumcount() + 1
    made = pd.DataFrame(
        {
            "dyad": _names(frame[dyad]) if dyad else None,
            "person": _names(frame[person]),
            "sample": _whole(frame[sample], order) if sample else order,
            "minutes": _numbers(frame[minutes]) if minutes else np.nan,
            "clock_minutes": _clock_minutes(frame[clock]) if clock else np.nan,
            "value": _numbers(frame[value]),
        }
    )
    repeated = made.duplicated(["dyad", "person", "sample"])
    if repeated.any():
        line = table.lines[int(np.argmax(repeated.to_numpy()))]
        raise RecordingError(
            f"{table.path.name}, line {line}: a second sample of the same number of the same "
            "person. Number the samples of each person from 1, or name the dyads apart."
        )
    rest = [c for c in frame.columns if c not in (*taken, minutes, sample, clock)]
    return pd.concat([made, frame[rest].reset_index(drop=True)], axis=1), value


def _names(column: Any) -> Any:
    return column.map(
        lambda x: str(int(x)) if isinstance(x, float) and x == int(x) else str(x).strip()
    )


def _numbers(column: Any) -> FloatArray:
    import pandas as pd

    return pd.to_numeric(column, errors="coerce").to_numpy(float)


def _whole(column: Any, otherwise: Any) -> Any:
    """Numbers of samples; names such as `S1` by their number, others by their order."""
    if column.dtype.kind == "f":
        return column.astype(int) if column.notna().all() else otherwise
    text = column.astype(str).str.extract(r"(\d+)\D*$")[0]
    return text.astype(float).astype(int) if text.notna().all() else otherwise


def _clock_minutes(column: Any) -> FloatArray:
    """Times of day in minutes since midnight, NaN where a cell is none."""
    found = column.astype(str).str.extract(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$")
    hours, minutes, seconds = (_numbers(found[i]) for i in range(3))
    return hours * 60 + minutes + np.nan_to_num(seconds) / 60


def _wide(table: Table, named: Sequence[str]) -> "tuple[pd.DataFrame, str]":
    """A column a sample: `cortisol_1`, `mother_cort_2`, or bare numbers or minutes."""
    import pandas as pd

    columns = [c for c in named if re.search(r"\d", c)] or [
        c for c in table.frame.columns
        if re.fullmatch(r"[sStT]?[+-]?\d+(\.\d+)?\s*(min)?", c.strip())
    ]  # fmt: skip
    if len(columns) < 2:
        raise RecordingError(
            f"{table.path.name}: neither one column of values with a row a sample, nor a "
            "column for each sample (cortisol_1, cortisol_2, ...)."
        )
    dyad = _first(table, _DYAD, columns)
    person = _first(table, _PERSON, [*columns, dyad or ""])
    numbers = [float(re.findall(r"-?\d+(?:\.\d+)?", c)[-1]) for c in columns]
    roles = [
        next((ROLE_OF_WORD[w] for w in words_of(c) if w in ROLE_OF_WORD), None) for c in columns
    ]
    is_minutes = any("min" in words_of(c) for c in columns) or max(numbers) > len(columns) + 1
    ids = [c for c in table.frame.columns if c not in columns]
    if person is None and not any(roles):
        raise RecordingError(
            f"{table.path.name}: no column tells whose a row is. Name one `person`."
        )
    if dyad is None and any(roles) and person is not None:
        # Several people in one row: the row's name is the dyad's.
        dyad, person = person, None
    parts = []
    for role in dict.fromkeys(roles):
        mine = [(n, c) for n, c, r in zip(numbers, columns, roles, strict=True) if r == role]
        for place, (number, column) in enumerate(sorted(mine), start=1):
            part = table.frame[ids].reset_index(drop=True).copy()
            part["sample"] = place
            part["minutes"] = number if is_minutes else np.nan
            part["clock_minutes"] = np.nan
            part["value"] = _numbers(table.frame[column])
            part["person"] = role if role or person is None else _names(table.frame[person])
            part["dyad"] = _names(table.frame[dyad]) if dyad else None
            parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    rest = [c for c in ids if c not in (dyad, person)]
    order = frame.sort_values(["dyad", "person", "sample"], kind="stable", na_position="first")
    return order[[*COLUMNS, *rest]].reset_index(drop=True), columns[0]


def _unit(source: str, table: Table) -> str:
    for text in (source, table.units.get(source, ""), table.path.stem, *table.preamble):
        for pattern, unit in _UNIT_WORDS:
            if re.search(pattern, text, re.IGNORECASE):
                return unit
    return ""


def _checked(
    values: FloatArray, hormone: str, unit: str
) -> tuple[FloatArray, str, list[str], list[str]]:
    """Values in the hormone's usual unit, without those that cannot be, each reason counted."""
    notes: list[str] = []
    left_out: list[str] = []
    factors = _UNITS.get(hormone, {})
    if unit in factors and factors[unit] != 1.0:
        values = values * factors[unit]
        notes.append(f"Values in {unit} times {factors[unit]:g} are {_UNIT_NAMES[hormone]}.")
        unit = _UNIT_NAMES[hormone]
    blank = int(np.isnan(values).sum())
    if blank:
        left_out.append(f"{blank} blank")
    below = values <= 0
    if below.any():
        left_out.append(f"{int(below.sum())} at or below 0 (under detection)")
        values = np.where(below, np.nan, values)
    logs = np.log(values)
    centre, sd = np.nanmean(logs), np.nanstd(logs, ddof=1)
    far = np.abs(logs - centre) > _MOST_SD * sd
    if far.any():
        left_out.append(f"{int(far.sum())} over {_MOST_SD:g} SD of the log")
        values = np.where(far, np.nan, values)
    if not np.isfinite(values).any():
        raise RecordingError("No sample has a value above 0.")
    low, high = _PLAUSIBLE.get(hormone, (0.0, np.inf))
    outside = np.nanmean((values < low) | (values > high))
    if unit == _UNIT_NAMES.get(hormone) and outside > 0.2:
        notes.append(
            f"Doubtful: {outside:.0%} of the values lie outside {low:g} to {high:g} {unit}. Is "
            "the unit right?"
        )
    if not unit:
        notes.append(
            "No unit is told; values are compared on their logarithm, which needs none."
        )
    return values, unit, notes, left_out


def described(found: SampleTable) -> str:
    """What a table of samples holds, in lines for a person to read."""
    unit = f" {found.unit}" if found.unit else ""
    values = found.rows["value"].dropna()
    who = ", ".join(dict.fromkeys(found.rows["person"]))
    whose = f"{found.dyads} dyads" if found.dyads else f"{found.people} people, no dyads"
    clock = [
        word for word, column in (("minutes", "minutes"), ("time of day", "clock_minutes"))
        if found.rows[column].notna().any()
    ]  # fmt: skip
    lines = [
        f"{found.path.stem}: {found.hormone} of {whose}, up to {found.samples} samples each",
        f"  values  {len(values)} of {len(found.rows)}, {values.quantile(0.01):.4g} to "
        f"{values.quantile(0.99):.4g}{unit}",
        f"  people  {who if len(who) < 80 else who[:77] + '...'}",
        f"  time    {' and '.join(clock) or 'the order of the samples only'}",
    ]
    lines += [f"left out  {reason}" for reason in found.left_out]
    lines += [f"told      {note}" for note in found.notes]
    if not found.dyads:
        lines.append(
            "ask       who belongs to whom? A column `dyad` must name the pair of each person."
        )
    return "\n".join(lines)
