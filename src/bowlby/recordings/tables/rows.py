"""Rows of one recording, and what is collected while they are read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_words import meaning_of, words_of
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import Fact
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.clocks import Clock
from bowlby.recordings.tables.parsing import Table
from bowlby.recordings.tables.preamble import Preamble

ROLE = ("role", "partner")
PERSON = ("person", "participant", "participant_id", "role", "partner")
RECORDING = ("recording", "dyad", "couple", "family", "session")
_PERSON_WORDS = frozenset(
    re.findall(
        r"\S+",
        "person participant subject subj id vp vpn proband probandin teilnehmer teilnehmerin "
        "respondent role rolle partner member individual user who name sujet sujeto soggetto "
        "participante partecipante deelnemer",
    )
)
# People in one long table, and rows of each.
_MOST_PEOPLE, _FEWEST_ROWS = 12, 8
TEXT_NAMES = frozenset((*PERSON, *RECORDING, "signal"))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one recording, and what is known of the whole table.

    `peaks` are columns that told when each beat was, read already, by their names.
    """

    table: Table
    clock: Clock | None
    preamble: Preamble
    times_s: FloatArray | None
    assumed: str | None
    peaks: Mapping[str, Channel] = field(default_factory=dict)

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


def names_people(column: str) -> bool:
    """True for names of columns that say whose a row is: `Subject ID`, `VP`, `participant`."""
    words = words_of(column)
    return bool(words) and _PERSON_WORDS.issuperset(words)


def with_person(table: Table) -> Table:
    """The table with its column of people named `person`, whatever it is called in the file.

    Only a column of a few names, each with many rows, beside columns that name nobody.
    """
    columns = [str(name) for name in table.frame.columns]
    if set(columns) & set(PERSON) or any(meaning_of(c, "").person for c in columns):
        return table
    for name in filter(names_people, columns):
        cells = table.frame[name]
        rows = cells.value_counts()
        is_number = cells.dtype.kind == "f"
        if is_number and not (cells.notna() & (cells == cells.round())).all():
            continue
        if 2 <= len(rows) <= _MOST_PEOPLE and rows.min() >= _FEWEST_ROWS:
            frame = table.frame.copy(deep=False)
            frame[name] = cells.astype(int).astype(str) if is_number else cells
            return replace(table, frame=frame.rename(columns={name: "person"}))
    return table


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
