"""How much faster is one hour of windowed correlation than a loop of numpy.corrcoef?

Both in one process, in turn; medians and ranges over rounds. Same windows, lags and numbers.

    .venv/bin/python benchmarks/one_dyad.py --rounds 7
"""

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np

from bowlby.recordings.emit import motion_energy
from bowlby.recordings.emit.states import bursting, latent_state
from bowlby.synchrony.lagged_correlation import lagged_correlation
from bowlby.synchrony.windows import Windows, plan_windows

RATE_HZ = 25.0


def hour(seed: int, minutes: float = 60.0) -> np.ndarray:
    """Simulated motion energy of one person."""
    rng = np.random.default_rng(seed)
    state = latent_state(minutes * 60, RATE_HZ, rng=rng, spectrum=bursting())
    return motion_energy(state, rate_hz=RATE_HZ, rng=rng).values.copy()


def corrcoef_loop(x: np.ndarray, y: np.ndarray, plan) -> np.ndarray:
    """The peer: one numpy.corrcoef per window and lag."""
    r = np.empty((len(plan.starts), len(plan.lags)))
    for w, s in enumerate(plan.starts):
        for j, k in enumerate(plan.lags):
            a, b = s + max(-k, 0), s + max(k, 0)
            r[w, j] = np.corrcoef(x[a : a + plan.length], y[b : b + plan.length])[0, 1]
    return r


def timed(function, *args) -> tuple[float, np.ndarray]:
    """Seconds and result of one call."""
    start = time.perf_counter()
    result = function(*args)
    return time.perf_counter() - start, result


def main() -> None:
    """Measure and write the JSON that the docs quote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    args = parser.parse_args()
    x, y = hour(1), hour(2)
    gappy = y.copy()
    gappy[20000:24000] = np.nan
    plan = plan_windows(len(x), Windows(60, 30, 5), rate_hz=RATE_HZ)
    for signal in (y, gappy):
        lagged_correlation(x, signal, plan)
    loop, ours, gaps = [], [], []
    for _ in range(args.rounds):
        seconds, expected = timed(corrcoef_loop, x, y, plan)
        loop.append(seconds)
        # Five calls: one alone is as short as the clock's noise.
        best = [timed(lagged_correlation, x, y, plan) for _ in range(5)]
        ours.append(float(np.median([s for s, _ in best])))
        difference = float(np.nanmax(np.abs(best[0][1].r - expected)))
        best = [timed(lagged_correlation, x, gappy, plan) for _ in range(5)]
        gaps.append(float(np.median([s for s, _ in best])))
    ratio = np.array(loop) / np.array(ours)
    result = {
        "question": __doc__.splitlines()[0],
        "windows_by_lags": [len(plan.starts), len(plan.lags)],
        "rounds": args.rounds,
        "loop_s": [min(loop), float(np.median(loop)), max(loop)],
        "bowlby_s": [min(ours), float(np.median(ours)), max(ours)],
        "times_faster": [float(ratio.min()), float(np.median(ratio)), float(ratio.max())],
        "gap_factor": float(np.median(np.array(gaps) / np.array(ours))),
        "largest_difference": difference,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
