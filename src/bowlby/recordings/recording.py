"""Two people, one clock: what every reader returns and everything else takes.

Missing stays missing: a sample that was not recorded, or that an artefact spoilt, is NaN
and is never filled in. Nothing here knows of file formats or of measures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bowlby._types import FloatArray

if TYPE_CHECKING:
    from bowlby.recordings.formats import Fact


class RecordingError(ValueError):
    """A recording cannot be read or used; the message says where, why and what to do."""


@dataclass(frozen=True, eq=False)
class Signal:
    """One person's signal on a regular clock.

    Attributes:
        kind: Key of `bowlby.recordings.kinds.KINDS`, such as `"motion"` or `"eda"`.
        values: Samples, NaN where missing or spoilt by an artefact.
        rate_hz: Sampling rate (Hz), fractional rates allowed.
        unit: Unit of the values; empty if arbitrary.
        start_s: Time of the first sample on the recording's clock (s).
        notes: What reading found and did, one sentence each, for the report.
    """

    kind: str
    values: FloatArray
    rate_hz: float
    unit: str = ""
    start_s: float = 0.0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the rate; freeze a float64 copy of the values unless they are frozen."""
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise RecordingError(
                f"The sampling rate is {self.rate_hz} Hz; it must be a positive number. "
                "Give the true rate with --rate."
            )
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 1:
            raise RecordingError(f"A signal is one column of numbers, not {values.ndim}-d.")
        if values.flags.writeable or np.isinf(values).any():
            values = np.array(values)
            values[np.isinf(values)] = np.nan
            values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def duration_s(self) -> float:
        """Length of the signal (s)."""
        return len(self.values) / self.rate_hz


@dataclass(frozen=True, eq=False)
class Beats:
    """One person's heartbeats: when each inter-beat interval ended, and its length.

    Attributes:
        times_s: Time of the beat that ends each interval, increasing (s).
        ibi_ms: Inter-beat intervals (ms), NaN where spoilt.
        notes: What reading found and did, one sentence each, for the report.
    """

    times_s: FloatArray
    ibi_ms: FloatArray
    kind: str = "ibi"
    unit: str = "ms"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that times and intervals belong together."""
        times = np.array(self.times_s, dtype=np.float64)
        ibi = np.array(self.ibi_ms, dtype=np.float64)
        if times.shape != ibi.shape or times.ndim != 1:
            raise RecordingError(
                f"{times.shape} beat times do not match {ibi.shape} inter-beat intervals."
            )
        if np.any(np.diff(times) <= 0):
            at = int(np.argmax(np.diff(times) <= 0)) + 1
            raise RecordingError(
                f"Beat {at + 1} is not later than beat {at} "
                f"({times[at]:.3f} s after {times[at - 1]:.3f} s). Sort the beats by time."
            )
        for name, values in (("times_s", times), ("ibi_ms", ibi)):
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @property
    def duration_s(self) -> float:
        """Time of the last beat (s)."""
        return float(self.times_s[-1]) if len(self.times_s) else 0.0


@dataclass(frozen=True)
class Event:
    """Something that happened: a rupture, a pause, a task.

    Attributes:
        start_s: Onset on the recording's clock (s).
        duration_s: Length (s), 0 for a moment.
        label: What happened.
    """

    start_s: float
    duration_s: float
    label: str


@dataclass(frozen=True, eq=False)
class Partner:
    """One of the two people.

    Attributes:
        role: Who this is in the dyad, such as `"client"`, `"therapist"`, `"infant"`.
        signals: The person's signals by name; partners are compared on equal names.
        person: Identity across recordings, where known (a therapist sees many clients).
        breathing_hz: The person's band of breathing (Hz); None for the role's.
    """

    role: str
    signals: Mapping[str, Signal | Beats]
    person: str | None = None
    breathing_hz: tuple[float, float] | None = None


@dataclass(frozen=True, eq=False)
class Recording:
    """Two partners on one common clock.

    Attributes:
        name: The recording's name, by default its file's stem.
        first: The partner named first; positive lags mean this one leads.
        second: The other partner.
        events: Things that happened, in time order.
        labels: What is known of the recording, such as dyad, session, group, outcome.
        sources: The files it came from.
        notes: What reading found and did, one sentence each, for the report.
        start_uncertainty_s: How well the two people's clocks are known to agree (s): 0 on one
            clock, infinite where nothing tells when one of them began.
        has_two_clocks: True if each person was recorded by a device of their own.
        unix_start_s: Time of the clock's zero since 1970 or midnight (s), if anything tells.
        zone: How that is known, one of `bowlby.recordings.formats.ZONES`.
        facts: What was found in the files, from where, and how sure it is.
        left_out: Columns, files and people that were left out, with the reason.
    """

    name: str
    first: Partner
    second: Partner
    events: tuple[Event, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    start_uncertainty_s: float = 0.0
    has_two_clocks: bool = False
    unix_start_s: float | None = None
    zone: str = "file"
    facts: tuple["Fact", ...] = ()
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the two people differ and share a signal."""
        if self.first.role == self.second.role:
            raise RecordingError(
                f"{self.name}: both partners have the role {self.first.role!r}. "
                "Name them apart, e.g. --roles client,therapist."
            )
        if not self.signal_names:
            raise RecordingError(
                f"{self.name}: the partners share no signal "
                f"({self.first.role}: {', '.join(self.first.signals) or 'none'}; "
                f"{self.second.role}: {', '.join(self.second.signals) or 'none'}). "
                "Both people need a signal of the same name."
            )

    @property
    def roles(self) -> tuple[str, str]:
        """Roles of the first and the second partner."""
        return self.first.role, self.second.role

    @property
    def signal_names(self) -> tuple[str, ...]:
        """Names of the signals that both partners have, in the first partner's order."""
        return tuple(name for name in self.first.signals if name in self.second.signals)


@dataclass(frozen=True, eq=False)
class SignalPair:
    """Both partners' prepared signal, sample by sample on one clock: what measures take.

    Attributes:
        signal: Name of the signal, such as `"motion"` or `"eda_phasic"`.
        kind: Key of `KINDS`; it sets default windows and lags.
        x: First partner's samples, NaN where missing.
        y: Second partner's samples, as many as `x`.
        rate_hz: Common sampling rate (Hz).
        start_s: Time of the first sample on the recording's clock (s).
        unit: Unit of both.
        roles: Roles of the two partners.
        steps: What was done to the raw signals, one sentence a step, for the report.
        start_uncertainty_s: How well the two clocks are known to agree (s). No leader is named
            where this exceeds the step between lags.
    """

    signal: str
    kind: str
    x: FloatArray
    y: FloatArray
    rate_hz: float
    start_s: float
    unit: str
    roles: tuple[str, str]
    steps: tuple[str, ...] = ()
    start_uncertainty_s: float = 0.0
