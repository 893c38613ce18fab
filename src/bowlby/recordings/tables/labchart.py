"""LabChart text: blocks, each with a preamble of its own, put on one clock.

A file of several blocks repeats `Interval=`, `ExcelDateTime=`, `ChannelTitle=` where each
begins. `ExcelDateTime=` is the moment of a block's first row, in days since 30 December 1899.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.parsing import Table, parse
from bowlby.recordings.tables.sniffing import sniff

TIME = "Time (s)"
_DAY_S, _EPOCH_DAYS = 86_400.0, 25_569.0
_BLOCK = re.compile(rb"(?m)^Interval=")
_PREAMBLE = re.compile(rb"(?:[A-Za-z]+=[^\n]*\n)+")
# A comment ends its row: `#* text`, or `#1 text` of one channel.
_COMMENT = re.compile(rb"(?m)\t#[*\d][^\n]*$")
# Days of fewer decimals tell a block's start no better than this (s).
_FINE_S = 0.01
_UNITS_S = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "min": 60.0}


def keyed(lines: Sequence[str], key: str) -> list[str] | None:
    """Cells after `Key=` in a line of tabs, as LabChart writes them."""
    for line in lines:
        if line.lower().startswith(key.lower() + "="):
            return [cell.strip() for cell in line.rstrip("\n").split("\t")[1:]]
    return None


def titles_of(lines: Sequence[str]) -> list[str]:
    """Names of the channels."""
    return [title for title in keyed(lines, "ChannelTitle") or [] if title]


def start_of(lines: Sequence[str]) -> float | None:
    """When a block began (s since 1970, local time); None if it does not say finely."""
    days = (keyed(lines, "ExcelDateTime") or [""])[0].replace(",", ".")
    found = re.fullmatch(r"(\d+)(?:\.(\d+))?(?:e\+?(\d+))?", days, re.I)
    if found is None:
        return None
    decimals = len(found[2] or "") - int(found[3] or 0)
    if _DAY_S * 10.0**-decimals > _FINE_S:
        return None
    return round((float(days) - _EPOCH_DAYS) * _DAY_S, 4)


def blocks_of(data: bytes) -> list[tuple[int, bytes]]:
    """Blocks of a LabChart text with the line each begins in; none for any other file."""
    begins = [found.start() for found in _BLOCK.finditer(data)]
    if not begins or b"\nChannelTitle=" not in data[begins[0] : begins[0] + 100_000]:
        return []
    return [
        (data.count(b"\n", 0, begin) + 1, data[begin:end])
        for begin, end in zip(begins, [*begins[1:], len(data)], strict=True)
    ]


def read_blocks(
    path: Path, blocks: Sequence[tuple[int, bytes]], text_names: frozenset[str]
) -> Table:
    """The blocks of a file as one table.

    Raises:
        RecordingError: If blocks differ in channels or interval, overlap, or nothing tells when
            each began.
    """
    tables: list[Table] = []
    notes: list[str] = []
    for line, data in blocks:
        bare, comments = _COMMENT.subn(b"", data)
        if comments:
            notes.append(f"Comments of {comments} rows from line {line} on were left out.")
        table = _block(path, bare, text_names, line)
        tables.append(table)
        for key in ("ChannelTitle", "Interval", "UnitName"):
            mine, other = (keyed(t.preamble, key) or [] for t in (table, tables[0]))
            if mine != other:
                raise RecordingError(
                    f"{path.name}, line {line}: the block that begins there has {key} "
                    f"{' '.join(mine)}, the first block {' '.join(other)}. Export each block "
                    "by itself."
                )
    if len(tables) > 1:
        notes.append(
            f"{len(tables)} blocks were put on one clock; between them nothing was recorded."
        )
    return _joined(path, tables, notes)


def _block(path: Path, data: bytes, text_names: frozenset[str], line: int) -> Table:
    """One block as a table, with the lines that begin with a key as its preamble."""
    found = _PREAMBLE.match(data)
    above = found[0] if found else b""
    # Blank lines keep the places of the rows.
    rows = b"\n" * above.count(b"\n") + data[len(above) :]
    try:
        table = parse(path, rows, sniff(path, rows), text_names=text_names)
    except RecordingError as error:
        raise RecordingError(f"In the block that begins in line {line}: {error}") from error
    preamble = tuple(above.decode("utf-8", "replace").split("\n"))
    return replace(table, lines=table.lines + (line - 1), preamble=preamble)


def _joined(path: Path, tables: Sequence[Table], notes: list[str]) -> Table:
    import pandas as pd

    if len(tables) == 1:
        return replace(tables[0], notes=(*tables[0].notes, *notes))
    times = [_times(table) for table in tables]
    if all(time is not None for time in times):
        times = _on_one_clock(path, tables, [t for t in times if t is not None])
    frames = []
    for table, time in zip(tables, times, strict=True):
        frame = table.frame.copy(deep=False)
        if time is not None and _has_time(table):
            frame[frame.columns[0]] = time
        elif time is not None:
            frame.insert(0, TIME, time)
        frames.append(frame)
    return replace(
        tables[0],
        frame=pd.concat(frames, ignore_index=True),
        lines=np.concatenate([table.lines for table in tables]),
        notes=(*(note for table in tables for note in table.notes), *notes),
    )


def _has_time(table: Table) -> bool:
    return len(table.frame.columns) > len(titles_of(table.preamble))


def _times(table: Table) -> FloatArray | None:
    """Times of a block's rows (s); None if they are written in words."""
    if not _has_time(table):
        said = (keyed(table.preamble, "Interval") or [""])[0].replace(",", ".")
        found = re.fullmatch(r"(\d+\.?\d*(?:e-?\d+)?)\s*(\w*)", said, re.I)
        if found is None or (found[2] or "s") not in _UNITS_S:
            raise RecordingError(
                f"{table.path.name}: Interval= {said!r} is no time. Export the file again with "
                "the option of times, or each block by itself with --rate."
            )
        step_s = float(found[1]) * _UNITS_S[found[2] or "s"]
        return np.arange(len(table.frame), dtype=np.float64) * np.float64(step_s)
    column = table.frame.iloc[:, 0]
    return column.to_numpy(float) if column.dtype.kind == "f" else None


def _on_one_clock(
    path: Path, tables: Sequence[Table], times: Sequence[FloatArray]
) -> list[FloatArray | None]:
    """Times of all blocks from the first one's zero."""
    ends = [float(np.nanmax(time)) for time in times]
    begins = [float(np.nanmin(time)) for time in times]
    if all(_has_time(t) for t in tables) and all(
        begin > end for begin, end in zip(begins[1:], ends, strict=False)
    ):
        return [*times]
    placed: list[FloatArray | None] = []
    zero, last = start_of(tables[0].preamble), -np.inf
    for table, time, begin in zip(tables, times, begins, strict=True):
        start = start_of(table.preamble)
        if zero is None or start is None:
            raise RecordingError(
                f"{path.name}, line {tables[1].lines[0]}: a second block, whose times count "
                "from its own beginning, and no ExcelDateTime= tells finely when that was. "
                "Export the file again with times from the start of the file, or each block by "
                "itself."
            )
        own = np.round(time - begin + begins[0] + start - zero, 6)
        if own[0] <= last:
            raise RecordingError(
                f"{path.name}, line {table.lines[0]}: by their ExcelDateTime= this block "
                "begins before the one before it ends. Export each block by itself."
            )
        last = float(np.nanmax(own))
        placed.append(own)
    return placed
