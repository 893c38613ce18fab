"""The canonical table of scores, checked: every message names file, row, column and remedy."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import pandas as pd

from bowlby.outcomes.mapping import COLUMNS, ColumnMapping
from bowlby.outcomes.reading import EMPTY, TextTable, dates_of, numbers_of
from bowlby.outcomes.yardstick import Yardstick

PHASES = ("before", "during", "after", "follow_up")
KEEP = ("last", "first")
UNITS = ("session", "week")
MOST_SESSIONS = 2000
"""Highest number of a session: four a week for ten years."""


@dataclass(frozen=True)
class Scores:
    """Scores of one scale.

    Attributes:
        table: client, therapist, date, time (whole sessions or weeks), phase, value, row.
        unit: What `time` counts.
        notes: What a reader must know of the file.
    """

    table: pd.DataFrame
    unit: str
    notes: tuple[str, ...] = ()


def read_scores(
    text: TextTable,
    yard: Yardstick,
    mapping: ColumnMapping | None = None,
    *,
    unit: str = "session",
    keep: str | None = None,
    scale: str | None = None,
    instruments: Sequence[str] = (),
) -> Scores:
    """Scores of one scale from a table of text.

    Args:
        text: The table.
        yard: Range the scores must lie in.
        mapping: What columns mean; those called as ours need none.
        unit: Count time in sessions or in weeks since the first date.
        keep: Which of two scores at one time: `last` or `first`; None to refuse.
        scale: Which scale, where the file holds several.
        instruments: Names by which rows of this instrument go, where the file holds several.

    Raises:
        ValueError: If anything is not as it should be.
    """
    mapping = mapping or ColumnMapping()
    if unit not in UNITS:
        raise ValueError(f"--time {unit!r} is not one of {', '.join(UNITS)}.")
    if keep is not None and keep not in KEEP:
        raise ValueError(f"--keep {keep!r} is not one of {', '.join(KEEP)}.")
    found = _columns(text, mapping)
    long = (
        _from_wide(text, mapping, found) if mapping.wide else _from_long(text, mapping, found)
    )
    long, notes = _of_instrument(text, long, scale, instruments)
    notes += _alike_clients(long)
    long = _without_empty(text, long, notes)
    _check_values(text, long, yard)
    long = _with_time(text, long, unit)
    long = _one_each(text, long, keep, notes)
    _check_order(text, long)
    columns = ["client", "therapist", "date", "time", "phase", "value", "row"]
    long = long.sort_values(["client", "time"], kind="stable")[columns].reset_index(drop=True)
    return Scores(long, unit, tuple(notes))


def _columns(text: TextTable, mapping: ColumnMapping) -> dict[str, str]:
    """Our name to the file's, for the columns there are."""
    found = {name: name for name in COLUMNS if name in text.data.columns}
    for name, theirs in mapping.columns.items():
        if theirs not in text.data.columns:
            raise ValueError(
                f"{text.file}: there is no column {theirs!r} for {name}. Columns: "
                f"{_list(text.data.columns)}."
            )
        found[name] = theirs
    if "redcap_event_name" in text.data.columns:
        found.setdefault("client", text.data.columns[0])
        repeat = "redcap_repeat_instance"
        found.setdefault("session", repeat if repeat in text.data else "redcap_event_name")
    if "client" not in found:
        raise ValueError(
            f"{text.file}: no column is called client. Columns: {_list(text.data.columns)}. "
            f"{_alike(text)}Say which one it is: --columns client=..., or a mapping TOML with "
            '[columns] and client = "...".'
        )
    return found


def _alike(text: TextTable) -> str:
    """A command for columns that differ from ours in capitals only."""
    theirs = {str(name).lower(): str(name) for name in text.data.columns}
    found = [f"{name}={theirs[name]}" for name in COLUMNS if name in theirs]
    return f"Perhaps --columns {','.join(found)}. " if "client" in theirs else ""


def _list(names: Sequence[str] | pd.Index) -> str:
    shown = [str(n) for n in names]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more" if len(shown) > 20 else "")


def _from_long(text: TextTable, mapping: ColumnMapping, found: dict[str, str]) -> pd.DataFrame:
    if "value" not in found:
        raise ValueError(
            f"{text.file}: no column is called value. Columns: {_list(text.data.columns)}. If "
            "each row is a score, say --columns value=...; if each row is a client with a "
            "column a session, write a mapping TOML with [wide]; items go to `bowlby outcomes "
            "score`."
        )
    if "___" in found["value"]:
        raise ValueError(
            f"{text.file}: {found['value']} is a checkbox column of REDCap (0 or 1), not a "
            "score. Give the column of the total."
        )
    if "date" not in found and "session" not in found:
        raise ValueError(
            f"{text.file}: neither date nor session is there, so the order of scores is not "
            "known. Say --columns session=... or --columns date=..."
        )
    made = _labels(text, found)
    made["value"] = numbers_of(text, found["value"], missing=mapping.missing)
    if "date" in found:
        made["date"] = dates_of(text, found["date"], order=mapping.dates)
    if "session" in found:
        made["session"] = _sessions(text, found["session"], mapping)
    return made


def _labels(text: TextTable, found: dict[str, str]) -> pd.DataFrame:
    made = pd.DataFrame({"row": [text.row(i) for i in range(len(text.data))]})
    clients = text.data[found["client"]]
    for i, client in enumerate(clients):
        if client == "":
            raise ValueError(
                f"{text.file}, row {text.row(i)}, column {found['client']}: the client is "
                "missing. Every score belongs to somebody."
            )
    made["client"] = clients.to_numpy()
    for name in ("therapist", "instrument", "scale", "phase", "respondent"):
        made[name] = text.data[found[name]].to_numpy() if name in found else ""
    for i, phase in enumerate(made.phase):
        if phase and phase not in PHASES:
            raise ValueError(
                f"{text.file}, row {text.row(i)}, column {found['phase']}: {phase!r} is not "
                "one "
                f"of {', '.join(PHASES)}."
            )
    made["date"], made["session"] = pd.NaT, np.nan
    return made


def _sessions(text: TextTable, column: str, mapping: ColumnMapping) -> pd.Series:
    cells = text.data[column]
    words = [  # As they come in the file: before stands above after.
        c for c in dict.fromkeys(cells)
        if c not in EMPTY and not _is_whole(c) and c not in mapping.labels
    ]  # fmt: skip
    if words:
        at = int(np.flatnonzero(cells == words[0])[0])
        shown = ", ".join(f'"{w}" = {i}' for i, w in enumerate(words[:6]))
        raise ValueError(
            f"{text.file}, row {text.row(at)}, column {column}: {words[0]!r} is not a session "
            f"number. Number the words in a mapping TOML (--map): labels = {{ {shown} }}"
        )
    values = [
        mapping.labels[c] if c in mapping.labels else np.nan if c in EMPTY else _whole(c)
        for c in cells
    ]
    for i, value in enumerate(values):
        if value < 0:
            raise ValueError(
                f"{text.file}, row {text.row(i)}, column {column}: session {value:g} is below "
                "0. Call the score before therapy session 0."
            )
        if value > MOST_SESSIONS:
            raise ValueError(
                f"{text.file}, row {text.row(i)}, column {column}: {cells.iloc[i]} is no "
                f"number of a session (0 to {MOST_SESSIONS}). Is it a date or an id?"
            )
    return pd.Series(values, index=cells.index, dtype=float)


def _is_whole(cell: str) -> bool:
    try:
        return float(cell.replace(",", ".")).is_integer()
    except (ValueError, OverflowError):
        return False


def _whole(cell: str) -> float:
    return float(cell.replace(",", "."))


def _from_wide(text: TextTable, mapping: ColumnMapping, found: dict[str, str]) -> pd.DataFrame:
    for column in mapping.wide:
        if column not in text.data.columns:
            raise ValueError(
                f"{text.file}: [wide] names a column {column!r} that is not there. Columns: "
                f"{_list(text.data.columns)}."
            )
    clients = text.data[found["client"]]
    twice = clients[clients.duplicated(keep=False)]
    if len(twice):
        rows = " and ".join(str(text.row(i)) for i in twice.index[twice == twice.iloc[0]])
        raise ValueError(
            f"{text.file}, rows {rows}: client {twice.iloc[0]} has two rows of a wide file. "
            "Keep one."
        )
    labels = _labels(text, found)
    parts = [
        labels.assign(
            session=float(session), value=numbers_of(text, c, missing=mapping.missing)
        )
        for c, session in mapping.wide.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _of_instrument(
    text: TextTable, long: pd.DataFrame, scale: str | None, instruments: Sequence[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Rows of one instrument and scale."""
    notes: list[str] = []
    named = sorted(set(long.instrument) - {""})
    if named and instruments:
        mine = long.instrument.isin([*instruments, ""])
        if not mine.any():
            raise ValueError(
                f"{text.file}: no row is of {instruments[0]}; instruments: {_list(named)}."
            )
        if (~mine).any():
            notes.append(f"{(~mine).sum()} rows of other instruments were left out.")
        long = long[mine]
    elif len(named) > 1:
        raise ValueError(
            f"{text.file}: scores of several instruments ({_list(named)}). Say which: "
            f"--instrument {named[0]}."
        )
    scales = sorted(set(long.scale) - {""})
    if scale is not None and scales:
        if scale not in scales:
            raise ValueError(f"{text.file}: no scale {scale!r}; there are {_list(scales)}.")
        long = long[long.scale == scale]
    elif len(scales) > 1:
        raise ValueError(
            f"{text.file}: several scales ({_list(scales)}). Say which: --scale {scales[0]}."
        )
    respondents = sorted(set(long.respondent) - {""})
    if len(respondents) > 1:
        raise ValueError(
            f"{text.file}: several respondents ({_list(respondents)}); whose scores follow "
            "each other must be one person's. Keep one in the file."
        )
    return long, notes


def _alike_clients(long: pd.DataFrame) -> list[str]:
    """Clients who may be one, written in two ways."""
    names = pd.Series(long.client.unique(), dtype=str)
    plain = names.str.casefold().str.lstrip("0").str.replace(r"[\s_-]+", "", regex=True)
    same = names[plain.duplicated(keep=False)].groupby(plain).agg(" and ".join)
    return [f"Clients {_list(list(same))} are taken for different ones."] if len(same) else []


def _without_empty(text: TextTable, long: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    has = long["value"].notna()
    if not has.any():
        raise ValueError(f"{text.file}: every score is missing.")
    if (~has).any():
        notes.append(f"{(~has).sum()} scores are missing; gaps stay gaps.")
    return long[has]


def _check_values(text: TextTable, long: pd.DataFrame, yard: Yardstick) -> None:
    low, high = yard.minimum, yard.maximum
    off = long[(long["value"] < low) | (long["value"] > high)]
    for _, row in off.iterrows():
        value = row["value"]
        is_code = value in (-9, -99, -999, -1, 99, 999, 9999, -8, -7)
        remedy = (
            f"If {value:g} means missing, say so: --missing {value:g}."
            if is_code
            else "Correct the score, or the instrument."
        )
        raise ValueError(
            f"{text.file}, row {row['row']}, client {row['client']}: score {value:g} is "
            "outside "
            f"the range of {yard.instrument} ({low:g} to {high:g}). {remedy}"
        )
    infinite = long[~np.isfinite(long["value"])]
    for _, row in infinite.iterrows():
        raise ValueError(f"{text.file}, row {row['row']}: the score is not finite.")


def _with_time(text: TextTable, long: pd.DataFrame, unit: str) -> pd.DataFrame:
    long = long.copy()
    if unit == "week":
        without = long[long.date.isna()]
        for _, row in without.iterrows():
            raise ValueError(
                f"{text.file}, row {row['row']}: without a date it cannot be counted in weeks. "
                "Give the date, or use --time session."
            )
        first = long.groupby("client").date.transform("min")
        long["time"] = np.round((long.date - first).dt.days / 7.0).astype(int)
        return long
    if long.session.notna().all():
        return long.assign(time=long.session.astype(int))
    if long.date.notna().all() and long.session.isna().all():
        long["time"] = (
            long.groupby("client").date.rank(method="dense").astype(int) - 1
        )  # fmt: skip
        return long
    row = long[long.session.isna()].iloc[0]
    raise ValueError(
        f"{text.file}, row {row['row']}: neither a session nor a date in every row. Complete "
        "the column, or take it out so that dates give the order."
    )


def _one_each(
    text: TextTable, long: pd.DataFrame, keep: str | None, notes: list[str]
) -> pd.DataFrame:
    """One score a time and client."""
    twice = long[long.duplicated(["client", "time"], keep=False)]
    if not len(twice):
        return long
    one = twice[(twice[["client", "time"]] == twice[["client", "time"]].iloc[0]).all(axis=1)]
    if keep is None:
        rows = " and ".join(str(r) for r in one.row)
        day = one.date.iloc[0]
        when = f"{day:%Y-%m-%d}" if pd.notna(day) else f"time {one.time.iloc[0]}"
        raise ValueError(
            f"{text.file}, rows {rows}: client {one.client.iloc[0]} has two scores at {when} "
            f"({', '.join(f'{v:g}' for v in one['value'])}). Pass --keep last or --keep first, "
            "or name the scale with --scale."
        )
    notes.append(
        f"Of scores at the same time the {keep} in the file was kept ({len(twice)} rows "
        "concerned)."
    )
    which = cast('Literal["last", "first"]', keep)
    return long.drop_duplicates(["client", "time"], keep=which)


def _check_order(text: TextTable, long: pd.DataFrame) -> None:
    """Sessions and dates must tell the same order."""
    dated = long[long.date.notna()].sort_values(["client", "time"], kind="stable")
    back = dated.client.eq(dated.client.shift()) & (dated.date < dated.date.shift())
    for place in np.flatnonzero(back):
        row, before = dated.iloc[place], dated.iloc[place - 1]
        raise ValueError(
            f"{text.file}, rows {before['row']} and {row['row']}: client {row['client']} has "
            f"time {before['time']} on {before['date']:%Y-%m-%d} but time {row['time']} "
            "earlier, "
            f"on {row['date']:%Y-%m-%d}. Correct one, or leave the session column out."
        )


def pairs(
    scores: pd.DataFrame, *, before: int | None = None, after: int | None = None
) -> pd.DataFrame:
    """First and last score of each client who has two: client, before, after, n.

    Follow-up scores do not count as the end of therapy.

    Args:
        scores: Table of `Scores`.
        before: Session before; the first of each client by default.
        after: Session after; the last of each client by default.
    """
    table = scores[scores.phase != "follow_up"].sort_values(["client", "time"])
    grouped = table.groupby("client", sort=True)
    n = grouped.size()
    first = grouped["value"].first() if before is None else _at(table, before)
    last = grouped["value"].last() if after is None else _at(table, after)
    made = pd.DataFrame({"before": first, "after": last, "n": n}).dropna()
    if before is None and after is None:
        made = made[made.n > 1]
    return made.rename_axis("client").reset_index()


def _at(table: pd.DataFrame, time: int) -> pd.Series:
    found = table[table.time == time].set_index("client")["value"]
    if not len(found):
        times = _list([str(t) for t in sorted(table.time.unique())])
        raise ValueError(f"No score is at session {time}; sessions are {times}.")
    return found


def with_missing(mapping: ColumnMapping, codes: Sequence[float]) -> ColumnMapping:
    """The mapping with further codes for missing."""
    return replace(mapping, missing=mapping.missing | {float(c) for c in codes})
