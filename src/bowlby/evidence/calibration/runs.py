"""Reduced runs: all findings from few dyads at a point of the parameters' space, logged.

Every run is a row of JSON in a log that is only ever added to. A run is known by all that
decides its numbers, so that a second call does only what is not there yet.
"""

import json
import math
import os
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.exceptions import RankWarning
from scipy.stats import qmc

from bowlby._types import FloatArray
from bowlby.evidence.measures import MEASURES
from bowlby.evidence.samples import SAMPLES, Samples
from bowlby.simulation.instruments import READOUTS
from bowlby.trials.executors import Executor

READ = {"families": "childhood", "grown": "adults", "clinic": "clinic"}
"""Samples whose mean readouts are logged beside the findings, and what they are called."""

PRIOR, REGION, CHECK = "prior", "region", "check"
"""Waves of runs."""

CODE = (
    "bowlby.agents", "bowlby.evidence.measures", "bowlby.maths", "bowlby.theory",
    "bowlby.simulation",
)  # fmt: skip
"""Packages whose code decides the numbers of a run, beside the samples."""

_UNDEFINED = (ValueError, TypeError, LookupError, AttributeError, ZeroDivisionError)
"""What a statistic raises where too few people of a small sample are of the kind it needs, or a
column is not there because reduced samples emit no signals; logged, and told in the end."""


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
        """All that decides the numbers, in short."""
        content = {**asdict(self), "code": code_mark(), "samples": _plain(SAMPLES)}
        del content["wave"], content["label"]
        return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _plain(content: Any) -> Any:
    """Read-only mappings as dictionaries, which JSON knows."""
    if isinstance(content, Mapping):
        return {key: _plain(value) for key, value in content.items()}
    return content


@cache
def code_mark() -> str:
    """Mark of the code that decides a run's numbers: a changed model is never mixed in."""
    mark = sha256()
    for package in CODE:
        for path in sorted(Path(str(files(package))).rglob("*.py")):
            mark.update(path.read_bytes())
    return mark.hexdigest()


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
    """Simulate the samples at a job's parameters and compute its findings; a row of the log."""
    begun = time.monotonic()
    with TemporaryDirectory(prefix="bowlby-") as folder:
        samples = Samples(
            job.seed,
            (),
            Path(folder),
            parameters=dict(job.values),
            dyads=job.dyads,
            emits=False,
        )
        statistics, undefined = _statistics(job.slugs, samples)
        readouts = mean_readouts(samples)
    return {
        "key": job.key, "wave": job.wave, "label": job.label, "seed": job.seed,
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


def read_log(path: Path) -> dict[str, dict[str, Any]]:
    """Rows of a log by key; a last line that an interruption cut short is left out."""
    if not path.exists():
        return {}
    rows = {}
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            row = json.loads(line)
            rows[row["key"]] = row
    return rows


def run_all(
    jobs: Sequence[Job],
    log: Path,
    *,
    executor: Executor,
    on_done: Callable[[int, int], None] = lambda *_: None,
) -> list[dict[str, Any]]:
    """Rows of the jobs, in their order; those not in the log are run and added to it."""
    rows = read_log(log)
    missing = [job for job in jobs if job.key not in rows]
    done = len(jobs) - len(missing)
    on_done(done, len(jobs))
    for row in _logged(executor.run(run_one, missing), log):
        rows[row["key"]] = row
        done += 1
        on_done(done, len(jobs))
    return [rows[job.key] | {"wave": job.wave, "label": job.label} for job in jobs]


def _logged(results: Iterable[tuple[int, dict[str, Any]]], log: Path):
    """Pass rows on once they are safe on disk."""
    log.parent.mkdir(parents=True, exist_ok=True)
    _end_cut_line(log)
    with log.open("a", encoding="utf-8") as file:
        for _, row in results:
            file.write(json.dumps(row, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
            yield row


def _end_cut_line(log: Path) -> None:
    """Drop what an interruption left of a last line."""
    if log.exists():
        whole = log.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            os.truncate(log, end)
