"""Two people's files on one clock: how their starts lie, and how well that is known."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bowlby.recordings.formats import Reading, ReadOptions
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal
from bowlby.recordings.shared_marks import align_readings, disagreement
from bowlby.recordings.tables.day_order import ASSUMED, DAY_FIRST
from bowlby.recordings.tables.stamps import CLOCK_TIMES, DAY_S


class Layout(NamedTuple):
    """Two readings on one clock.

    Attributes:
        readings: The two readings; the second with its clock's drift undone, if it is known.
        delays_s: What is added to each reading's times (s).
        uncertainty_s: How well that is known (s).
        notes: How, one sentence each.
    """

    readings: tuple[Reading, Reading]
    delays_s: tuple[float, float]
    uncertainty_s: float
    notes: tuple[str, ...]


def laid_out(
    readings: tuple[Reading, Reading], files: tuple[Path, Path], options: ReadOptions
) -> Layout:
    """Lay two people's readings on one clock.

    What the user says goes first, then events that both devices recorded, then stamps.

    Raises:
        RecordingError: If nothing tells how their clocks lie, or what tells contradicts itself.
    """
    readings, settled = _with_days(readings, files)
    if options.sync is not None:
        return _by_marks(readings, files, options.sync)
    delays, uncertainty_s, notes = _by_starts(readings, files, options)
    if options.offset_s is None:
        against = disagreement(readings, delays)
        is_dated = all(reading.unix_start_s is not None for reading in readings)
        if against and not is_dated:
            raise RecordingError(
                f"{files[0].name} and {files[1].name}: {against} Else say that both files "
                "begin at the same moment: --offset 0."
            )
        notes += [f"Doubtful, clocks: {against}"] if against else []
    return Layout(readings, delays, uncertainty_s, (*notes, *settled))


def _with_days(
    readings: tuple[Reading, Reading], files: tuple[Path, Path]
) -> tuple[tuple[Reading, Reading], tuple[str, ...]]:
    """Readings with day and month in the order in which both people share a moment."""
    starts = [r.unix_start_s for r in readings if r.unix_start_s is not None]
    if len(starts) < 2 or not any(r.swapped_s for r in readings):
        return readings, ()
    orders = list(product(*((0.0, r.swapped_s) if r.swapped_s else (0.0,) for r in readings)))
    spans = [_span_of(reading) for reading in readings]
    shared = [
        order
        for order in orders
        if max(s + m + b for s, m, (b, _) in zip(starts, order, spans, strict=True))
        < min(s + m + e for s, m, (_, e) in zip(starts, order, spans, strict=True))
    ]
    if not shared or shared[0] == (0.0, 0.0):
        # As they were read; one that has no choice told the other.
        return readings, ()
    made = tuple(
        replace(
            r, unix_start_s=s + m, swapped_s=0.0,
            notes=tuple(n for n in r.notes if not (m and n.startswith(ASSUMED))),
        )
        for r, s, m in zip(readings, starts, shared[0], strict=True)
    )  # fmt: skip
    names = " and ".join(
        name for name, moved in zip(names_apart(files), shared[0], strict=True) if moved
    )
    return (made[0], made[1]), (
        f"Dates in {names} were read {DAY_FIRST}: only so do both people share a moment.",
    )


def with_nearest_day(reading: Reading, near_s: float) -> Reading:
    """A reading with day and month in the order that puts its start nearer to a moment."""
    start = reading.unix_start_s
    if start is None or abs(start + reading.swapped_s - near_s) >= abs(start - near_s):
        return reading
    notes = tuple(note for note in reading.notes if not note.startswith(ASSUMED))
    told = f"Its dates were read {DAY_FIRST}, as the other files' of the folder tell."
    return replace(
        reading, unix_start_s=start + reading.swapped_s, swapped_s=0.0, notes=(*notes, told)
    )


def _span_of(reading: Reading) -> tuple[float, float]:
    spans = [span_s(s) for partner in reading.partners for s in partner.signals.values()]
    return min(begin for begin, _ in spans), max(end for _, end in spans)


def _by_marks(readings: tuple[Reading, Reading], files: tuple[Path, Path], sync: str) -> Layout:
    names = names_apart(files)
    first, second, found = align_readings(*readings, sync, names)
    delays = _from_zero(-found.offset_s / (1 + found.drift))
    return Layout((first, second), delays, found.uncertainty_s, (found.told(names),))


def names_apart(files: tuple[Path, Path]) -> tuple[str, str]:
    """Names of two files, with their folder's where they are equal."""
    first, second = files
    if first.name != second.name:
        return first.name, second.name
    return f"{first.parent.name}/{first.name}", f"{second.parent.name}/{second.name}"


def _by_starts(
    readings: tuple[Reading, Reading], files: tuple[Path, Path], options: ReadOptions
) -> tuple[tuple[float, float], float, list[str]]:
    """What is added to each person's clock (s), how well it is known (s), and why."""
    starts = [reading.unix_start_s for reading in readings]
    zones = [reading.zone for reading in readings]
    if options.offset_s is not None:
        return _from_zero(options.offset_s), 0.0, [
            f"The second file's clock is {options.offset_s:+g} s against the first's, as told."
        ]  # fmt: skip
    if "clock" in zones:
        readings = _times_of_day(readings)
        starts = [reading.unix_start_s for reading in readings]
        zones = [reading.zone for reading in readings]
    first_s, second_s = (reading.start_uncertainty_s for reading in readings)
    uncertainty = float(np.hypot(first_s, second_s))
    if starts[0] is not None and starts[1] is not None:
        _check_zones(readings, files)
        earliest = min(starts[0], starts[1])
        notes = [] if uncertainty == 0 else [
            f"The start is known to {uncertainty:.2g} s only, as the files write it."
        ]  # fmt: skip
        return (starts[0] - earliest, starts[1] - earliest), uncertainty, notes
    if "unknown" in zones:
        first, second = readings[0].partners[0], readings[1].partners[0]
        if zones == ["unknown", "unknown"]:
            uncertainty, notes = lists_uncertainty(first, second)
            return (0.0, 0.0), uncertainty, notes
        dated = 1 - zones.index("unknown")
        raise RecordingError(
            f"{files[1 - dated].name} is a list of intervals without times, and "
            f"{files[dated].name} has times: nothing tells when the list began. Give the "
            "seconds to add to the second file's clock with --offset, e.g. --offset 0 if both "
            "began at the same moment."
        )
    if starts[0] is not None or starts[1] is not None:
        dated = 0 if starts[0] is not None else 1
        raise RecordingError(
            f"{files[dated].name} says when it began and {files[1 - dated].name} does not: "
            "nothing tells how their clocks lie. Give the seconds to add to the second file's "
            "clock with --offset, e.g. --offset 0 if both began at the same moment."
        )
    return (0.0, 0.0), 0.0, ["Neither file has a date: both count from the same moment."]


def _times_of_day(readings: tuple[Reading, Reading]) -> tuple[Reading, Reading]:
    """Readings whose clocks count from one midnight, whichever of them passes it.

    Where one file has times of day, one that begins at 00:01:20 has too.
    """
    made = []
    for reading in readings:
        is_clock = any(fact.source == CLOCK_TIMES for fact in reading.facts)
        if reading.unix_start_s is None and is_clock:
            reading = replace(reading, unix_start_s=0.0, zone="clock")
        made.append(reading)
    if all(reading.zone == "clock" for reading in made):
        begins = [
            (r.unix_start_s or 0.0) + min(span_s(s)[0] for s in r.partners[0].signals.values())
            for r in made
        ]
        early = int(begins[1] < begins[0])
        if abs(begins[0] - begins[1]) > DAY_S / 2:
            later_s = (made[early].unix_start_s or 0.0) + DAY_S
            made[early] = replace(made[early], unix_start_s=later_s)
    return made[0], made[1]


def _from_zero(offset_s: float) -> tuple[float, float]:
    return max(0.0, -offset_s), max(0.0, offset_s)


def _check_zones(readings: Sequence[Reading], files: tuple[Path, ...]) -> None:
    """Refuse a local time beside one of a known zone, and a time of day beside a date."""
    zones = [reading.zone for reading in readings]
    if zones[0] == zones[1]:
        return
    shown = [_moment(reading) for reading in readings]
    apart = abs((readings[0].unix_start_s or 0) - (readings[1].unix_start_s or 0))
    if "clock" in zones:
        raise RecordingError(
            f"{files[zones.index('clock')].name} has times of day without a date and the other "
            f"file has dates ({shown[0]}; {shown[1]}). Give the seconds to add to the second "
            "file's clock with --offset."
        )
    local = zones.index("local")
    ahead = (readings[local].unix_start_s or 0) - (readings[1 - local].unix_start_s or 0)
    quarters = round(ahead / 900)
    sign, minutes = "-" if quarters < 0 else "+", abs(quarters) * 15
    zone = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    example = f"--zone {zone}" if abs(quarters) <= 56 else "--zone Europe/Berlin"
    raise RecordingError(
        f"{files[local].name} is in local time without a time zone, {files[1 - local].name} in "
        f"UTC: {shown[0]} against {shown[1]}, {apart / 3600:.2f} h apart. Say in which zone "
        f"{files[local].name} was recorded, e.g. {example} (or a name such as Europe/Berlin)."
    )


def _moment(reading: Reading) -> str:
    from datetime import UTC, datetime

    if reading.zone == "clock":
        seconds = int(reading.unix_start_s or 0)
        return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    moment = datetime.fromtimestamp(reading.unix_start_s or 0.0, UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S") + (
        " UTC" if reading.zone == "utc" else " local"
    )


def lists_uncertainty(first: Partner, second: Partner) -> tuple[float, list[str]]:
    """How well two lists of intervals without times are known to begin together (s).

    Lists of one length were most likely started and stopped together; more is not known, and
    lists of different lengths were not.
    """
    ends = [max(span_s(s)[1] for s in p.signals.values()) for p in (first, second)]
    usual = [
        float(np.nanmedian(s.ibi_ms)) / 1000
        for p in (first, second)
        for s in p.signals.values()
        if isinstance(s, Beats)
    ]
    apart = abs(ends[0] - ends[1])
    told = (
        f"Intervals without times: when each list began is not known. They last {ends[0]:.1f} "
        f"and {ends[1]:.1f} s"
    )
    if usual and apart <= sum(usual):
        return apart + max(usual), [
            f"{told}, as if started and stopped together; this was taken for granted, and no "
            "leader is named."
        ]
    return np.inf, [f"{told}: no lag can be stated."]


def check_overlap(
    partners: Sequence[Partner], files: tuple[Path, ...], *, is_dated: bool
) -> None:
    """Refuse two people who were not recorded at the same time."""
    spans = [[span_s(signal) for signal in partner.signals.values()] for partner in partners]
    begins = [min(begin for begin, _ in span) for span in spans]
    ends = [max(end for _, end in span) for span in spans]
    if max(begins) < min(ends):
        return
    early = int(ends[1] < ends[0])
    remedy = (
        "Check that these are the same session's files, and that both devices' clocks were set."
        if is_dated
        else "Their times do not count from the same moment; export both with dates, or both "
        "from zero."
    )
    raise RecordingError(
        f"{files[early].name} ends {begins[1 - early] - ends[early]:.6g} s before "
        f"{files[1 - early].name} begins: the two people share no moment. {remedy}"
    )


def span_s(signal: Signal | Beats) -> tuple[float, float]:
    """Begin and end of a signal (s)."""
    if isinstance(signal, Signal):
        return signal.start_s, signal.start_s + signal.duration_s
    if not len(signal.times_s):
        return np.inf, -np.inf
    return float(signal.times_s[0]), float(signal.times_s[-1])


def later(partner: Partner, delay_s: float) -> Partner:
    """The partner with every signal starting `delay_s` later on the clock."""
    moved: dict[str, Signal | Beats] = {}
    for name, signal in partner.signals.items():
        if isinstance(signal, Beats):
            moved[name] = replace(signal, times_s=signal.times_s + delay_s)
        else:
            moved[name] = replace(signal, start_s=signal.start_s + delay_s)
    return replace(partner, signals=moved)
