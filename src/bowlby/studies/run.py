"""Run a study: files in, one folder of tables, figures and a report out.

Each recording is read, prepared and measured on its own, in parallel, and kept as soon as it is
done, so an interrupted study resumes. The output folder appears whole or not at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import RecordingFiles
from bowlby.recordings.reading import read_all
from bowlby.recordings.recording import Recording, RecordingError, SignalPair
from bowlby.runs.errors import RunError
from bowlby.runs.fingerprint import fingerprint, versions
from bowlby.runs.folder import new_folder, partial_of
from bowlby.runs.kept import Kept, open_kept
from bowlby.runs.manifest import checksum, made_by, write_manifest
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers, in_order, on_this_machine
from bowlby.studies.annotated import (
    Annotated,
    Marks,
    Sources,
    across_table,
    annotate,
    check_found,
    contrast_table,
    curve_table,
    files_of_marks,
    marks_of,
    phase_table,
    sources_of,
)
from bowlby.studies.people import (
    FoundGroup,
    against_pseudo_groups,
    chosen,
    group_rows,
    measure_groups,
)
from bowlby.studies.regression import (
    Regressed,
    Regression,
    following,
    regress,
    regression_section,
    regression_table,
)
from bowlby.studies.tables import (
    SUMMARY_COLUMNS,
    lag_table,
    null_table,
    summary_table,
    wcc_table,
    window_table,
    write_long_table,
    write_table,
)
from bowlby.synchrony.directed_influence import foresight
from bowlby.synchrony.group import Association, associate
from bowlby.synchrony.measuring import Settings, default_statistic, measure_pair
from bowlby.synchrony.mismatched import (
    FalsePositives,
    Mapper,
    Session,
    false_positives,
)
from bowlby.synchrony.old_names import renamed_variables
from bowlby.synchrony.pseudo_dyads import PseudoDyads, pseudo_dyads
from bowlby.synchrony.pseudo_groups import PseudoGroups

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.reports import ExtraFigure, ReportContent


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
    pseudo_dyads: Mapping[str, PseudoDyads]
    associations: Mapping[str, tuple[Association, ...]]
    annotated: Annotated = field(default_factory=Annotated)
    groups: tuple[FoundGroup, ...] = ()
    pseudo_groups: Mapping[str, tuple[PseudoGroups, ...]] = field(default_factory=dict)
    regressed: tuple[Regressed, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Done:
    pieces: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]
    inputs: tuple[tuple[str, str], ...]
    failed: tuple[Failed, ...]
    marks: Mapping[str, Marks] = field(default_factory=dict)


def run_study(plan: Plan, out: Path, *, on_progress: Progress = silent) -> Study:
    """Measure every recording of a plan and write one folder.

    Args:
        plan: What to run.
        out: Output folder; replaced if an earlier run wrote it.
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        RunError: If no recording could be measured, the folder is not ours to replace, or
            another run is writing it.
        OSError: If the output cannot be written.
    """
    out = out.absolute()
    if plan.false_positives:
        _check_strangers(plan)
    sources = sources_of(plan.phases, plan.events, plan.options)
    with new_folder(out, replaces=True) as staging:
        kept = open_kept(partial_of(out), _design(plan))
        with on_this_machine(plan.workers) as workers:
            done = _measure_all(plan, kept, sources, workers, on_progress)
            failed = tuple(failure for one in done for failure in one.failed)
            datasets = [
                renamed_variables(kept.get(piece)) for one in done for piece in one.pieces
            ]
            if not datasets:
                raise RunError("No recording could be measured.\n" + _listed(failed))
            labels = {name: found for one in done for name, found in one.labels.items()}
            marks = {name: found for one in done for name, found in one.marks.items()}
            check_found(sources, marks)
            study = _analyse(plan, out, datasets, labels, marks, failed, workers, on_progress)
        _write(plan, study, datasets, done, staging, on_progress)
    return study


def _check_strangers(plan: Plan) -> None:
    """Refuse, before anything is measured, a study in which nobody is a stranger to anybody.

    What names tell is believed; files are read only where they tell of one dyad at most.

    Raises:
        RunError: If there are no surrogates, or no two recordings of different people.
    """
    if not plan.settings.surrogates:
        raise RunError("Counting false positives needs surrogates; --surrogates 0 leaves none.")
    named = [(files.name, files.labels) for files in plan.recordings]
    if len(_dyads(named)) > 1:
        return
    found: list[tuple[str, Mapping[str, str]]] = []
    for files in plan.recordings:
        try:
            found += [(one.name, one.labels) for one in _read(files, plan)]
        except (RecordingError, OSError):
            continue  # Measuring will tell what is wrong with it.
    if found and len(_dyads(found)) < 2:
        raise RunError(
            "The check of false positives pairs people who never met: it needs recordings of "
            f"at least two dyads, and there is {', '.join(sorted(_dyads(found)))} only. Give a "
            "folder of several dyads, or leave out --false-positives."
        )


def _dyads(recordings: Sequence[tuple[str, Mapping[str, str]]]) -> set[str]:
    return {labels.get("dyad") or name for name, labels in recordings}


def _design(plan: Plan) -> dict[str, Any]:
    """What decides the numbers of a recording, beside its files."""
    return {
        "kind": "measure", "settings": asdict(plan.settings), "options": asdict(plan.options),
        "format": plan.format,
    }  # fmt: skip


def _measure_all(
    plan: Plan, kept: Kept, sources: Sources, workers: Workers, on_progress: Progress
) -> list[_Done]:
    jobs = [(files, plan, kept, sources) for files in plan.recordings]
    return in_order(workers, _measure_files, jobs, stage="Measuring", on_progress=on_progress)


def _measure_files(job: tuple[RecordingFiles, Plan, Kept, Sources]) -> _Done:
    """Read, prepare and measure the recordings of one or two files."""
    files, plan, kept, sources = job
    shown = ", ".join(str(path) for path in files.paths)
    try:
        # Read first: a file that is too large is refused by its size.
        recordings = _read(files, plan)
        inputs = tuple((str(path), checksum(path)) for path in files.paths)
    except (RecordingError, OSError) as error:
        return _Done((), {}, (), (Failed(files.name, shown, str(error)),))
    done: list[str] = []
    failed: list[Failed] = []
    marks: dict[str, Marks] = {}
    for recording in recordings:
        try:
            marks[recording.name] = marks_of(recording, sources)
        except RecordingError as error:
            failed.append(Failed(recording.name, shown, str(error)))
        try:
            pairs = plan.settings.prepared(recording, plan.signals or None)
        except RecordingError as error:
            failed.append(Failed(recording.name, shown, str(error)))
            continue
        for pair in pairs:
            name = fingerprint(
                [inputs, files.rate_hz, files.roles, recording.name, pair.signal]
            )
            try:
                if not kept.has(name):
                    kept.put(name, measure_pair(pair, plan.settings, name=recording.name))
                done.append(name)
            except ValueError as error:
                message = f"{recording.name}, {pair.signal}: {error}"
                failed.append(Failed(recording.name, shown, message))
    labels = {recording.name: dict(recording.labels) for recording in recordings}
    return _Done(tuple(done), labels, inputs, tuple(failed), marks)


def options_of(files: RecordingFiles, options: ReadOptions) -> ReadOptions:
    """The user's options with what participants.tsv says of one recording."""
    return replace(
        options,
        rate_hz=options.rate_hz if files.rate_hz is None else files.rate_hz,
        roles=files.roles or options.roles,
    )


def _read(files: RecordingFiles, plan: Plan) -> tuple[Recording, ...]:
    options = options_of(files, plan.options)
    recordings = read_all(files.paths, options, format=plan.format, name=files.name)
    names = [recording.labels.get("pair", "") for recording in recordings]
    if plan.pairs and all(names):
        is_chosen = chosen(names, plan.pairs)
        recordings = tuple(r for r, keep in zip(recordings, is_chosen, strict=True) if keep)
    # What a file says of one of its recordings is nearer than what the study says of the file.
    shares_names = len(recordings) > 1 and len(plan.recordings) > 1
    return tuple(
        replace(
            recording,
            name=f"{files.name}_{recording.name}" if shares_names else recording.name,
            labels={**files.labels, **recording.labels},
        )
        for recording in recordings
    )


def _analyse(
    plan: Plan,
    out: Path,
    datasets: Sequence[xr.Dataset],
    labels: Mapping[str, Mapping[str, str]],
    marks: Mapping[str, Marks],
    failed: tuple[Failed, ...],
    workers: Workers,
    on_progress: Progress,
) -> Study:
    """Everything that looks at more than one recording."""
    summary = summary_table(datasets, labels)
    checks: dict[str, FalsePositives] = {}
    left_out: list[str] = []
    against: dict[str, PseudoDyads] = {}
    associations: dict[str, tuple[Association, ...]] = {}
    for signal in summary.signal.unique():
        sessions = [
            _session(dataset, labels[dataset.attrs["recording"]])
            for dataset in datasets
            if dataset.attrs["signal"] == signal
        ]
        if (
            len({s.dyad for s in sessions}) >= 3
            and len({s.pair.rate_hz for s in sessions}) == 1
        ):
            mapper = _mapper(workers, f"Pseudo-dyads ({signal})", on_progress)
            try:
                against[signal] = pseudo_dyads(sessions, plan.settings, mapper=mapper)
            except ValueError as error:
                left_out.append(f"Real dyads against pseudo-dyads, {signal}: {error}")
        if plan.false_positives:
            mapper = _mapper(workers, f"False positives ({signal})", on_progress)
            try:
                checks[signal] = false_positives(sessions, plan.settings, mapper=mapper)
            except ValueError as error:
                left_out.append(f"False positives, {signal}: {error}")
        rows = summary[
            (summary.signal == signal) & (summary.measure == default_statistic(plan.settings))
        ]
        associations[signal] = _associations(rows, plan, signal, left_out)
    if plan.false_positives and not checks:
        raise RunError("\n".join(left_out))
    dyads = {name: found.get("dyad") or name for name, found in labels.items()}
    mapper = _mapper(workers, "Phases and events", on_progress)
    annotated = annotate(datasets, marks, dyads, plan.settings, mapper=mapper)
    groups = measure_groups(
        datasets, labels, plan.settings, mapper=_mapper(workers, "Groups", on_progress)
    )
    kind_of = {dataset.attrs["signal"]: dataset.attrs["kind"] for dataset in datasets}
    remade, not_remade = against_pseudo_groups(groups, plan.settings, kind_of)
    left_out += [*annotated.left_out, *not_remade]
    regressed: tuple[Regressed, ...] = ()
    if plan.regression is not None:
        regressed = regress(
            datasets, plan.regression, surrogates=plan.settings.surrogates,
            seed=plan.settings.seed, mapper=_mapper(workers, "Regression", on_progress),
        )  # fmt: skip
        left_out += [reason for one in regressed for reason in one.reasons]
    return Study(
        out, summary, failed, tuple(left_out), checks, against, associations, annotated, groups,
        remade, regressed, _notes(datasets, is_regressed=plan.regression is not None),
    )  # fmt: skip


def _notes(datasets: Sequence[xr.Dataset], *, is_regressed: bool) -> tuple[str, ...]:
    """What the measures' notes say, each once with its recordings' number."""
    told = Counter(note for dataset in datasets for note in dataset.attrs["notes"])
    if is_regressed:
        kinds = dict.fromkeys((d.attrs["kind"], d.attrs["signal"]) for d in datasets)
        told.update(filter(None, (foresight("regression", *kind) for kind in kinds)))
    return tuple(f"{note} ({n} recordings)" if n > 1 else note for note, n in told.items())


def _mapper(workers: Workers, stage: str, on_progress: Progress) -> Mapper:
    """A `map` over the workers that tells its progress."""
    return partial(in_order, workers, stage=stage, on_progress=on_progress)


def _associations(
    rows: "pd.DataFrame", plan: Plan, signal: str, left_out: list[str]
) -> tuple[Association, ...]:
    """Synchrony by columns; what cannot be answered is told and left out.

    The response is the excess, which does not grow with the length of a recording as z does.
    """
    table = rows.assign(dyad=rows["dyad"] if "dyad" in rows else rows["recording"])
    response = "excess" if table["excess"].notna().any() else "estimate"
    therapist = "therapist" if "therapist" in table else None
    columns = plan.by or tuple(c for c in ("group", "outcome") if c in table)
    found: list[Association] = []
    for asked in columns:
        column, _, kind = asked.partition(":")
        if kind not in ("", "names", "number"):
            raise RunError(f"--by {asked}: say {column}:names or {column}:number.")
        if column not in table:
            there = ", ".join(str(c) for c in table.columns[len(SUMMARY_COLUMNS) :])
            left_out.append(
                f"--by {column}, {signal}: no recording has a value in such a column. They "
                f"have: {there or 'no columns'}. Add it to participants.tsv."
            )
            continue
        try:
            found += associate(
                table, column, response=response, kind=kind or None,
                therapist=None if column == "therapist" else therapist, seed=plan.settings.seed,
            )  # fmt: skip
        except ValueError as error:
            if plan.by or "--by" in str(error) or "missing value" in str(error):
                left_out.append(f"--by {asked}, {signal}: {error}")
    return tuple(found)


def _session(dataset: xr.Dataset, labels: Mapping[str, str]) -> Session:
    """A session's pair and people, from what was stored of it."""
    attrs = dataset.attrs
    dyad = labels.get("dyad") or attrs["recording"]
    roles = attrs["first"], attrs["second"]
    return Session(
        name=attrs["recording"],
        pair=SignalPair(
            attrs["signal"], attrs["kind"], dataset.x.values, dataset.y.values,
            attrs["rate_hz"], float(dataset.time_s.values[0]), attrs["unit"], roles,
        ),
        first_person=labels.get("first_person") or labels.get(roles[0]) or f"{dyad}/1",
        second_person=labels.get("second_person") or labels.get(roles[1]) or f"{dyad}/2",
        dyad=dyad,
    )  # fmt: skip


def _write(
    plan: Plan,
    study: Study,
    datasets: Sequence[xr.Dataset],
    done: Sequence[_Done],
    folder: Path,
    on_progress: Progress,
) -> None:
    from bowlby.reports import write_figures, write_report

    on_progress("Writing tables", 0, 3)
    write_table(study.summary, folder / "summary")
    write_long_table(map(wcc_table, datasets), folder / "wcc", csv=plan.csv)
    write_long_table(map(lag_table, datasets), folder / "lags", csv=True)
    write_long_table(map(window_table, datasets), folder / "windows", csv=True)
    if plan.settings.surrogates:
        write_long_table(map(null_table, datasets), folder / "null", csv=False)
    if study.false_positives:
        content = {
            signal: _check_json(check) for signal, check in study.false_positives.items()
        }
        first = next(iter(content.values()))
        write_manifest(folder / "false_positives.json", {**first, "signals": content})
    if study.pseudo_dyads:
        content = {
            signal: {"real": list(map(float, b.real)), "pseudo": list(map(float, b.pseudo)),
                     "d": b.d, "p": b.p, "dyads": list(b.dyads),
                     "p_dyad": None if b.p_dyad is None else
                     [None if isnan(p) else float(p) for p in b.p_dyad]}
            for signal, b in study.pseudo_dyads.items()
        }  # fmt: skip
        write_manifest(folder / "pseudo_dyads.json", content)
    groups = group_table(study.associations)
    if len(groups):
        write_table(groups, folder / "groups")
    for name, table in (
        ("phases", phase_table(study.annotated)),
        ("phase_contrasts", contrast_table(study.annotated)),
        ("phases_across", across_table(study.annotated)),
        ("events", curve_table(study.annotated)),
        ("people", group_rows(study.groups, study.pseudo_groups)),
        ("regression", regression_table(study.regressed)),
    ):
        if len(table):
            write_table(table, folder / name)
    write_manifest(folder / "run.json", manifest(plan, study, done))
    content = report_content(plan, study, datasets)
    on_progress("Drawing figures", 1, 3)
    write_figures(folder / "figures", content)
    on_progress("Writing report", 2, 3)
    write_report(folder / "report.html", content)
    on_progress("Writing report", 3, 3)


def _check_json(check: FalsePositives) -> dict[str, Any]:
    return {
        "statistic": check.statistic, "definition": check.definition, "alpha": check.alpha,
        "pairs": check.pairs, "rejected": check.rejected, "rate": check.rate,
        "low": check.low, "high": check.high,
    }  # fmt: skip


def group_table(associations: Mapping[str, Sequence[Association]]) -> "pd.DataFrame":
    """Associations as a table, a row each."""
    import pandas as pd

    return pd.DataFrame(
        [{"signal": s, **asdict(a)} for s, found in associations.items() for a in found]
    )


def manifest(plan: Plan, study: Study, done: Sequence[_Done]) -> dict[str, Any]:
    """Content of run.json."""
    return {
        **made_by("measure", plan.command),
        "seed": plan.settings.seed,
        "settings": asdict(plan.settings),
        "options": asdict(plan.options),
        "format": plan.format,
        "signals": list(plan.signals),
        "false_positives": plan.false_positives,
        "by": list(plan.by),
        "csv": plan.csv,
        "phases": plan.phases,
        "events": plan.events,
        "pairs": [list(pair) for pair in plan.pairs],
        "regression": asdict(plan.regression) if plan.regression else None,
        "recordings": [
            {"name": files.name, "paths": [str(path) for path in files.paths],
             "labels": dict(files.labels), "rate_hz": files.rate_hz, "roles": files.roles}
            for files in plan.recordings
        ],
        "inputs": [
            {"file": file, "sha256": digest}
            for file, digest in (
                *(pair for one in done for pair in one.inputs),
                *((str(p), checksum(p)) for p in files_of_marks(plan.phases, plan.events)),
            )
        ],
        "failed": [asdict(failure) for failure in study.failed],
        "skipped": list(plan.skipped),
        "left_out": list(study.left_out),
    }  # fmt: skip


def report_content(plan: Plan, study: Study, datasets: Sequence[xr.Dataset]) -> "ReportContent":
    """What the report shows."""
    from bowlby.reports import Failure, ReportContent
    from bowlby.studies.part_sections import part_sections

    groups = group_table(study.associations)
    return ReportContent(
        title=plan.title,
        datasets=datasets,
        summary=study.summary,
        version=versions()["bowlby"],
        command=plan.command,
        created=datetime.now(UTC).strftime("%Y-%m-%d"),
        failed=tuple(Failure(f.recording, f.file, f.message) for f in study.failed),
        skipped=(*plan.skipped, *study.left_out),
        false_positives=next(iter(study.false_positives.values()), None),
        pseudo_dyads=next(iter(study.pseudo_dyads.values()), None),
        groups=groups if len(groups) else None,
        figures=_figures_of_other_signals(study),
        sections=(
            *part_sections(study.annotated, study.groups, study.pseudo_groups),
            *([regression_section(study.regressed)] if following(study.regressed) else ()),
        ),
    )


def _figures_of_other_signals(study: Study) -> "tuple[ExtraFigure, ...]":
    """Pseudo-dyads and false positives of every signal but the first, which has a section."""
    from bowlby.figures import false_positives_figure, figure_svg, pseudo_dyads_figure
    from bowlby.reports import ExtraFigure

    figures = [
        ExtraFigure(
            f"Real dyads against pseudo-dyads: {signal}",
            f"d = {found.d:.2f}, p = {found.p:.4f}.",
            figure_svg(
                pseudo_dyads_figure(found.real, found.pseudo, d=found.d, p=found.p),
                salt=f"pseudo-{signal}",
            ),
        )
        for signal, found in list(study.pseudo_dyads.items())[1:]
    ]
    figures += [
        ExtraFigure(
            f"False positives: {signal}",
            check.statement,
            figure_svg(
                false_positives_figure(
                    check.p, rate=check.rate, low=check.low, high=check.high, alpha=check.alpha
                ),
                salt=f"check-{signal}",
            ),
        )
        for signal, check in list(study.false_positives.items())[1:]
    ]
    return tuple(figures)


def _listed(failed: Sequence[Failed]) -> str:
    return "\n".join(f"  {failure.recording}: {failure.message}" for failure in failed)
