"""The registry of file formats: which reader reads which file, and how readings become one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bowlby.recordings.corrections import Correction
from bowlby.recordings.recording import Event, Partner


@dataclass(frozen=True)
class ReadOptions:
    """What the user says that a file does not.

    Attributes:
        rate_hz: Sampling rate of files that do not hold one (Hz).
        kind: Kind of the signal where names do not tell it.
        first: Columns or channels of the first partner; several are summed.
        second: Columns or channels of the second partner.
        roles: Roles of the two partners.
        offset_s: Seconds added to the clock of the second person's file, where the user knows
            them; 0 says that both files begin at the same moment.
        zone: Time zone of times that are written without one, such as `Europe/Berlin` or
            `+02:00`.
        sync: Label of events that both people's files hold of the same moments, or pairs of
            times, `12.3=8.1,605.2=600.9`: they put the two clocks on one.
        missing: Numbers that stand for no value.
        time_column: The column that tells the time.
        time_unit: Its unit, such as `ms`.
        corrections: Corrections by hand, of `bowlby.recordings.corrections`.
        breathing_hz: Bands of breathing of the first and the second partner (Hz).
        dates: `day first` or `month first`, of dates such as 05/06/2024.
        near_s: A moment that the times must be near (s since 1970), which may tell that too.
        formula: What the signals' numbers `x` are turned by, such as `x / 1024 * 25`.
        formula_unit: Their unit after it.
        is_one_person: True if the file is one of two, each of one person.
    """

    rate_hz: float | None = None
    kind: str | None = None
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    roles: tuple[str, str] | None = None
    offset_s: float | None = None
    zone: str | None = None
    sync: str | None = None
    missing: tuple[float, ...] = ()
    time_column: str | None = None
    time_unit: str | None = None
    corrections: tuple[Correction, ...] = ()
    breathing_hz: tuple[tuple[float, float], tuple[float, float]] | None = None
    dates: str | None = None
    near_s: float | None = None
    formula: str | None = None
    formula_unit: str = ""
    is_one_person: bool = False


# How a start is known: since 1970, the same in a zone that nobody names, since midnight,
# counted by the file from its own beginning, or not at all.
ZONES = ("utc", "local", "clock", "file", "unknown")


@dataclass(frozen=True)
class Fact:
    """One thing found in a file.

    Attributes:
        name: What it is about, such as `rate_hz` or `people`.
        value: What was found, in words.
        source: Where it comes from: header line 1, stamps, name, folder, user.
        trust: `sure`, `likely` or `ask`.
    """

    name: str
    value: str
    source: str
    trust: str = "sure"


@dataclass(frozen=True, eq=False)
class Reading:
    """What one file holds: any number of people.

    Attributes:
        partners: The people, in the file's order.
        events: Events found in the file.
        unix_start_s: Time of the clock's zero since 1970 or midnight (s), if the file says.
        labels: What the file says of the recording, such as dyad and session.
        zone: How that start is known, one of `ZONES`; without a start, whether the file counts
            time from its own beginning or does not tell it at all.
        start_uncertainty_s: How well the start is known (s).
        notes: What was found and done, one sentence each.
        left_out: Columns, files and people that were left out, with the reason.
        facts: What was found, from where, and how sure it is.
        swapped_s: What is added to the start if day and month of its date change places (s);
            0 if it is known which is which.
        has_two_clocks: True if its people were recorded by a device each.
    """

    partners: tuple[Partner, ...]
    events: tuple[Event, ...] = ()
    unix_start_s: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    zone: str = "utc"
    start_uncertainty_s: float = 0.0
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    has_two_clocks: bool = False
    swapped_s: float = 0.0


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes:
        name: Short name, as in `--format`.
        title: What `bowlby formats` calls it.
        suffixes: File endings it may have, lower case, longest first.
        recognises: Tells from the path (and the file's first bytes) whether to try it.
        read: Reads the file.
        read_many: Reads a file of several recordings, by name; None if a file is always one.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], Reading]
    read_many: Callable[[Path, ReadOptions], Mapping[str, Reading]] | None = None
