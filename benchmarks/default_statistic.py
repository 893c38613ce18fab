"""What does the default statistic cost beside the former one, and its short windows alone?

One hour at 25 Hz, 999 segment surrogates, processor seconds of one thread; then whole recordings
with 500 surrogates as a study measures them, lags and intervals included, and the peak memory.

    .venv/bin/python benchmarks/default_statistic.py
"""

import json
import os
import resource
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from one_dyad import RATE_HZ, hour

from bowlby import Settings
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.measuring import measure_pair
from bowlby.synchrony.segment_table import (
    Scale,
    block_averages,
    blocks_of,
    n_blocks,
    short_blocks,
)
from bowlby.synchrony.surrogates import SegmentPermutation
from bowlby.synchrony.windows import Windows, plan_windows


def seconds(x, y, blocks, orders, *, with_windows: bool) -> float:
    """Least processor time of five runs."""
    best = []
    for _ in range(5):
        start = time.process_time()
        block_averages(x, y, blocks, orders, Scale(), with_windows=with_windows)
        best.append(time.process_time() - start)
    return min(best)


def whole(x, y, surrogates: int) -> dict[str, float]:
    """Least processor time of three runs of each statistic, in turn."""
    pair = SignalPair("motion", "motion", x, y, RATE_HZ, 0.0, "", ("a", "b"))
    least = {"wcc_combined": np.inf, "wcc_peak": np.inf}
    for _ in range(3):
        for statistic in least:
            start = time.process_time()
            measure_pair(pair, Settings(surrogates=surrogates, statistic=statistic))
            least[statistic] = min(least[statistic], time.process_time() - start)
    return least


def main() -> None:
    """Measure and write the JSON that the docs quote."""
    x, y = hour(1), hour(2)
    plan = plan_windows(len(x), Windows(60, 30, 5), rate_hz=RATE_HZ)
    long = blocks_of(len(x), plan)
    short = short_blocks(len(x), plan, window_s=15, step_s=7.5, lag_step_s=0.2)
    rng = np.random.default_rng(1)
    orders = SegmentPermutation().orders(n_blocks(len(x), plan), 2, 999, rng=rng)
    for blocks in (long, short):
        block_averages(x, y, blocks, orders[:2], Scale())
    found = {
        "long_s": seconds(x, y, long, orders, with_windows=True),
        "short_s": seconds(x, y, short, orders, with_windows=False),
    }
    for surrogates in (999, 500):
        of = whole(x, y, surrogates)
        found[f"whole_{surrogates}_s"] = of["wcc_combined"]
        found[f"whole_{surrogates}_former_s"] = of["wcc_peak"]
        found[f"ratio_{surrogates}"] = of["wcc_combined"] / of["wcc_peak"]
    # Two processes of one thread each.
    found["fifty_dyads_500_s_on_two_cores"] = 25 * found["whole_500_s"]
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")
    print(found)


if __name__ == "__main__":
    main()
