"""In Python what the commands do: give a course as it comes to hand, get tables and arrays.

Nothing is written but compiled programs (`~/.cache/bowlby/jax`, or where JAX keeps its own) and
what an interrupted run would go on from, that only where a folder to keep it in is given.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from bowlby.courses.asked import Asked, course_asked
from bowlby.courses.course import Course
from bowlby.runs.fingerprint import fingerprint
from bowlby.runs.kept import Kept, open_kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Processes, Serial, Workers

if TYPE_CHECKING:
    from bowlby.evidence.calibration.calibrate import Calibration
    from bowlby.theory import Theory

Parameters = str | Path | Mapping[str, float] | None
"""Numbers for entries of which a course says nothing: by name, a file, or `calibrated`."""


@dataclass(frozen=True)
class TrialResult:
    """A trial, simulated and analysed.

    Attributes:
        design: The trial as it was checked.
        clients: A row per randomised client; columns as in `clients.parquet`.
        sessions: A row per client and week.
        analysis: All that is reported, as `analysis.json` holds it.
    """

    design: Course
    clients: pd.DataFrame
    sessions: pd.DataFrame
    analysis: Mapping[str, Any]

    @property
    def contrasts(self) -> pd.DataFrame:
        """The main outcome: a row per pair of arms, with difference, interval, p and g."""
        return pd.DataFrame(self.analysis["primary"]["contrasts"])


def simulate(
    course: Asked,
    *,
    changes: Mapping[str, Any] | None = None,
    parameters: Parameters = None,
    theory: "Theory | None" = None,
    seed: int | None = None,
    on_progress: Progress = silent,
) -> xr.DataTree:
    """Simulate a course and return it whole.

    Args:
        course: A `Course`, its entries as in TOML, a `.toml` file, or the name of a preset.
        changes: Entries to be replaced, by dotted name, e.g. `{"therapy.sessions": 20}`.
        parameters: Numbers by dotted name, a file of them, or `calibrated`.
        theory: The theory that holds; the course's own otherwise. Laws that it replaces are
            tried before anything runs.
        seed: Seed, if not the course's own.
        on_progress: Called with a stage, the steps done and their number.

    Returns:
        Groups `readouts` (dyad), `encounters` (dyad, encounter, ...) and, where ticks were
        kept, `ticks` (dyad, encounter, tick, ...); readouts and encounters have units. The same
        dyads take part in every arm. `tables` makes data frames of it.

    Example:
        >>> tree = bowlby.simulate("therapy", changes={"dyads": 4})  # doctest: +SKIP
        >>> tables(tree)["readouts"]  # doctest: +SKIP
    """
    from bowlby.courses.theories import theory_of
    from bowlby.simulation.compiled import remember_compiled
    from bowlby.simulation.own_laws import check_own_laws
    from bowlby.simulation.simulate import simulate as run

    remember_compiled()
    asked = course_asked(course, changes, parameters=parameters)
    check_own_laws(theory or theory_of(asked))
    return run(asked, theory=theory, seed=seed, on_progress=on_progress)


def tables(tree: xr.DataTree) -> dict[str, pd.DataFrame]:
    """Simulated arrays as data frames: a row per dyad, per encounter, per tick.

    What has labels of its own (interventions, relational models) becomes a column for each, so
    that no dimension is crossed with another and ticks of four dyads stay a few thousand rows.
    Ticks after the end of a shorter encounter are left out.

    Args:
        tree: What `simulate` returned.
    """
    from bowlby.simulation.tables import encounter_table, readout_table

    made = {"readouts": readout_table(tree["readouts"].to_dataset())}
    if "encounters" in tree.children:
        made["encounters"] = encounter_table(tree["encounters"].to_dataset())
    if "ticks" in tree.children:
        made["ticks"] = _tick_table(tree["ticks"].to_dataset())
    return made


def _tick_table(ticks: xr.Dataset) -> pd.DataFrame:
    rows = ("dyad", "encounter", "tick")
    sizes = [ticks.sizes[dim] for dim in rows]
    index = pd.MultiIndex.from_product(
        [range(sizes[0]), ticks["encounter"].to_numpy(), range(sizes[2])], names=rows
    ).to_frame(index=False)
    columns: dict[str, Any] = {
        "dyad": ticks["dyad"].to_numpy()[index["dyad"]],
        "arm": ticks["arm"].to_numpy()[index["dyad"]],
        "encounter": index["encounter"].to_numpy(), "tick": index["tick"].to_numpy(),
    }  # fmt: skip
    for name, variable in ticks.data_vars.items():
        values = variable.transpose(*rows, ...).to_numpy().reshape(len(index), -1)
        labels = [ticks[dim].to_numpy() for dim in variable.dims[3:]]
        ends = pd.MultiIndex.from_product(labels) if labels else [()]
        for i, label in enumerate(ends):
            columns["_".join([str(name), *map(str, label)])] = values[:, i]
    table = pd.DataFrame(columns)
    measured = table.columns[4:]
    return table.dropna(how="all", subset=list(measured)).reset_index(drop=True)


def trial(
    design: Asked,
    *,
    changes: Mapping[str, Any] | None = None,
    parameters: Parameters = None,
    workers: int = 1,
    keep: Path | None = None,
    on_progress: Progress = silent,
) -> TrialResult:
    """Simulate a randomised trial and analyse it.

    Args:
        design: A course with a `[trial]` section: a `Course`, its entries, a `.toml` file, or
            the name of a trial that comes with bowlby.
        changes: Entries to be replaced, by dotted name.
        parameters: Numbers by dotted name, a file of them, or `calibrated`.
        workers: Processes.
        keep: Folder that keeps finished parts, from which a later call goes on.
        on_progress: Called with a stage, the jobs done and their number.

    Example:
        >>> found = bowlby.trial("four_arms")  # doctest: +SKIP
        >>> found.contrasts[["first", "second", "difference", "p_holm"]]  # doctest: +SKIP
    """
    from bowlby.trials.analysis import analyse
    from bowlby.trials.simulating import simulate_trial

    asked = course_asked(design, changes, parameters=parameters)
    with _kept(keep) as kept_of:
        made = simulate_trial(asked, _workers(workers), kept_of(asked), on_progress=on_progress)
    found = analyse(asked, made.clients, made.sessions, assessed=made.assessed)
    return TrialResult(asked, made.clients, made.sessions, found)


def power(
    design: Asked,
    over: Mapping[str, Sequence[Any]] | None = None,
    *,
    repetitions: int = 200,
    width: float = 0.0,
    changes: Mapping[str, Any] | None = None,
    parameters: Parameters = None,
    workers: int = 1,
    keep: Path | None = None,
    on_progress: Progress = silent,
) -> pd.DataFrame:
    """Power of a trial, for every combination of some of its entries.

    Args:
        design: As `trial` takes it.
        over: Values of entries by dotted name, e.g. `{"trial.clients_per_arm": [20, 40]}`;
            none for the trial as it stands.
        repetitions: Repetitions of a combination at most.
        width: Width of the interval of power that is narrow enough to stop; 0 never.
        changes: Entries to be replaced, by dotted name.
        parameters: Numbers by dotted name, a file of them, or `calibrated`.
        workers: Processes.
        keep: Folder that keeps finished repetitions, from which a later call goes on.
        on_progress: Called with a stage, the combinations done and their number.

    Returns:
        A row for each combination and contrast that decides.
    """
    from bowlby.trials.plane import combinations, simulate_plane

    def design_of(values: Mapping[str, Any]) -> Course:
        return course_asked(design, {**(changes or {}), **values}, parameters=parameters)

    plane = combinations(over or {}, design_of)
    with _kept(keep) as kept_of:
        return simulate_plane(
            plane, repetitions, _workers(workers), kept_of, width=width,
            on_progress=on_progress,
        )  # fmt: skip


def evidence_table(
    findings: Sequence[str] | None = None,
    *,
    seeds: Sequence[int] = (1, 2, 3, 4, 5),
    ablations: bool = False,
    parameters: Parameters = None,
    keep: Path | None = None,
    on_progress: Progress = silent,
) -> pd.DataFrame:
    """The model against published findings: a row each, columns as in `evidence.csv`.

    Args:
        findings: Names of findings; all by default.
        seeds: Seeds; intervals are over them.
        ablations: Whether to run the ablated models too.
        parameters: Numbers by dotted name, a file of them, or `calibrated`.
        keep: Folder that keeps simulated samples, from which a later call goes on.
        on_progress: Called with a stage, the steps done and their number.
    """
    from bowlby.courses.parameters import parameters_of
    from bowlby.evidence.findings import find, packaged_findings
    from bowlby.evidence.table import make_table
    from bowlby.evidence.writing import COLUMNS, cells

    table = packaged_findings()
    chosen = table if findings is None else tuple(find(table, name) for name in findings)
    values = parameters if isinstance(parameters, Mapping) else parameters_of(parameters)
    with _kept(keep) as kept_of:
        made = make_table(
            chosen, kept_of("samples"), seeds=seeds, ablations=ablations, parameters=values,
            on_progress=on_progress,
        )  # fmt: skip
    found = pd.DataFrame([cells(row) for row in made.rows], columns=pd.Index(COLUMNS))
    numeric = [name for name in COLUMNS if name.startswith(("band", "model", "ablated"))]
    found[numeric] = found[numeric].apply(pd.to_numeric)
    return found


def calibrate(
    *,
    runs: int = 200,
    region_runs: int = 60,
    dyads: int = 160,
    seed: int = 1,
    priors: Path | None = None,
    workers: int = 1,
    keep: Path | None = None,
    on_progress: Progress = silent,
) -> "Calibration":
    """The region of population parameters that published findings leave.

    Args:
        runs: Runs that fill the prior.
        region_runs: Runs inside the region that the first ones leave.
        dyads: Dyads of each sample in a run.
        seed: Seed of everything random.
        priors: CSV of name, low, high: what may move; bowlby's own by default.
        workers: Processes.
        keep: Folder that keeps finished runs, from which a later call goes on.
        on_progress: Called with a stage, the steps done and their number.

    Returns:
        The calibration; `bowlby.evidence.calibration.tables` makes data frames of it.
    """
    from bowlby.evidence.calibration.calibrate import Plan
    from bowlby.evidence.calibration.calibrate import calibrate as run
    from bowlby.evidence.calibration.parameters import packaged_parameters, read_priors
    from bowlby.evidence.findings import packaged_findings
    from bowlby.runs.workers import on_this_machine

    moving = read_priors(priors) if priors else packaged_parameters()
    plan = Plan(runs, region_runs, dyads=dyads, seed=seed)
    with _kept(keep) as kept_of, on_this_machine(workers) as several:
        return run(
            packaged_findings(), moving, plan, kept_of("runs"), workers=several,
            on_progress=on_progress,
        )  # fmt: skip


def _workers(count: int) -> Workers:
    return Processes(count) if count > 1 else Serial()


@contextmanager
def _kept(keep: Path | None) -> Iterator[Any]:
    """Gives where the jobs of a design are kept; a folder that goes away, if none is given."""
    from bowlby.simulation.compiled import remember_compiled

    remember_compiled()

    def within(folder: Path) -> Any:
        def kept_of(design: Course | str) -> Kept:
            if isinstance(design, str):
                return open_kept(folder / design, design)
            from bowlby.courses.theories import theory_mark

            content = {
                "kind": "trial", "design": design.model_dump(mode="json"),
                "theory": theory_mark(design),
            }  # fmt: skip
            return open_kept(folder / fingerprint(content), content)

        return kept_of

    if keep is not None:
        yield within(Path(keep))
        return
    with TemporaryDirectory() as folder:
        yield within(Path(folder))
