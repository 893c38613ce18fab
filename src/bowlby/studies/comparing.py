"""What is compared across the recordings of a study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from bowlby.recordings.recording import SignalPair
from bowlby.runs.errors import RunError
from bowlby.runs.progress import Progress
from bowlby.runs.workers import Workers, in_order
from bowlby.studies.annotated import Marks, annotate
from bowlby.studies.people import against_pseudo_groups, measure_groups
from bowlby.studies.plan import Failed, Plan, Study
from bowlby.studies.regression import Regressed, regress
from bowlby.studies.tables import SUMMARY_COLUMNS, summary_table
from bowlby.synchrony.directed_influence import foresight
from bowlby.synchrony.group import Association, associate
from bowlby.synchrony.measuring import default_statistic
from bowlby.synchrony.mismatched import (
    FalsePositives,
    Mapper,
    Session,
    false_positives,
)
from bowlby.synchrony.pseudo_dyads import PseudoDyads, pseudo_dyads

if TYPE_CHECKING:
    import pandas as pd


def compare(
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
    regressed = _regressed(plan, datasets, _mapper(workers, "Regression", on_progress))
    left_out += [*annotated.left_out, *not_remade]
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


def _regressed(
    plan: Plan, datasets: Sequence[xr.Dataset], mapper: Mapper
) -> tuple[Regressed, ...]:
    """Lagged regressions, if they were asked for."""
    if plan.regression is None:
        return ()
    return regress(
        datasets, plan.regression, surrogates=plan.settings.surrogates,
        seed=plan.settings.seed, mapper=mapper,
    )  # fmt: skip


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
