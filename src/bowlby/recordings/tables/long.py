"""Long tables: a row per person and moment."""

from collections.abc import Sequence
from dataclasses import replace

from bowlby._types import FloatArray
from bowlby.recordings.channel_owners import channel_kind, match_roles
from bowlby.recordings.channel_people import partners_from_channels
from bowlby.recordings.channel_words import meaning_of
from bowlby.recordings.channels import Channel
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.recording import Partner, RecordingError
from bowlby.recordings.tables.columns import ColumnClass, classify, hinted_kind
from bowlby.recordings.tables.rows import ROLE, Found, Rows, check_named
from bowlby.recordings.tables.sampling import channels_of


def people_of_long(
    rows: Rows, options: ReadOptions, named: Sequence[str]
) -> tuple[tuple[Partner, ...], Found]:
    """The people of a long table, and what was found on the way.

    Args:
        rows: Rows of one recording.
        options: Roles and kind, where the table does not tell.
        named: Its columns that name people.

    Raises:
        RecordingError: If a row names nobody, or no column is a signal.
    """
    frame = rows.table.frame
    column = next((c for c in ROLE if c in frame.columns), named[0])
    check_named(rows.table, column, "person")
    owners = frame[column].astype(str).str.strip()
    people = list(dict.fromkeys(owners))
    if len(people) > 12:
        raise RecordingError(
            f"{rows.path.name}: column {column!r} names {len(people)} people in one recording "
            f"({', '.join(people[:5])}, ...). Add a column `recording` or `dyad` that tells "
            "who "
            "belongs together."
        )
    found = Found([], [], [])
    partners = []
    names, roles = _people_and_roles(people, options)
    for name, role in zip(names, roles, strict=True):
        mine = rows.where((owners == name).to_numpy())
        person = str(mine.table.frame[named[0]].iloc[0]).strip()
        channels: list[Channel] = []
        for signal, part, cells in _series(mine, options, found):
            channels += channels_of(part, {signal: cells}, options, found, f"{name}, {signal}")
        told = replace(options, first=(), second=(), roles=None)
        made = partners_from_channels(channels, told, rows.path, left_out=found.left_out)
        signals = {k: v for partner in made for k, v in partner.signals.items()}
        partners.append(Partner(role, signals, person))
    return tuple(partners), found


def _people_and_roles(people: list[str], options: ReadOptions) -> tuple[list[str], list[str]]:
    """The people in order, and the role of each; the table's names beat position."""
    if options.roles is None or len(people) < 2:
        return people, people
    places = match_roles(people, options.roles)
    if places[0] is not None and places[1] is not None:
        return [people[places[0]], people[places[1]]], list(options.roles)
    if len(people) > 2:
        raise RecordingError(
            f"--roles {','.join(options.roles)}: the recording's people are "
            f"{', '.join(people)}."
        )
    return people, list(options.roles)


def _series(
    rows: Rows, options: ReadOptions, found: Found
) -> list[tuple[str, Rows, FloatArray]]:
    """One person's signals: name, rows, values."""
    frame = rows.table.frame
    if "signal" in frame.columns and "value" in frame.columns:
        names = frame["signal"].astype(str).str.strip()
        parts = [
            (name, rows.where((names == name).to_numpy())) for name in dict.fromkeys(names)
        ]
        return [
            (_signal_name(name, options), part, part.table.frame["value"].to_numpy(float))
            for name, part in parts
        ]
    columns = []
    for name in rows.columns():
        nature = classify(name, frame[name], options, hinted=hinted_kind(rows.path))
        is_still = nature.nature in ("constant", "empty") and meaning_of(name, "").kind
        if (
            nature.nature == "signal"
            or is_still
            or (name == "value" and nature.nature == "codes")
        ):
            columns.append(name)
        elif nature.reason:
            leave_out(found, nature)
    kinds = [c for c in columns if channel_kind(c, ReadOptions()) != "other"]
    if not kinds:
        kinds = [c for c in columns if c == "value"] or (columns if options.kind else [])
    if not kinds and len(columns) == 1 and hinted_kind(rows.path):
        kinds = columns
    if not kinds:
        raise RecordingError(
            f"{rows.path.name}: no signal column. Name it by its kind "
            f"({', '.join(KINDS)}), say with --kind what it is, or use columns signal and "
            "value."
        )
    for name in columns:
        if name not in kinds:
            found.left_out.append(f"column {name!r}: its name tells no kind of signal")
    return [
        (_signal_name(c, options) if c == "value" else c, rows, frame[c].to_numpy(float))
        for c in kinds
    ]


def _signal_name(column: str, options: ReadOptions) -> str:
    return (options.kind or "other") if column == "value" else column


def leave_out(found: Found, nature: ColumnClass) -> None:
    """Note a column that is no signal, once."""
    line = f"column {nature.name!r}: {nature.reason}"
    if line not in found.left_out:
        found.left_out.append(line)
