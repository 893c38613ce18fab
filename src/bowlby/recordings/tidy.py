"""Tidy tables: CSV, TSV or Parquet with named columns, long or wide.

Long: a row per person and moment (`person, time, signal, value`, or `person, time, eda, ecg`).
Wide: a row per moment and a column per person and signal (`time, client_eda, therapist_eda`).
A column `recording`, `dyad`, `couple`, `family` or `session` tells recordings apart. Columns of
text that nothing above names, such as a condition, are not signals and are left out.
"""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.recordings.channel_words import meaning_of
from bowlby.recordings.channels import (
    Channel,
    beats_from_file,
    channel_kind,
    ibi_in_ms,
    partners_from_channels,
)
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.intervals import cumulated_beats
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal
from bowlby.recordings.text_table import MISSING, TextTable, load_head, load_text, split_text
from bowlby.recordings.timed_rows import Rows, check_order, on_grid

if TYPE_CHECKING:
    import pandas as pd

_TIME = {
    **dict.fromkeys(("time", "t", "seconds", "timestamp"), 1.0),
    **dict.fromkeys(("time_s", "t_s", "time (s)", "time [s]", "timestamp_s"), 1.0),
    **dict.fromkeys(("time_ms", "t_ms", "time (ms)", "time [ms]", "timestamp_ms"), 1e-3),
}
_ROLE = ("role", "partner")
_PERSON = ("person", "participant", "participant_id", "role", "partner")
_RECORDING = ("recording", "dyad", "couple", "family", "session")
_LABEL = {"dyad": "dyad", "couple": "dyad", "family": "dyad", "session": "session"}
_MOST_CELLS = 500_000_000
_SUFFIXES = (".csv.gz", ".tsv.gz", ".txt.gz", ".csv", ".tsv", ".txt", ".parquet")


def read_tidy(path: Path, options: ReadOptions) -> Reading:
    """Read a table of one recording.

    Raises:
        RecordingError: If it holds several recordings, or as `read_tidy_many`.
    """
    readings = read_tidy_many(path, options)
    if len(readings) > 1:
        raise RecordingError(
            f"{path.name}: holds {len(readings)} recordings ({', '.join(list(readings)[:5])}, "
            "...). Measure the file as a study: put it into a folder and give the folder."
        )
    return next(iter(readings.values()))


def read_tidy_many(path: Path, options: ReadOptions) -> Mapping[str, Reading]:
    """Read a table of one or several recordings, by name.

    Times are seconds, milliseconds if the column's name says so, seconds (ms, us, ns) since
    1970 if that large, or ISO dates; one without a zone is taken as UTC. Jitter up to a fifth
    of a step is snapped to a regular clock; longer holes are missing samples.

    Args:
        path: The table.
        options: Columns of the partners for wide tables; the rate where there is no time column
            or where it only counts samples (1, 2, 3, ...).

    Raises:
        RecordingError: If columns are missing or unclear, times do not run, or cells are not
            numbers.
    """
    table, since_1970 = _table(path)
    names = [c for c in _RECORDING if c in table.frame.columns]
    is_long = any(c in table.frame.columns for c in _PERSON)
    if not names:
        return {"": _reading(table, options, is_long=is_long, since_1970=since_1970)}
    for name in names:
        _check_named(table, name, "recording")
    key = table.frame[names].astype(str).agg("_".join, axis=1)
    readings: dict[str, Reading] = {}
    for name, rows in table.frame.groupby(key, sort=False):
        part = table.where(table.frame.index.isin(rows.index))
        reading = _reading(part, options, is_long=is_long, since_1970=since_1970)
        labels = {_LABEL[c]: str(rows[c].iloc[0]) for c in names if c in _LABEL}
        readings[str(name)] = replace(reading, labels=labels)
    return readings


def _table(path: Path) -> tuple[Rows, bool]:
    """The whole table, and whether its times count from 1970."""
    frame, first_line = _frame(path)
    lines = np.arange(len(frame)) + first_line
    columns = [c for c in frame.columns if c in _TIME]
    if not columns:
        return Rows(path, frame, None, lines), False
    times_s, since_1970 = _seconds(path, frame[columns[0]], lines)
    return Rows(path, frame.drop(columns=columns), times_s, lines), since_1970


def _frame(path: Path) -> tuple["pd.DataFrame", int]:
    """The table, its special columns in lower case, and the line of its first row."""
    if path.suffix.lower() == ".parquet":
        frame, line = _parquet(path), 1
    else:
        table = split_text(path, load_text(path))
        if not table.header:
            raise RecordingError(f"{path.name}: a tidy table needs a header with column names.")
        text = _text_columns(table)
        frame = table.frame([i for i in range(table.columns) if i not in text])
        frame.columns = table.header
        line = table.header_lines + 1
    frame.columns = [str(name).strip() for name in frame.columns]
    special = {*_TIME, *_PERSON, *_RECORDING, "signal", "value", *KINDS}
    frame.columns = [c.lower() if c.lower() in special else c for c in frame.columns]
    repeated = frame.columns[frame.columns.duplicated()].tolist()
    if repeated:
        raise RecordingError(f"{path.name}: two columns are named {repeated[0]!r}.")
    return frame.reset_index(drop=True), line


def _parquet(path: Path) -> "pd.DataFrame":
    import pandas as pd
    from pyarrow.lib import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            cells = file.metadata.num_rows * file.metadata.num_columns
            # A small file can unpack to more than fits the memory.
            table = file.read() if cells <= _MOST_CELLS else None
        # Without pandas' own notes: by them, a time column kept as index would be lost.
        frame = None if table is None else table.replace_schema_metadata(None).to_pandas()
    except PermissionError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ArrowException, OSError, ValueError) as error:
        raise RecordingError(
            f"{path.name}: is not a readable Parquet file. Copy or export it again."
        ) from error
    if frame is None:
        raise RecordingError(f"{path.name}: holds {cells:.3g} cells. Cut it into sessions.")
    if frame.empty:
        raise RecordingError(f"{path.name}: the table is empty. Export it again.")
    frame = frame.drop(columns=[c for c in frame.columns if c.startswith("__index_level_")])
    for name in frame.columns:
        is_signal = channel_kind(name, ReadOptions()) != "other"
        if is_signal and not pd.api.types.is_numeric_dtype(frame[name]):
            raise RecordingError(
                f"{path.name}, column {name}: holds {frame[name].dtype} and not numbers. Save "
                "it as a column of numbers."
            )
    return frame


def _text_columns(table: TextTable) -> set[int]:
    """Columns of words: people, recordings, dates, and those that begin with a word.

    A column that its name calls a signal is numbers: a word in it is a fault to be told.
    """
    rows = [line for line in table.text.split("\n", 200)[:200] if line.strip()]
    cells = [
        line.split()
        if table.delimiter == " "
        else next(csv.reader([line], delimiter=table.delimiter))
        for line in rows
    ]
    text: set[int] = set()
    for i, name in enumerate(table.header):
        lower = name.strip().lower()
        known = next(
            (c[i].strip() for c in cells if i < len(c) and c[i].strip() not in MISSING), ""
        )
        is_signal = lower == "value" or channel_kind(name, ReadOptions()) != "other"
        if lower in (*_PERSON, *_RECORDING, "signal") or (
            not is_signal and not _is_float(known)
        ):
            text.add(i)
    return text


def _is_float(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True


def _seconds(path: Path, times: "pd.Series", lines: IntArray) -> tuple[FloatArray, bool]:
    """A time column in seconds, and whether they count from 1970."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(times):
        seconds = times.to_numpy(float) * _TIME[str(times.name)]
        first = np.nanmin(seconds) if np.isfinite(seconds).any() else 0.0
        for largest, unit in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
            # 1e9 s is the year 2001: no recording is as long as that.
            if largest / 100 <= first < largest:
                return seconds / unit, True
        return seconds, False
    stamps = pd.to_datetime(times, errors="coerce", utc=True, format="ISO8601")
    if stamps.isna().any():
        at = int(np.argmax(stamps.isna()))
        raise RecordingError(
            f"{path.name}, line {lines[at]}, column {times.name}: {str(times.iloc[at])[:40]!r} "
            "is no time. Write seconds, or a date such as 2024-05-31T10:15:00.000."
        )
    seconds = (stamps - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    return np.asarray(seconds, dtype=np.float64), True


def _reading(table: Rows, options: ReadOptions, *, is_long: bool, since_1970: bool) -> Reading:
    unix_start_s = None
    if since_1970 and table.times_s is not None:
        unix_start_s = float(table.times_s.min())
        table = replace(table, times_s=np.round(table.times_s - unix_start_s, 6))
    partners = _long(table, options) if is_long else _wide(table, options)
    return Reading(partners, unix_start_s=unix_start_s)


def _long(table: Rows, options: ReadOptions) -> tuple[Partner, ...]:
    frame = table.frame
    named = [c for c in _PERSON if c in frame.columns]
    column = next((c for c in _ROLE if c in frame.columns), named[0])
    _check_named(table, column, "person")
    owners = frame[column].astype(str).str.strip()
    people = list(dict.fromkeys(owners))
    if len(people) > 2:
        raise RecordingError(
            f"{table.path.name}: column {column!r} names {len(people)} people in one recording "
            f"({', '.join(people[:5])}); two are needed. Add a column `recording`."
        )
    partners = []
    for name, role in zip(*_people_and_roles(people, options), strict=True):
        rows = table.where(owners == name)
        person = str(rows.frame[named[0]].iloc[0]).strip()
        signals: dict[str, Signal | Beats] = {}
        for signal, part, values in _series(rows, options):
            signals[signal] = _signal(part, values, signal, options, f"{name}, {signal}")
        partners.append(Partner(role, signals, person))
    return tuple(partners)


def _check_named(table: Rows, column: str, what: str) -> None:
    cells = table.frame[column]
    blank = (cells.isna() | (cells.astype(str).str.strip() == "")).to_numpy()
    if blank.any():
        at = table.lines[int(np.argmax(blank))]
        raise RecordingError(
            f"{table.path.name}, line {at}: column {column!r} names no {what}. Fill it in "
            "every row."
        )


def _people_and_roles(people: list[str], options: ReadOptions) -> tuple[list[str], list[str]]:
    """The people in order, and the role of each."""
    if options.roles is None or len(people) < 2:
        return people, people
    roles = list(options.roles)
    by_role = {name.lower(): name for name in people}
    if {role.lower() for role in roles} == set(by_role):
        # The table says who is who; the roles only say who comes first.
        return [by_role[role.lower()] for role in roles], roles
    return people, roles


def _series(rows: Rows, options: ReadOptions) -> list[tuple[str, Rows, FloatArray]]:
    """One person's signals: name, rows, values."""
    import pandas as pd

    frame = rows.frame
    if "signal" in frame.columns and "value" in frame.columns:
        names = frame["signal"].astype(str).str.strip()
        parts = [(name, rows.where(names == name), "value") for name in dict.fromkeys(names)]
    else:
        numeric = [
            c
            for c in frame.columns
            if c not in (*_PERSON, *_RECORDING) and pd.api.types.is_numeric_dtype(frame[c])
        ]
        columns = [c for c in numeric if channel_kind(c, ReadOptions()) != "other"]
        if not columns:
            columns = [c for c in numeric if c == "value"] or (numeric if options.kind else [])
        if not columns:
            raise RecordingError(
                f"{rows.path.name}: no signal column. Name it by its kind "
                f"({', '.join(KINDS)}), say with --kind what it is, or use columns signal and "
                "value."
            )
        parts = [(c, rows, c) for c in columns]
    named = [(_signal_name(name, options), part, column) for name, part, column in parts]
    repeated = {name for name, _, _ in named if [n for n, _, _ in named].count(name) > 1}
    return [
        (original if name in repeated else name, part, part.frame[column].to_numpy(float))
        for (name, part, column), (original, _, _) in zip(named, parts, strict=True)
    ]


def _signal_name(column: str, options: ReadOptions) -> str:
    """The kind that a column's name tells, else the name itself."""
    if column == "value":
        return options.kind or "other"
    kind = channel_kind(column, ReadOptions())
    return column if kind == "other" else kind


def _signal(
    rows: Rows, values: FloatArray, signal: str, options: ReadOptions, where: str
) -> Signal | Beats:
    kind = channel_kind(signal, options)
    if kind == "ibi":
        return _intervals(rows, values, where)
    grid, rate_hz, start_s = on_grid(rows, values[:, None], options, where)
    _check_values(rows.path, grid[:, 0], where)
    return Signal(kind, grid[:, 0], rate_hz, KINDS[kind].unit, start_s)


def _intervals(rows: Rows, values: FloatArray, where: str) -> Beats:
    """Beats at the times of the rows, or one after the other if the rows have no time."""
    where = f"{rows.path.name} ({where})"
    if rows.times_s is None:
        return cumulated_beats(values, where=where)
    check_order(rows, where)
    return beats_from_file(rows.times_s, ibi_in_ms(values, ""), where=where)


def _wide(table: Rows, options: ReadOptions) -> tuple[Partner, ...]:
    import pandas as pd

    frame = table.frame
    told = options.first or options.second
    columns = [
        c
        for c in frame.columns
        if c and c not in _RECORDING and pd.api.types.is_numeric_dtype(frame[c])
    ]
    values = frame[columns].to_numpy(float)
    grid, rate_hz, start_s = on_grid(table, values, options, "time column")
    channels = [
        Channel(column, grid[:, i], rate_hz, start_s=start_s)
        for i, column in enumerate(columns)
    ]
    if told:
        partners = partners_from_channels(channels, options, table.path)
    else:
        partners = _named_by_prefix(channels, options, table.path)
    for partner in partners:
        for name, signal in partner.signals.items():
            if isinstance(signal, Signal):
                _check_values(table.path, signal.values, f"{partner.role}, {name}")
    return partners


def _named_by_prefix(
    channels: list[Channel], options: ReadOptions, path: Path
) -> tuple[Partner, ...]:
    """Partners by words of this table alone, as in `anna_eda, ben_eda`, else by labels."""
    signals = [c for c in channels if meaning_of(c.label, "").is_signal]
    cut = [c.label.partition("_") for c in signals]
    people = list(dict.fromkeys(prefix for prefix, _, _ in cut))
    rests = [{rest for prefix, _, rest in cut if prefix == who} for who in people]
    meanings = [meaning_of(c.label, "") for c in signals]
    kindless = not any(meaning.kind for meaning in meanings)
    if len(signals) == 2 and kindless and len(people) == 2:
        # Two columns of whatever name are meant to be compared.
        roles = options.roles or (signals[0].label, signals[1].label)
        names = (signals[0].label,), (signals[1].label,)
        told = replace(options, first=names[0], second=names[1], roles=roles)
        return partners_from_channels(signals, told, path)
    known = any(meaning.person for meaning in meanings)
    kinds = any(channel_kind(who, ReadOptions()) != "other" for who in people)
    if known or kinds or len(people) != 2 or rests[0] != rests[1] or "" in rests[0]:
        return partners_from_channels(channels, options, path)
    partners = []
    for who, role in zip(people, options.roles or people, strict=True):
        mine = [
            replace(channel, label=rest)
            for channel, (prefix, _, rest) in zip(signals, cut, strict=True)
            if prefix == who
        ]
        found = partners_from_channels(mine, options, path)
        if len(found) != 1:
            return partners_from_channels(channels, options, path)
        partners.append(replace(found[0], role=role))
    return tuple(partners)


def _check_values(path: Path, values: FloatArray, where: str) -> None:
    valid = values[np.isfinite(values)]
    if not len(valid):
        raise RecordingError(f"{path.name}, {where}: all values are missing.")
    if len(valid) > 1 and np.ptp(valid) == 0:
        raise RecordingError(
            f"{path.name}, {where}: every value is {valid[0]:g}. A signal that never changes "
            "cannot be compared."
        )


def _recognises(path: Path) -> bool:
    if not path.name.lower().endswith(_SUFFIXES):
        return False
    if path.suffix.lower() == ".parquet":
        return True
    try:
        header = split_text(path, load_head(path)).header
    except RecordingError:
        return False
    names = {name.lower() for name in header}
    return bool(names & {*_TIME, *_PERSON}) or any(
        name.rpartition("_")[2] in KINDS or name in KINDS for name in names
    )


FORMAT = Format(
    name="tidy",
    title="Tidy table, long or wide: CSV, TSV, Parquet, also gzipped",
    suffixes=_SUFFIXES,
    recognises=_recognises,
    read=read_tidy,
    read_many=read_tidy_many,
)
