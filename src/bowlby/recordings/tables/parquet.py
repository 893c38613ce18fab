"""Tables of Parquet: columns that bring their own types."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby.recordings.channel_owners import channel_kind
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.parsing import Table

if TYPE_CHECKING:
    import pandas as pd

_MOST_CELLS = 500_000_000


def read_parquet_table(path: Path) -> Table:
    """A Parquet file as a table.

    Raises:
        RecordingError: If it is damaged, empty, too large, or words stand where numbers belong.
    """
    frame = _frame(path)
    frame = frame.drop(columns=[c for c in frame.columns if c.startswith("__index_level_")])
    for name in frame.columns:
        check_numbers(path, frame, name)
    frame = frame.reset_index(drop=True)
    return as_table(path, frame, np.arange(len(frame)) + 1)


def as_table(
    path: Path, frame: "pd.DataFrame", lines: np.ndarray, notes: tuple[str, ...] = ()
) -> Table:
    """A frame with named columns as a table; numbers of any size become float64."""
    import pandas as pd

    frame = frame.copy(deep=False)
    frame.columns = [str(name).strip() for name in frame.columns]
    for name in frame.columns:
        if pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype(float)
    numbers = {name: i + 1 for i, name in enumerate(frame.columns)}
    return Table(path, frame, {}, lines, True, (), notes, numbers)


def check_numbers(path: Path, frame: "pd.DataFrame", name: str) -> None:
    """Refuse words in a column whose name calls it a signal."""
    import pandas as pd

    is_signal = channel_kind(str(name), ReadOptions()) not in ("other", "hormone")
    if is_signal and not pd.api.types.is_numeric_dtype(frame[name]):
        raise RecordingError(
            f"{path.name}, column {name}: holds {frame[name].dtype} and not numbers. Save it "
            "as a "
            "column of numbers."
        )


def _frame(path: Path) -> "pd.DataFrame":
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
    return frame
