"""How long do 50 one-hour dyads with 500 surrogates each take, with how much memory?

Segment permutations from the table of block products, two processes of one thread each; then
the same multiplications alone (matrix products of that size), the price of gaps, and how time
grows with dyads, surrogates, length and number of signals.

    .venv/bin/python benchmarks/many_surrogates.py
"""

import argparse
import json
import os
import platform
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from one_dyad import RATE_HZ, hour

from bowlby.synchrony.segment_table import Scale, n_blocks, null_averages
from bowlby.synchrony.surrogates import SegmentPermutation
from bowlby.synchrony.windows import Windows, plan_windows

WINDOWS = Windows(60, 30, 5)


def run(job: tuple[int, float, int, bool]) -> tuple[float, int]:
    """Seconds of all surrogates of one dyad, and the process's peak memory (kB)."""
    seed, minutes, surrogates, has_gap = job
    x, y = hour(seed, minutes), hour(seed + 1000, minutes)
    if has_gap:
        y[2000:4000] = np.nan
    plan = plan_windows(len(x), WINDOWS, rate_hz=RATE_HZ)
    rng = np.random.default_rng(seed)
    orders = SegmentPermutation().orders(n_blocks(len(x), plan), 2, surrogates, rng=rng)
    start = time.perf_counter()
    null_averages(x, y, plan, orders, Scale())
    seconds = time.perf_counter() - start
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def multiplications_alone(job: tuple[int, float]) -> float:
    """Seconds of the matrix products of one dyad, nothing else."""
    seed, minutes = job
    x, y = hour(seed, minutes), hour(seed + 1000, minutes)
    plan = plan_windows(len(x), WINDOWS, rate_hz=RATE_HZ)
    count = n_blocks(len(x), plan)
    start = time.perf_counter()
    for k in plan.lags:
        a, b = max(-k, 0), max(k, 0)
        size = count * plan.block
        x[a : a + size].reshape(count, -1) @ y[b : b + size].reshape(count, -1).T
    return time.perf_counter() - start


def main() -> None:
    """Measure and write the JSON that the docs quote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dyads", type=int, default=50)
    parser.add_argument("--surrogates", type=int, default=500)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    args = parser.parse_args()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(run, [(s, 5.0, 2, gap) for s in range(4) for gap in (False, True)]))
        start = time.perf_counter()
        done = list(
            pool.map(run, [(s, 60.0, args.surrogates, False) for s in range(args.dyads)])
        )
        wall = time.perf_counter() - start
        products = list(pool.map(multiplications_alone, [(s, 60.0) for s in range(8)]))
        gaps = list(pool.map(run, [(s, 60.0, args.surrogates, True) for s in range(8)]))
        curve = {
            "dyads": {n: _wall(pool, [(s, 20.0, 200, False) for s in range(n)])
                      for n in (4, 16, 64)},
            "surrogates": {n: _wall(pool, [(s, 60.0, n, False) for s in range(4)])
                           for n in (100, 1000, 4000)},
            "minutes": {m: _wall(pool, [(s, m, 500, False) for s in range(4)])
                        for m in (30.0, 60.0, 120.0, 240.0)},
            "signals": {n: _wall(pool, [(s, 60.0, 500, False) for s in range(n)])
                        for n in (4, 16, 64)},
        }  # fmt: skip
    own = float(np.median([s for s, _ in done]))
    result = {
        "question": __doc__.splitlines()[0],
        "dyads": args.dyads,
        "surrogates": args.surrogates,
        "wall_s": wall,
        "surrogates_s_per_dyad": own,
        "multiplications_s_per_dyad": float(np.median(products)),
        "share_that_is_multiplication": float(np.median(products)) / own,
        "gap_factor": float(np.median([s for s, _ in gaps])) / own,
        "peak_memory_mb_of_a_process": max(kb for _, kb in done) / 1024,
        "curve_s": curve,
        "cores": 2,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _wall(pool: ProcessPoolExecutor, jobs: list) -> float:
    start = time.perf_counter()
    list(pool.map(run, jobs))
    return round(time.perf_counter() - start, 3)


if __name__ == "__main__":
    main()
