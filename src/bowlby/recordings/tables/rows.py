"""Rows of one recording, and what is collected while they are read."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.formats import Fact
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.clocks import Clock
from bowlby.recordings.tables.parsing import Table
from bowlby.recordings.tables.preamble import Preamble

ROLE = ("role", "partner")
PERSON = ("person", "participant", "participant_id", "role", "partner")
RECORDING = ("recording", "dyad", "couple", "family", "session")
TEXT_NAMES = frozenset((*PERSON, *RECORDING, "signal"))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one recording, and what is known of the whole table."""

    table: Table
    clock: Clock | None
    preamble: Preamble
    times_s: FloatArray | None
    assumed: str | None

    def where(self, mask: "np.ndarray") -> "Rows":
        """The rows where `mask` is true."""
        chosen = np.asarray(mask, dtype=bool)
        times_s = None if self.times_s is None else self.times_s[chosen]
        return replace(self, table=self.table.where(chosen), times_s=times_s)

    @property
    def path(self) -> Path:
        """The file, for messages."""
        return self.table.path

    def columns(self) -> list[str]:
        """Columns that are no clocks and name neither people nor recordings."""
        taken = {*TEXT_NAMES, *(self.clock.columns if self.clock else ())}
        return [c for c in self.table.frame.columns if c not in taken]


@dataclass
class Found:
    """What a reader collects on its way."""

    notes: list[str]
    left_out: list[str]
    facts: list[Fact]
    is_list: bool = False


def check_named(table: Table, column: str, what: str) -> None:
    """Refuse a column of people or recordings that leaves a row without a name.

    Raises:
        RecordingError: Naming the line.
    """
    cells = table.frame[column]
    blank = (cells.isna() | (cells.astype(str).str.strip() == "")).to_numpy()
    if blank.any():
        at = table.lines[int(np.argmax(blank))]
        raise RecordingError(
            f"{table.path.name}, line {at}: column {column!r} names no {what}. Fill it in "
            "every row."
        )
