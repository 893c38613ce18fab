"""Tables in which each person has a time column of their own, beside one another."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bowlby.recordings.channel_words import ROLE_OF_WORD, meaning_of, words_of
from bowlby.recordings.formats import Reading, ReadOptions
from bowlby.recordings.one_clock import later
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables.clocks import is_time_name
from bowlby.recordings.tables.parsing import Table

Reader = Callable[[Table, ReadOptions], Mapping[str, Reading]]


def own_clocks(table: Table) -> dict[str, str]:
    """Time column of each person, by person; empty unless two people and more have one."""
    found: dict[str, str] = {}
    for name in map(str, table.frame.columns):
        person = meaning_of(name, "").person
        rest = [w for w in words_of(name) if w not in ROLE_OF_WORD and not w.isdigit()]
        if person and is_time_name(" ".join(w for w in rest if w != "p")):
            found.setdefault(person, name)
    return found if len(found) > 1 else {}


def read_own_clocks(
    table: Table, options: ReadOptions, clocks: Mapping[str, str], read: Reader
) -> Reading:
    """One person after the other, each by their own times, on one clock.

    Args:
        table: The table.
        options: What the user says.
        clocks: Time column of each person.
        read: Reads a table of one person.

    Raises:
        RecordingError: If one person's times have a date and another's have none.
    """
    readings = []
    for person, clock in clocks.items():
        others = [c for p, c in clocks.items() if p != person]
        mine = [
            c for c in map(str, table.frame.columns)
            if c == clock or (c not in others and meaning_of(c, "").person == person)
        ]  # fmt: skip
        units = {c: u for c, u in table.units.items() if c in mine}
        part = replace(table, frame=table.frame[mine].dropna(how="all"), units=units)
        part = replace(part, lines=table.lines[part.frame.index.to_numpy()])
        part = replace(part, frame=part.frame.reset_index(drop=True))
        told = replace(
            options, first=(), second=(), roles=None, is_one_person=True, time_column=clock
        )
        readings.append(next(iter(read(part, told).values())))
    starts = [reading.unix_start_s for reading in readings]
    known = [start for start in starts if start is not None]
    if known and len(known) < len(starts):
        raise RecordingError(
            f"{table.path.name}: the times of one person have a date and those of another have "
            f"none ({', '.join(clocks.values())}). Write both the same way."
        )
    zero = min(known, default=0.0)
    partners = [
        replace(later(r.partners[0], (start or zero) - zero), role=person)
        for person, r, start in zip(clocks, readings, starts, strict=True)
    ]
    if options.roles and len(partners) == 2 and set(options.roles) != set(clocks):
        partners = [
            replace(p, role=role) for p, role in zip(partners, options.roles, strict=True)
        ]
    note = (
        f"Each person has a time column ({', '.join(clocks.values())}): they were taken to be "
        "of one clock."
    )
    return Reading(
        tuple(partners), (), min(known, default=None), {}, readings[0].zone,
        max(reading.start_uncertainty_s for reading in readings),
        (note, *dict.fromkeys(n for r in readings for n in r.notes)),
        tuple(dict.fromkeys(x for r in readings for x in r.left_out)),
        tuple(f for r in readings for f in r.facts), has_two_clocks=True,
    )  # fmt: skip
