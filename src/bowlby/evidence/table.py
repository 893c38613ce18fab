"""The table of evidence: every finding, the full model, and the model without a mechanism."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from bowlby.evidence.agreement import Agreement, agreement
from bowlby.evidence.findings import Finding
from bowlby.evidence.measures import MEASURES, REASONS
from bowlby.evidence.own_functions import computed
from bowlby.evidence.samples import NoSignalsError, Samples
from bowlby.evidence.scoring import (
    Comparison,
    Estimate,
    Verdict,
    against_guess,
    agrees,
    estimate,
    verdict,
)
from bowlby.runs.kept import Kept
from bowlby.runs.progress import Progress, Steps, silent
from bowlby.runs.workers import Threads, in_order

SEEDS = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Row:
    """A finding held against the model.

    Attributes:
        finding: What was found.
        full: The full model; None where it has no such output.
        ablated: The model without the responsible mechanism; None where not run.
        verdict: The verdict.
        reason: Why there is no number, or what qualifies the verdict; "" for nothing.
    """

    finding: Finding
    full: Estimate | None
    ablated: Estimate | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Evidence:
    """The whole table.

    Attributes:
        rows: One per finding.
        seeds: Seeds it was made with.
        guess: The model against a guess that needs no model, by table of findings.
        agreement: How effects agree as a whole, by table of findings.
        breaks: Ablations after which fewer than half of the agreeing rows of other mechanisms
            still agree: they break everything and so explain nothing.
    """

    rows: tuple[Row, ...]
    seeds: tuple[int, ...]
    guess: Mapping[str, Comparison]
    agreement: Mapping[str, Agreement]
    breaks: tuple[str, ...]

    def groups(self, kind: Verdict) -> int:
        """Number of groups of findings with a verdict."""
        return len({row.finding.group for row in self.rows if row.verdict == kind})


def make_table(
    findings: Sequence[Finding],
    kept: Kept,
    *,
    seeds: Sequence[int] = SEEDS,
    ablations: bool = False,
    parameters: Mapping[str, float] | None = None,
    on_progress: Progress = silent,
) -> Evidence:
    """Compute the table.

    Args:
        findings: What to hold the model against.
        kept: Where simulated samples are kept; a second call goes on where the first stopped.
        seeds: Seeds; the interval is over them.
        ablations: Whether to run the ablated models too.
        parameters: Entries of a course, by dotted name, in place of the defaults.
        on_progress: Called with a stage, the steps done and their number.
    """
    computed = [finding for finding in findings if finding.slug in MEASURES]
    switches = sorted({f.ablation for f in computed if f.ablation}) if ablations else []
    stages = [(), *((name,) for name in switches)]
    found = _compute(computed, stages, seeds, kept, parameters or {}, on_progress)
    breaks = tuple(
        name for name in switches if breaks_others(computed, found[()], found[(name,)], name)
    )
    rows = tuple(_row(finding, found, breaks) for finding in findings)
    tables = {f.table: [g for g in findings if g.table == f.table] for f in findings}
    return Evidence(
        rows,
        tuple(seeds),
        {name: against_guess(those, found[()]) for name, those in tables.items()},
        {name: agreement(those, found[()]) for name, those in tables.items()},
        breaks,
    )


def _compute(
    findings: Sequence[Finding],
    stages: Sequence[tuple[str, ...]],
    seeds: Sequence[int],
    kept: Kept,
    parameters: Mapping[str, float],
    on_progress: Progress,
) -> dict[tuple[str, ...], dict[str, Estimate]]:
    """Every finding without these mechanisms, as many seeds at a time as there are cores.

    Signals are emitted by the full model, and without what a finding on synchrony names.
    """
    # Imported before there are threads: those that parse at once, as pydantic does for the
    # sections of a course, break each other in Python 3.11 (gh-106905).
    import bowlby.courses.course  # noqa: F401

    about_signals = {(f.ablation,) for f in findings if f.area == "synchrony"} | {()}
    workers, total = Threads(), len(seeds) * len(findings)
    steps = {
        without: Steps(
            f"Without {without[0]}" if without else "Full model",
            total, on_progress, workers.stopping,
        )
        for without in stages
    }  # fmt: skip

    def values(job: tuple[tuple[str, ...], int]) -> dict[str, float]:
        without, seed = job
        step, emits = steps[without], without in about_signals
        samples = Samples(seed, without, kept, partial(step, 0), parameters, emits=emits)
        numbers = {}
        for finding in findings:
            with suppress(NoSignalsError):
                numbers[finding.slug] = computed(MEASURES[finding.slug], samples)
            step()
        return numbers

    jobs = [(without, seed) for without in stages for seed in seeds]
    rows = dict(zip(jobs, in_order(workers, values, jobs, stage=""), strict=True))
    return {
        without: {
            slug: estimate([rows[without, seed][slug] for seed in seeds])
            for slug in rows[without, seeds[0]]
        }
        for without in stages
    }


def breaks_others(
    findings: Sequence[Finding],
    full: Mapping[str, Estimate],
    ablated: Mapping[str, Estimate],
    name: str,
) -> bool:
    """Whether an ablation undoes most of what it was not held responsible for.

    Rows are told apart by mechanism, not by area: the rows of `coupling` stand in nearly all
    areas, so that no other area would be left to ask.
    """
    others = [
        f
        for f in findings
        if f.is_scored and f.ablation != name and f.slug in ablated and agrees(f, full[f.slug])
    ]
    kept = sum(agrees(finding, ablated[finding.slug]) for finding in others)
    return kept < 0.5 * len(others)


def _row(
    finding: Finding,
    found: Mapping[tuple[str, ...], Mapping[str, Estimate]],
    breaks: Sequence[str],
) -> Row:
    full = found[()].get(finding.slug)
    ablated = found.get((finding.ablation,), {}).get(finding.slug)
    if full is None:
        reason = REASONS.get(finding.slug, "no measure is registered under this name")
        return Row(finding, None, None, "not addressed", reason + ".")
    given = verdict(finding, full, ablated)
    reason = ""
    if given == "fitted":
        reason = "Sets a cut-off of the model; counts in no score."
    elif given == "explained" and finding.ablation in breaks:
        given = "compatible"
        reason = f"Without {finding.ablation} most other rows fail too, so it explains nothing."
    elif given == "missed" and not math.isfinite(full.mean):
        reason = "The statistic is not defined in some seeds."
    return Row(finding, full, ablated, given, reason)
