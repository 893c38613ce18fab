"""The registry of file formats: which reader reads which file, and how readings become one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
    """

    rate_hz: float | None = None
    kind: str | None = None
    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    roles: tuple[str, str] | None = None


@dataclass(frozen=True, eq=False)
class Reading:
    """What one file holds: one person or two.

    Attributes:
        partners: One or two people, in the file's order.
        events: Events found in the file.
        unix_start_s: Time of the clock's zero since 1970 (s), if the file says.
        labels: What the file says of the recording, such as dyad and session.
    """

    partners: tuple[Partner, ...]
    events: tuple[Event, ...] = ()
    unix_start_s: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


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
