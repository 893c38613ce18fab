"""What to run, and what a run found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import RecordingFiles
from bowlby.studies.annotated import Annotated
from bowlby.studies.people import FoundGroup
from bowlby.studies.regression import Regressed, Regression
from bowlby.synchrony.measuring import Settings
from bowlby.synchrony.mismatched import FalsePositives
from bowlby.synchrony.pseudo_groups import PseudoGroups

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.synchrony.group import Association
    from bowlby.synchrony.pseudo_dyads import PseudoDyads


@dataclass(frozen=True)
class Plan:
    """What to run.

    Attributes:
        recordings: Files of each recording.
        options: What the user says of the files.
        settings: What to measure and how.
        format: Name of the file format, where the file does not show it.
        signals: Signals to measure; all if empty.
        csv: Write the window-by-lag table as CSV too.
        false_positives: Test every pseudo-dyad.
        by: Columns to relate synchrony to.
        workers: Processes.
        title: Heading of the report.
        command: The command as typed.
        skipped: Files left out, with reasons.
        phases: File of phases; None for the intervals that the recordings hold.
        events: File of events, `recorded` for those in the recordings, None for none.
        pairs: Pairs of people to measure, where there are more than two; all if empty.
        regression: Regression models to fit too; None for none.
    """

    recordings: tuple[RecordingFiles, ...]
    options: ReadOptions = field(default_factory=ReadOptions)
    settings: Settings = field(default_factory=Settings)
    format: str | None = None
    signals: tuple[str, ...] = ()
    csv: bool = False
    false_positives: bool = False
    by: tuple[str, ...] = ()
    workers: int = 1
    title: str = "Dyadic synchrony"
    command: str = ""
    skipped: tuple[str, ...] = ()
    phases: str | None = None
    events: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    regression: Regression | None = None


@dataclass(frozen=True)
class Failed:
    """A recording or one of its signals that could not be measured."""

    recording: str
    file: str
    message: str


@dataclass(frozen=True, eq=False)
class Study:
    """What a run found.

    Attributes:
        out: The output folder.
        summary: A row per recording, signal and statistic.
        failed: What could not be measured.
        left_out: Comparisons that the recordings do not allow, with the reason.
        false_positives: False-positive rate by signal.
        pseudo_dyads: Real dyads against pseudo-dyads by signal.
        associations: Synchrony against columns, by signal.
        annotated: What phases and events showed.
        groups: Families and groups of more than two people.
        pseudo_groups: Groups against groups of replaced members, by signal.
        regressed: Regression models of each recording.
        notes: What else to know of the measures asked for.
    """

    out: Path
    summary: "pd.DataFrame"
    failed: tuple[Failed, ...]
    left_out: tuple[str, ...]
    false_positives: Mapping[str, FalsePositives]
    pseudo_dyads: Mapping[str, "PseudoDyads"]
    associations: Mapping[str, "tuple[Association, ...]"]
    annotated: Annotated = field(default_factory=Annotated)
    groups: tuple[FoundGroup, ...] = ()
    pseudo_groups: Mapping[str, tuple[PseudoGroups, ...]] = field(default_factory=dict)
    regressed: tuple[Regressed, ...] = ()
    notes: tuple[str, ...] = ()
