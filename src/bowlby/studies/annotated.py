"""Phases and events of a study's recordings: synchrony in them and around them.

Phases are intervals with a name, of a file given with `--phases` or found in the recordings
themselves; events are moments, of a file given with `--events` or found in the recordings.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from bowlby.recordings.event_files import EventFile, events_beside, events_for, read_event_file
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Event, Recording, SignalPair
from bowlby.runs.errors import RunError
from bowlby.synchrony.event_related import EventCurve, Running, event_curve
from bowlby.synchrony.measuring import Settings
from bowlby.synchrony.phases import (
    Intervals,
    PhaseContrast,
    PhaseSynchrony,
    compare_phases,
    measure_phases,
    phases_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.synchrony.group import Association

RECORDED = "recorded"
"""In place of a file: what the recordings hold themselves."""
MOST_KINDS = 12
"""Kinds of intervals that a recording may hold and still have them taken for its phases."""

Mapper = Callable[[Callable, Iterable], Iterable]


@dataclass(frozen=True)
class Marks:
    """Phases and events of one recording, on its clock."""

    phases: Mapping[str, Intervals] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Sources:
    """Where phases and events come from.

    Attributes:
        phases: The file; None for what the recordings hold.
        events: The file, or `RECORDED`; None for no events.
    """

    phases: EventFile | None = None
    events: EventFile | str | None = None


@dataclass(frozen=True, eq=False)
class Annotated:
    """What phases and events showed.

    Attributes:
        phases: Every phase of every recording and signal: recording, signal, what was found.
        contrasts: Every comparison of two phases of one recording and signal.
        across: Phases compared over dyads, by signal.
        curves: Event-related synchrony, by signal.
        left_out: What could not be computed, with the reason.
    """

    phases: tuple[tuple[str, str, PhaseSynchrony], ...] = ()
    contrasts: tuple[tuple[str, str, PhaseContrast], ...] = ()
    across: Mapping[str, "tuple[Association, ...]"] = field(default_factory=dict)
    curves: Mapping[str, tuple[EventCurve, ...]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def sources_of(phases: str | None, events: str | None, options: ReadOptions) -> Sources:
    """Files of phases and events, read.

    Raises:
        RecordingError: If a file cannot be read.
    """
    told = None if phases is None or phases == RECORDED else read_event_file(phases, options)
    around = events if events in (None, RECORDED) else read_event_file(events, options)
    return Sources(told, around)


def files_of_marks(phases: str | None, events: str | None) -> tuple[Path, ...]:
    """Files of phases and events that were given, without the name of a tier."""
    found = []
    for told in (phases, events):
        if told and told != RECORDED:
            path = Path(told)
            found.append(path if path.is_file() else Path(told.rpartition("#")[0]))
    return tuple(found)


def marks_of(recording: Recording, sources: Sources) -> Marks:
    """Phases and events of one recording.

    Raises:
        RecordingError: If a file's clock does not fit the recording's.
    """
    own = (*recording.events, *events_beside(recording))
    if sources.phases is not None:
        phases = phases_of(events_for(sources.phases, recording))
    else:
        phases = phases_of(own)
        phases = phases if len(phases) <= MOST_KINDS else {}
    if sources.events is None:
        return Marks(phases)
    if isinstance(sources.events, EventFile):
        return Marks(phases, events_for(sources.events, recording))
    return Marks(phases, tuple(event for event in own if event.label))


def annotate(
    datasets: Sequence[xr.Dataset],
    marks: Mapping[str, Marks],
    dyads: Mapping[str, str],
    settings: Settings,
    *,
    mapper: Mapper = map,
) -> Annotated:
    """Measure phases and events of all recordings.

    Args:
        datasets: What `measure_pair` found, one per recording and signal.
        marks: Phases and events by recording.
        dyads: Dyad of each recording.
        settings: How the recordings were measured.
        mapper: `map`, or one that works in parallel.
    """
    none = Marks()
    jobs = [
        (dataset, marks.get(dataset.attrs["recording"], none).phases, settings)
        for dataset in datasets
        if marks.get(dataset.attrs["recording"], none).phases
    ]
    phases: list[tuple[str, str, PhaseSynchrony]] = []
    contrasts: list[tuple[str, str, PhaseContrast]] = []
    for (dataset, _, _), (found, compared) in zip(jobs, mapper(_phases, jobs), strict=True):
        key = dataset.attrs["recording"], dataset.attrs["signal"]
        phases += [(*key, each) for each in found]
        contrasts += [(*key, each) for each in compared]
    left_out = [
        f"Phase {found.phase} of {recording}, {signal}: {found.reason}"
        for recording, signal, found in phases
        if found.dataset is None
    ]
    across: dict[str, tuple[Association, ...]] = {}
    for signal in dict.fromkeys(signal for _, signal, _ in phases):
        compared = _across(phases, signal, dyads, settings, left_out)
        if compared:
            across[signal] = compared
    curves = _curves(datasets, marks, settings, left_out)
    return Annotated(tuple(phases), tuple(contrasts), across, curves, tuple(left_out))


def _phases(
    job: tuple[xr.Dataset, Mapping[str, Intervals], Settings],
) -> tuple[tuple[PhaseSynchrony, ...], tuple[PhaseContrast, ...]]:
    dataset, phases, settings = job
    pair = pair_of(dataset)
    found = measure_phases(pair, phases, settings, name=dataset.attrs["recording"])
    turns = settings.surrogates
    compared = compare_phases(dataset, phases, turns=turns, seed=settings.seed) if turns else ()
    return found, compared


def pair_of(dataset: xr.Dataset) -> SignalPair:
    """The prepared pair that a dataset was measured from."""
    attrs = dataset.attrs
    # Where no leader may be named in the whole, none may be in a part.
    is_unsure = not any(str(leader) for leader in dataset.leader.values)
    return SignalPair(
        attrs["signal"], attrs["kind"], dataset.x.values, dataset.y.values, attrs["rate_hz"],
        float(dataset.time_s.values[0]), attrs["unit"], (attrs["first"], attrs["second"]),
        start_uncertainty_s=_just_unsure(dataset) if is_unsure else 0.0,
    )  # fmt: skip


def _just_unsure(dataset: xr.Dataset) -> float:
    """An uncertainty of the start that forbids a leader and no more (s)."""
    lags = dataset.lag_s.values
    return 1.5 * float(lags[1] - lags[0]) if len(lags) > 1 else 0.0


def _across(
    phases: Sequence[tuple[str, str, PhaseSynchrony]],
    signal: str,
    dyads: Mapping[str, str],
    settings: Settings,
    left_out: list[str],
) -> "tuple[Association, ...]":
    """Phases compared within dyads over the study; none where it has too few dyads."""
    import pandas as pd

    from bowlby.synchrony.group import associate  # Takes memory that workers do not need.

    rows = [
        {"dyad": dyads.get(recording, recording), "phase": found.phase,
         "value": _main(found.dataset, settings)}
        for recording, name, found in phases
        if name == signal and found.dataset is not None
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["dyad", "phase", "value"])
    if table["phase"].nunique() < 2 or table["dyad"].nunique() < 4:
        return ()
    try:
        return associate(table, "phase", response="value", seed=settings.seed)
    except ValueError as error:
        left_out.append(f"Phases compared over dyads, {signal}: {error}")
        return ()


def _main(dataset: xr.Dataset, settings: Settings) -> float:
    """The default statistic: its z where it was tested, which phases of any length share."""
    return float((dataset.z if settings.surrogates else dataset.estimate).values[0])


def _curves(
    datasets: Sequence[xr.Dataset],
    marks: Mapping[str, Marks],
    settings: Settings,
    left_out: list[str],
) -> dict[str, tuple[EventCurve, ...]]:
    """A curve for each kind of event, and one for all where there are several kinds."""
    labels = [event.label for each in marks.values() for event in each.events]
    kinds = sorted(dict.fromkeys(labels), key=lambda kind: -labels.count(kind))
    wanted: list[str | None] = list(kinds[:MOST_KINDS])
    if len(kinds) > 1:
        wanted = [None, *wanted]
    if len(kinds) > MOST_KINDS:
        left_out.append(
            f"Events: {len(kinds)} kinds; curves are shown of the {MOST_KINDS} most frequent "
            "and of all together."
        )
    curves: dict[str, tuple[EventCurve, ...]] = {}
    for signal in dict.fromkeys(dataset.attrs["signal"] for dataset in datasets):
        found: list[EventCurve] = []
        for kind in wanted:
            trains = [
                _train(dataset, marks[dataset.attrs["recording"]].events, kind)
                for dataset in datasets
                if dataset.attrs["signal"] == signal and dataset.attrs["recording"] in marks
            ]
            try:
                found.append(
                    event_curve(
                        kind or "all events", trains, turns=settings.surrogates,
                        seed=settings.seed,
                    )
                )  # fmt: skip
            except ValueError as error:
                left_out.append(f"{signal}: {error}")
        if found:
            curves[signal] = tuple(found)
    return curves


def _train(dataset: xr.Dataset, events: Sequence[Event], kind: str | None) -> Running:
    middle_s = dataset.window_start_s.values + float(dataset.attrs["window_s"]) / 2
    at = np.array([e.start_s for e in events if kind is None or e.label == kind])
    return Running(dataset.attrs["recording"], middle_s, dataset.running.values, at)


def phase_table(found: Annotated) -> "pd.DataFrame":
    """A row per recording, signal, phase and statistic; phases without an estimate have one."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for recording, signal, one in found.phases:
        front = {"recording": recording, "phase": one.phase, "signal": signal}
        end = {"seconds": one.seconds, "windows": one.windows, "reason": one.reason}
        if one.dataset is None:
            rows.append(front | end)
            continue
        for i, statistic in enumerate(one.dataset.statistic.values):
            values = {
                key: one.dataset[key].values[i].item()
                for key in ("estimate", "null_mean", "null_sd", "z", "p", "leader",
                            "peak_lag_s", "coverage")
            }  # fmt: skip
            rows.append(front | {"measure": str(statistic)} | values | end)
    columns = ["recording", "phase", "signal", "measure", "estimate", "null_mean", "null_sd",
               "z", "p", "leader", "peak_lag_s", "coverage", "seconds", "windows",
               "reason"]  # fmt: skip
    return pd.DataFrame(rows).reindex(columns=columns)


def contrast_table(found: Annotated) -> "pd.DataFrame":
    """A row per recording, signal and pair of phases."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "recording": recording, "signal": signal, "first": one.first,
                "second": one.second, "difference": one.comparison.estimate,
                "null_mean": one.comparison.null_mean, "null_sd": one.comparison.null_sd,
                "z": one.comparison.z, "p": one.comparison.p, "p_holm": one.p_holm,
            }
            for recording, signal, one in found.contrasts
        ]
    )  # fmt: skip


def across_table(found: Annotated) -> "pd.DataFrame":
    """Phases compared over dyads, a row per signal and contrast."""
    import pandas as pd

    return pd.DataFrame(
        [{"signal": s, **asdict(a)} for s, several in found.across.items() for a in several]
    )


def curve_table(found: Annotated) -> "pd.DataFrame":
    """Event-related synchrony, a row per signal, kind of event and offset."""
    import pandas as pd

    parts = [
        pd.DataFrame(
            {
                "signal": signal, "event": curve.label, "offset_s": curve.offset_s,
                "mean": curve.mean, "null_mean": curve.null_mean, "low": curve.low,
                "high": curve.high, "p": curve.p, "events": curve.events,
                "recordings": curve.recordings,
            }
        )
        for signal, curves in found.curves.items()
        for curve in curves
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def check_found(sources: Sources, marks: Mapping[str, Marks]) -> None:
    """Refuse files of phases or events of which no row belongs to any recording.

    Raises:
        RunError: Naming the file and how rows are matched.
    """
    for file, count in (
        (sources.phases, sum(len(each.phases) for each in marks.values())),
        (sources.events, sum(len(each.events) for each in marks.values())),
    ):
        if isinstance(file, EventFile) and marks and not count:
            raise RunError(
                f"{file.path.name}: no row belongs to a recording ({', '.join(list(marks)[:5])}"
                "). Its column `recording`, `dyad` or `session` must name them; without such a "
                "column every row is of every recording."
            )
        if file == RECORDED and marks and not count:
            raise RunError(
                "The recordings hold no events. Give a file with --events FILE, a table with "
                "columns time and label."
            )
