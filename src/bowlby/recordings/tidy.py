"""Tidy tables: CSV, TSV or Parquet with named columns, long or wide.

Long: a row per person and moment (`person, time, signal, value`, or `person, time, eda, ecg`).
Wide: a row per moment and a column per person and signal (`time, client_eda, therapist_eda`).
A column `recording`, `dyad`, `couple`, `family` or `session` tells recordings apart.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channels import Channel, ibi_in_ms, partners_from_channels
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal
from bowlby.recordings.text_table import load_text, split_text

if TYPE_CHECKING:
    import pandas as pd

_TIME = ("time", "time_s", "t", "seconds", "timestamp", "time (s)")
_PERSON = ("person", "role", "partner", "participant")
_RECORDING = ("recording", "dyad", "couple", "family", "session")
_JITTER = 0.2
_SUFFIXES = (".csv.gz", ".tsv.gz", ".csv", ".tsv", ".txt", ".parquet")


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

    Args:
        path: The table.
        options: Columns of the partners for wide tables, rate where there is no time column.

    Raises:
        RecordingError: If columns are missing or unclear, times do not run, or cells are not
            numbers.
    """
    frame, first_line = _frame(path)
    names = [c for c in _RECORDING if c in frame.columns]
    is_long = any(c in frame.columns for c in _PERSON)
    if not names:
        return {"": _reading(path, frame, options, first_line, is_long=is_long)}
    key = frame[names].astype(str).agg("_".join, axis=1)
    return {
        str(name): _reading(path, part, options, first_line, is_long=is_long)
        for name, part in frame.groupby(key, sort=False)
    }


def _frame(path: Path) -> tuple["pd.DataFrame", int]:
    """The table with lower-case column names, and the line of its first row."""
    import pandas as pd

    if path.suffix.lower() == ".parquet":
        try:
            frame = pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise RecordingError(f"{path.name}: is not a readable Parquet file.") from error
        line = 1
    else:
        table = split_text(path, load_text(path))
        if not table.header:
            raise RecordingError(f"{path.name}: a tidy table needs a header with column names.")
        lower = [name.lower() for name in table.header]
        words = {*_PERSON, *_RECORDING, "signal", "timestamp"}
        numeric = [i for i, name in enumerate(lower) if name not in words]
        frame = table.frame(numeric)
        frame.columns = table.header
        line = table.header_lines + 1
    frame.columns = [str(name).strip() for name in frame.columns]
    special = {*_TIME, *_PERSON, *_RECORDING, "signal", "value", *KINDS}
    frame = frame.rename(columns={c: c.lower() for c in frame if c.lower() in special})
    repeated = frame.columns[frame.columns.duplicated()].tolist()
    if repeated:
        raise RecordingError(f"{path.name}: two columns are named {repeated[0]!r}.")
    return frame.reset_index(drop=True), line


def _reading(
    path: Path,
    frame: "pd.DataFrame",
    options: ReadOptions,
    first_line: int,
    *,
    is_long: bool,
) -> Reading:
    partners = (
        _long(path, frame, options, first_line)
        if is_long
        else _wide(path, frame, options, first_line)
    )
    return Reading(partners)


def _long(
    path: Path, frame: "pd.DataFrame", options: ReadOptions, first_line: int
) -> tuple[Partner, ...]:
    person = next(c for c in _PERSON if c in frame.columns)
    people = list(dict.fromkeys(frame[person].astype(str)))
    if len(people) > 2:
        raise RecordingError(
            f"{path.name}: column {person!r} names {len(people)} people in one recording "
            f"({', '.join(people[:5])}); two are needed. Add a column `recording`."
        )
    columns = [c for c in frame.columns if c in KINDS]
    if "signal" in frame.columns and "value" in frame.columns:
        columns = []
    elif not columns:
        columns = [c for c in frame.columns if c == "value"]
        if not columns:
            raise RecordingError(
                f"{path.name}: no signal column. Name it by its kind ({', '.join(KINDS)}), or "
                "use columns signal and value."
            )
    roles = options.roles if options.roles and len(people) == 2 else tuple(people)
    partners = []
    for name, role in zip(people, roles, strict=True):
        rows = frame[frame[person].astype(str) == name]
        if columns:
            series = [(c, rows, c) for c in columns]
        else:
            series = [(str(s), part, "value") for s, part in rows.groupby("signal", sort=False)]
        signals = {
            signal if signal != "value" else (options.kind or "other"): _signal(
                path, part, column, signal, options, first_line, f"{name}, {signal}"
            )
            for signal, part, column in series
        }
        partners.append(Partner(role, signals))
    return tuple(partners)


def _signal(
    path: Path,
    rows: "pd.DataFrame",
    column: str,
    signal: str,
    options: ReadOptions,
    first_line: int,
    where: str,
) -> Signal | Beats:
    kind = signal if signal in KINDS else (options.kind or "other")
    values = rows[column].to_numpy(float)
    lines = rows.index.to_numpy() + first_line + 1
    times_s = _times_s(rows)
    if kind == "ibi":
        if times_s is None:
            times_s = np.cumsum(ibi_in_ms(values, "")) / 1000.0
        _check_order(path, times_s, lines, where)
        return Beats(times_s, ibi_in_ms(values, ""))
    grid, rate_hz, start_s = _on_grid(path, times_s, values[:, None], lines, options, where)
    _check_values(path, grid[:, 0], where)
    return Signal(kind, grid[:, 0], rate_hz, KINDS[kind].unit, start_s)


def _wide(
    path: Path, frame: "pd.DataFrame", options: ReadOptions, first_line: int
) -> tuple[Partner, ...]:
    columns = [c for c in frame.columns if c not in (*_TIME, *_RECORDING)]
    lines = frame.index.to_numpy() + first_line + 1
    values = frame[columns].to_numpy(float)
    grid, rate_hz, start_s = _on_grid(
        path, _times_s(frame), values, lines, options, "time column"
    )
    chosen = {*options.first, *options.second}
    for i, column in enumerate(columns):
        if not chosen or column in chosen:
            _check_values(path, grid[:, i], f"column {column}")
    channels = [
        Channel(column, grid[:, i], rate_hz, start_s=start_s)
        for i, column in enumerate(columns)
    ]
    return partners_from_channels(channels, options, path)


def _times_s(rows: "pd.DataFrame") -> FloatArray | None:
    """Times in seconds, if the table has a time column."""
    import pandas as pd

    name = next((c for c in _TIME if c in rows.columns), None)
    if name is None:
        return None
    times = rows[name]
    if pd.api.types.is_numeric_dtype(times):
        return times.to_numpy(float)
    numbers = pd.to_numeric(times, errors="coerce")
    if numbers.notna().all():
        return numbers.to_numpy(float)
    stamps = pd.to_datetime(times, errors="coerce", utc=True, format="ISO8601")
    seconds = (stamps - stamps.iloc[0]).dt.total_seconds()
    return seconds.to_numpy(float)


def _check_order(path: Path, times_s: FloatArray, lines: np.ndarray, where: str) -> None:
    bad = ~np.isfinite(times_s)
    if bad.any():
        line = lines[int(np.argmax(bad))]
        raise RecordingError(f"{path.name}, line {line} ({where}): the time is not readable.")
    steps = np.diff(times_s)
    if (steps <= 0).any():
        at = int(np.argmax(steps <= 0)) + 1
        problem = "repeats" if steps[at - 1] == 0 else "goes back from"
        raise RecordingError(
            f"{path.name}, line {lines[at]} ({where}): the time {times_s[at]:.10g} {problem} "
            f"{times_s[at - 1]:.10g}. Sort the rows by time and remove doubles; if the rows are "
            "of two people, add a column `person`."
        )


def _on_grid(
    path: Path,
    times_s: FloatArray | None,
    values: FloatArray,
    lines: np.ndarray,
    options: ReadOptions,
    where: str,
) -> tuple[FloatArray, float, float]:
    """Values on a regular clock, its rate (Hz) and start (s); holes in time stay missing."""
    if times_s is None:
        if options.rate_hz is None:
            raise RecordingError(
                f"{path.name}: no column `time` and no sampling rate. Give it in Hz, for "
                "example --rate 25."
            )
        return values, options.rate_hz, 0.0
    _check_order(path, times_s, lines, where)
    if len(times_s) < 3:
        raise RecordingError(f"{path.name} ({where}): {len(times_s)} rows are not a recording.")
    steps = np.diff(times_s)
    step = float(np.median(steps))
    samples = np.rint(steps / step)
    off = np.abs(steps / step - samples)
    if np.mean((off > _JITTER) | (samples < 1)) > 0.01:
        at = int(np.argmax((off > _JITTER) | (samples < 1))) + 1
        raise RecordingError(
            f"{path.name}, line {lines[at]} ({where}): {steps[at - 1]:.6g} s after the row "
            f"before, where steps are {step:.6g} s. The samples are not on a regular clock; "
            "resample them, or give beats as signal `ibi`."
        )
    index = np.concatenate([[0], np.cumsum(np.maximum(samples, 1))]).astype(np.int64)
    if index[-1] > 100 * len(times_s) + 10_000_000:
        raise RecordingError(
            f"{path.name} ({where}): {times_s[-1] - times_s[0]:.0f} s with {len(times_s)} rows "
            "are mostly holes. Check the unit of the time column (seconds)."
        )
    rate_hz = options.rate_hz or _tidy_rate(float(index[-1] / (times_s[-1] - times_s[0])))
    grid = np.full((index[-1] + 1, values.shape[1]), np.nan)
    grid[index] = values
    # A rate the user gives also sets the unit of the time column, such as sample numbers.
    start_s = times_s[0] / step / options.rate_hz if options.rate_hz else times_s[0]
    return grid, rate_hz, float(start_s)


def _tidy_rate(rate_hz: float) -> float:
    """A rate rounded to a thousandth if the clock's jitter explains the difference."""
    rounded = round(rate_hz, 3)
    return rounded if rounded and abs(rounded / rate_hz - 1) < 2e-4 else rate_hz


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
        header = split_text(path, load_text(path)).header
    except (RecordingError, StopIteration):
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
