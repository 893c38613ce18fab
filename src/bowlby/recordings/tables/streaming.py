"""Large tables of text, read a piece at a time: only their numbers are ever held whole."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.loading import as_plain_text
from bowlby.recordings.tables.sniffing import Layout

if TYPE_CHECKING:
    import pandas as pd

# Size of a file from which it is worth reading it in pieces, and of a piece (bytes).
LARGE = 32 << 20
_PIECE = 8 << 20
_PACKED = (".gz", ".bz2", ".xz", ".zip")


class LargeText:
    """A large file's text of which only the asked parts are read, as `sniff` asks for them."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet; only the size is looked at."""
        self.path = path
        self._size = path.stat().st_size

    def __len__(self) -> int:
        """Size of the file (bytes)."""
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        """A part of the text, line ends made plain."""
        start, stop, _ = part.indices(self._size)
        with self.path.open("rb") as file:
            file.seek(start)
            return as_plain_text(self.path, file.read(stop - start), is_whole=False)


def is_large(path: Path) -> bool:
    """True for a plain file that is read in pieces."""
    try:
        return path.suffix.lower() not in _PACKED and path.stat().st_size > LARGE
    except OSError:
        return False


def read_pieces(
    path: Path, layout: Layout, names: tuple[str, ...], types: list[str]
) -> "tuple[pd.DataFrame, list[str]] | None":
    """The columns below a layout's header, and what was said of its last rows.

    None where a piece is in any way unusual: whoever sees the whole file must judge it.
    """
    import pandas as pd

    from bowlby.recordings.tables.parsing import cut_rows, frame_of, without_blank_end

    if layout.has_comma_pairs:
        return None
    room = _count_lines(path) + 1
    made: dict[str, np.ndarray] = {}
    rows, notes = 0, []
    try:
        for piece, is_last in _pieces(path, layout.first_line):
            body = without_blank_end(piece) if is_last else piece
            here = replace(layout, first_line=layout.first_line + rows)
            body, notes = cut_rows(path, body, here)
            if b'"' in piece or (notes and not is_last):
                return None
            frame = frame_of(path, body, here, names, types)
            for name in names:
                values = frame[name].to_numpy()
                if name not in made:
                    made[name] = np.empty(room, values.dtype)
                made[name][rows : rows + len(values)] = values
            rows += len(frame)
    except (RecordingError, ValueError):
        return None
    if not rows:
        return None
    return pd.DataFrame({name: made[name][:rows] for name in names}, copy=False), notes


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b""))


def _pieces(path: Path, lines_above: int) -> Iterator[tuple[bytes, bool]]:
    """Whole lines of text at a time, and whether they are the last."""
    rest = b""
    with path.open("rb") as file:
        for _ in range(lines_above):
            file.readline()
        while data := file.read(_PIECE):
            is_last = file.peek(1) == b""
            whole, newline, rest = (rest + data).rpartition(b"\n")
            if is_last:
                whole, rest = whole + newline + rest, b""
            elif not newline:
                raise RecordingError(f"{path.name}: has no line ends.")
            yield as_plain_text(path, whole, is_whole=False), is_last
