"""Reduced runs: all findings from few dyads at a point of the parameters' space, kept.

A run is known by all that decides its numbers, so that a second call does only what is not
there yet.
"""

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.exceptions import RankWarning
from scipy.stats import qmc

from bowlby._types import FloatArray
from bowlby.evidence.measures import MEASURES
from bowlby.evidence.samples import SAMPLES, Samples
from bowlby.runs.fingerprint import fingerprint
from bowlby.runs.folder import beside
from bowlby.runs.kept import Kept, open_kept
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers
from bowlby.simulation.instruments import READOUTS

READ = {"families": "childhood", "grown": "adults", "clinic": "clinic"}
"""Samples whose mean readouts are logged beside the findings, and what they are called."""

PRIOR, REGION, CHECK = "prior", "region", "check"
"""Waves of runs."""

_UNDEFINED = (ValueError, TypeError, LookupError, AttributeError, ZeroDivisionError)
"""What a statistic raises where too few people of a small sample are of the kind it needs, or a
column is not there because reduced samples emit no signals; kept, and told in the end."""


@dataclass(frozen=True)
class Job:
    """A run.

    Attributes:
        wave: `prior`, `region` or `check`.
        label: What it is for; the number within the wave, or whose parameters are checked.
        seed: Seed of the simulation.
        dyads: Dyads of each sample.
        values: Parameters by dotted name.
        slugs: Findings to compute.
    """

    wave: str
    label: str
    seed: int
    dyads: int
    values: Mapping[str, float]
    slugs: tuple[str, ...]

    @property
    def key(self) -> str:
        """All that decides the numbers beside the code, in short."""
        content = {**asdict(self), "samples": SAMPLES}
        del content["wave"], content["label"]
        return f"run-{fingerprint(content)}"


def open_runs(out: Path) -> Kept:
    """The runs that are kept beside an output folder."""
    return open_kept(beside(out, "runs"), "calibration")


def design(count: int, dimensions: int, *, seed: int) -> FloatArray:
    """Points that fill the cube from -1 to 1: scrambled Sobol, of which more keep the first.

    Source:
        Owen (1998), Journal of Complexity 14, 466-489, as in scipy.stats.qmc.
    """
    sampler = qmc.Sobol(dimensions, scramble=True, bits=30, rng=np.random.default_rng(seed))
    return 2.0 * sampler.random_base2(max(0, math.ceil(math.log2(count))))[:count] - 1.0


def seed_of(seed: int, wave: str, number: int) -> int:
    """Seed of the run of this number: other people in every run, so that noise averages out."""
    content = [seed, (PRIOR, REGION, CHECK).index(wave), number]
    return int(np.random.SeedSequence(content).generate_state(1)[0] >> 1)


def run_one(job: Job) -> dict[str, Any]:
    """Simulate the samples at a job's parameters and compute its findings."""
    begun = time.monotonic()
    with TemporaryDirectory(prefix="bowlby-") as folder:
        samples = Samples(
            job.seed,
            (),
            Kept(Path(folder)),
            parameters=dict(job.values),
            dyads=job.dyads,
            emits=False,
        )
        statistics, undefined = _statistics(job.slugs, samples)
        readouts = mean_readouts(samples)
    return {
        "wave": job.wave, "label": job.label, "seed": job.seed,
        "dyads": job.dyads, "seconds": round(time.monotonic() - begun, 2),
        "parameters": dict(job.values), "statistics": statistics, "readouts": readouts,
        "undefined": undefined,
    }  # fmt: skip


def _statistics(
    slugs: Sequence[str], samples: Samples
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Values by slug, None where undefined; and why, where computing them failed."""
    statistics, undefined = {}, {}
    for slug in slugs:
        try:
            with warnings.catch_warnings():
                # Means of nobody come out undefined and are logged as that.
                warnings.simplefilter("ignore", RuntimeWarning)
                warnings.simplefilter("ignore", RankWarning)
                statistics[slug] = _finite(MEASURES[slug].compute(samples))
        except _UNDEFINED as error:
            statistics[slug], undefined[slug] = None, f"{type(error).__name__}: {error}"
    return statistics, undefined


def mean_readouts(samples: Samples) -> dict[str, float | None]:
    """Mean of each readout that is a number, by sample; of treated clients in the clinic."""
    means: dict[str, float | None] = {}
    for sample, name in READ.items():
        if sample not in SAMPLES:
            continue
        table = samples.readouts(sample)
        if "arm" in table and (table.arm == "treated").any():
            table = table[table.arm == "treated"]
        numbers = table[[c for c in table if c in READOUTS]].select_dtypes("number")
        means |= {f"{name}: {c}": _finite(numbers[c].mean()) for c in numbers}
    return means


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def run_all(
    jobs: Sequence[Job],
    kept: Kept,
    *,
    workers: Workers,
    stage: str,
    on_progress: Progress = silent,
) -> list[dict[str, Any]]:
    """What came of the jobs, in their order; those that are not kept yet are run."""
    rows = kept.all(
        run_one, [job.key for job in jobs], jobs.__getitem__, workers=workers, stage=stage,
        on_progress=on_progress,
    )  # fmt: skip
    # The same run may serve several waves.
    return [
        row | {"wave": job.wave, "label": job.label}
        for job, row in zip(jobs, rows, strict=True)
    ]
