"""Tables of bare numbers, as devices write them; no row is glued or skipped."""

import io

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.recording import RecordingError


def parse_numbers(
    data: bytes,
    *,
    separator: str,
    columns: int,
    where: str,
    missing: str = "",
    skip_lines: int = 0,
) -> FloatArray:
    """Read rows of `columns` numbers each; a damaged row is an error, never dropped.

    Args:
        data: The table's text.
        separator: One character between the numbers of a row.
        columns: Numbers in each row.
        where: Name of the table, for messages.
        missing: How a missing number is written, if at all; it becomes NaN.
        skip_lines: Lines above the table.

    Returns:
        Rows by columns.

    Raises:
        RecordingError: If a row is empty, too short or too long, or holds anything but numbers.
    """
    import pandas as pd

    text = data.replace(b"\r\n", b"\n").rstrip(b"\n")
    lines = text.split(b"\n")[skip_lines:] if text else []
    mark = separator.encode()
    for number, line in enumerate(lines, start=skip_lines + 1):
        if line.count(mark) != columns - 1 or not line.strip():
            found = line.count(mark) + 1 if line.strip() else 0
            raise RecordingError(
                f"{where}, line {number}: {found} values where {columns} belong. "
                "The file is damaged or cut off; copy or export it again."
            )
    if not lines:
        return np.empty((0, columns))
    try:
        numbers = pd.read_csv(
            io.BytesIO(b"\n".join(lines)),
            sep=separator,
            header=None,
            dtype=np.float64,
            na_values=[missing] if missing else [],
            keep_default_na=False,
            skip_blank_lines=False,
            quoting=3,
        ).to_numpy(dtype=np.float64)
    except (ValueError, OverflowError) as error:
        line, text = _first_bad(lines, separator, missing)
        expected = f"a number or {missing}" if missing else "a number"
        raise RecordingError(
            f"{where}, line {line + skip_lines}: {text!r} is not {expected}. "
            "Correct the line or export the file again."
        ) from error
    if not missing and not np.all(np.isfinite(numbers)):
        row = int(np.argmin(np.all(np.isfinite(numbers), axis=1)))
        raise RecordingError(
            f"{where}, line {row + 1 + skip_lines}: a value is not a finite number. "
            "Correct the line or export the file again."
        )
    return numbers


def _first_bad(lines: list[bytes], separator: str, missing: str) -> tuple[int, str]:
    for number, line in enumerate(lines, start=1):
        for cell in line.decode("utf-8", "replace").split(separator):
            if missing and cell.strip() == missing:
                continue
            try:
                is_number = np.isfinite(float(cell))
            except ValueError:
                is_number = False
            if not is_number:
                return number, cell[:40]
    return 1, lines[0].decode("utf-8", "replace")[:40]
