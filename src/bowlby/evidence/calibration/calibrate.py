"""A calibration from the first run to the last check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bowlby._types import FloatArray
from bowlby.evidence.calibration.emulator import Emulator, fit_emulators
from bowlby.evidence.calibration.folds import (
    FOLDS,
    Fold,
    Forecast,
    fit_folds,
    forecasts,
)
from bowlby.evidence.calibration.matching import (
    Pull,
    Region,
    Targets,
    find_region,
    is_target,
    pulls,
    spread_out,
)
from bowlby.evidence.calibration.parameters import (
    Parameter,
    default_values,
    point_of,
    values_at,
)
from bowlby.evidence.calibration.runs import (
    CHECK,
    PRIOR,
    REGION,
    Job,
    design,
    run_all,
    seed_of,
)
from bowlby.evidence.calibration.screening import Effects, screen
from bowlby.evidence.findings import Finding
from bowlby.evidence.measures import MEASURES
from bowlby.runs.kept import Kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers

Row = Mapping[str, Any]

DEFAULT, BEST = "default", "calibrated"
"""Parameters that are checked beside those of each fold."""


@dataclass(frozen=True)
class Plan:
    """How much is run.

    Attributes:
        runs: Runs that fill the prior.
        region_runs: Runs inside the region that the first ones leave.
        checks: Runs of the defaults, of the calibrated parameters and of each fold's.
        dyads: Dyads of each sample in a run.
        folds: Parts that the groups of findings are dealt to.
        seed: Seed of everything random.
        cube: Points at which the emulators are asked.
    """

    runs: int = 200
    region_runs: int = 60
    checks: int = 8
    dyads: int = 256
    folds: int = FOLDS
    seed: int = 1
    cube: int = 2**15


@dataclass(frozen=True)
class Calibration:
    """What came of it.

    Attributes:
        plan: How much was run.
        parameters: What could move.
        rows: All runs.
        targets: The findings it was fitted to, with their emulators.
        unused: Findings that are computed but could not be emulated.
        emulators: Of the findings and the mean readouts.
        first: The region after the runs that fill the prior.
        region: The region after all runs.
        folds: The regions without each fold.
        forecasts: Out-of-fold predictions by slug.
        checked: Mean of the check runs by whose parameters they had, and slug.
        effects: Effects of the parameters by output.
        pulls: Findings that pull against each other.
        default: The defaults as a point.
    """

    plan: Plan
    parameters: tuple[Parameter, ...]
    rows: tuple[Row, ...]
    targets: Targets
    unused: tuple[str, ...]
    emulators: Mapping[str, Emulator]
    first: Region
    region: Region
    folds: tuple[Fold, ...]
    forecasts: Mapping[str, Forecast]
    checked: Mapping[str, Mapping[str, float]]
    effects: Mapping[str, Effects]
    pulls: tuple[Pull, ...]
    default: FloatArray

    @property
    def best_values(self) -> dict[str, float]:
        """The calibrated parameters."""
        return values_at(self.parameters, self.region.best)

    def emulated_at(self, point: FloatArray) -> dict[str, float]:
        """Expected value of every target at a point."""
        mean, _ = self.targets.predict(point[None])
        return dict(zip(self.targets.slugs, map(float, mean[0]), strict=True))

    def checked_out_of_fold(self) -> dict[str, float]:
        """Simulated value of every target at the parameters of the fold it was left out of."""
        return {
            slug: self.checked[label_of(number)][slug]
            for number, fold in enumerate(self.folds)
            for slug in (f.slug for f in self.targets.findings if f.group in fold.groups)
            if label_of(number) in self.checked
        }


def label_of(fold: int) -> str:
    """What the check runs of a fold's parameters are called."""
    return f"without fold {fold + 1}"


def calibrate(
    findings: Sequence[Finding],
    parameters: tuple[Parameter, ...],
    plan: Plan,
    kept: Kept,
    *,
    workers: Workers,
    on_progress: Progress = silent,
) -> Calibration:
    """Run, emulate, match, predict out of fold, check and screen.

    Args:
        findings: Published findings; those with a measure are computed in every run.
        parameters: What may move.
        plan: How much is run.
        kept: Runs that are kept; what is there is not run again.
        workers: Who does the runs.
        on_progress: Called with a stage, the steps done and their number.

    Raises:
        ValueError: If no finding can be calibrated against.
    """

    def stage(name: str) -> Callable[[int, int], None]:
        return lambda done, total: on_progress(name, done, total)

    wanted = [f for f in findings if f.slug in MEASURES and (is_target(f) or not f.is_scored)]
    aims = [finding for finding in wanted if is_target(finding)]
    if not aims:
        raise ValueError("No finding with a measure, a band and a published number is there.")
    slugs = tuple(finding.slug for finding in wanted)

    def run(wave: str, labelled: Sequence[tuple[str, int, Mapping[str, float]]]) -> list[Row]:
        jobs = [
            Job(wave, label, seed_of(plan.seed, wave, number), plan.dyads, values, slugs)
            for label, number, values in labelled
        ]
        name = {PRIOR: "Runs over the prior", REGION: "Runs in the region", CHECK: "Checks"}
        return list(
            run_all(jobs, kept, workers=workers, stage=name[wave], on_progress=on_progress)
        )

    def at(points: FloatArray) -> list[tuple[str, int, dict[str, float]]]:
        return [(str(i), i, values_at(parameters, point)) for i, point in enumerate(points)]

    cube = design(plan.cube, len(parameters), seed=plan.seed + 1)
    prior = run(PRIOR, at(design(plan.runs, len(parameters), seed=plan.seed)))
    first_fit = _emulate(prior, parameters, stage("Emulating"), [f.slug for f in aims])
    first = find_region(_targets(aims, first_fit), cube, seed=plan.seed)
    rows = prior + run(REGION, at(spread_out(first.points, plan.region_runs)))
    emulators = _emulate(rows, parameters, stage("Emulating again"))
    targets = _targets(aims, emulators)
    on_progress("Matching", 0, 1)
    region = find_region(targets, cube, seed=plan.seed)
    on_progress("Matching", 1, 1)
    folds = fit_folds(
        targets, cube, count=plan.folds, seed=plan.seed, on_done=stage("Matching without folds")
    )
    points = {
        DEFAULT: default_values(parameters), BEST: values_at(parameters, region.best),
        **{label_of(i): values_at(parameters, f.region.best) for i, f in enumerate(folds)},
    }  # fmt: skip
    # Everybody is checked with the same people, so that differences are of parameters.
    checks = run(
        CHECK, [(name, i, point) for name, point in points.items() for i in range(plan.checks)]
    )
    names = tuple(parameter.name for parameter in parameters)
    return Calibration(
        plan=plan, parameters=parameters, rows=(*rows, *checks), targets=targets,
        unused=tuple(f.slug for f in aims if f.slug not in emulators), emulators=emulators,
        first=first, region=region, folds=tuple(folds), forecasts=forecasts(targets, folds),
        checked=_means(checks), effects=screen(emulators, names, seed=plan.seed),
        pulls=tuple(pulls(targets, cube)),
        default=point_of(parameters, default_values(parameters)),
    )  # fmt: skip


def _emulate(
    rows: Sequence[Row],
    parameters: tuple[Parameter, ...],
    on_done: Callable[[int, int], None],
    only: Sequence[str] | None = None,
) -> dict[str, Emulator]:
    points = np.array([point_of(parameters, row["parameters"]) for row in rows])
    outputs = outputs_of(rows)
    chosen = {name: outputs[name] for name in (only or outputs)}
    return fit_emulators(points, chosen, on_done=on_done)


def outputs_of(rows: Sequence[Row]) -> dict[str, FloatArray]:
    """Values of every finding and mean readout (runs,); NaN where undefined."""
    merged = [{**row["statistics"], **row["readouts"]} for row in rows]
    return {name: np.array([row[name] for row in merged], float) for name in merged[0]}


def _targets(aims: Sequence[Finding], emulators: Mapping[str, Emulator]) -> Targets:
    kept = tuple(finding for finding in aims if finding.slug in emulators)
    if not kept:
        raise ValueError("No finding could be emulated from so few runs; give more --runs.")
    return Targets(kept, emulators)


def _means(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Mean over the check runs in which a finding is defined."""
    found: dict[str, dict[str, float]] = {}
    for label in dict.fromkeys(row["label"] for row in rows):
        values = outputs_of([row for row in rows if row["label"] == label])
        found[label] = {
            name: float(v[np.isfinite(v)].mean()) if np.isfinite(v).any() else float("nan")
            for name, v in values.items()
        }
    return found


def plan_content(plan: Plan) -> dict[str, Any]:
    """The plan as plain numbers."""
    return asdict(plan)
