"""A virtual trial on 1, 2 and 4 Dask workers, and on paper the cost of millions of courses.

    python benchmarks/scaling.py           writes benchmarks/scaling.json (about ten minutes)

Each worker is a process of one thread on this machine. Every number of workers does the same
trial twice: the first time its processes compile, the second is measured, with other people
(another seed), so that nothing is read back. The efficiency is t(1) / (workers x t(workers)): more
workers than cores cannot help.
"""

import json
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import LocalCluster

from bowlby.courses.course import build_course
from bowlby.runs.kept import Kept
from bowlby.runs.workers import Dask
from bowlby.trials.simulating import simulate_trial

WORKERS = (1, 2, 4)
CLIENTS_PER_ARM = 128
SESSIONS = 30


def design(seed):
    """Four arms of thirty sessions."""
    arms = [
        {"protocol": "attachment_informed"},
        {"protocol": "supportive"},
        {"protocol": "interpretation_only"},
        {"protocol": "waiting_list"},
    ]
    return build_course(
        {
            "seed": seed, "arms": arms, "trial": {"clients_per_arm": CLIENTS_PER_ARM},
            "therapy": {"sessions": SESSIONS, "ticks": 100}, "life": {"ticks": 50},
        }
    )  # fmt: skip


def seconds(workers):
    """Duration of the measured trial (s)."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None,
        host="127.0.0.1",
    ) as cluster:  # fmt: skip
        workers = Dask(cluster.scheduler_address)
        for seed in (1, 2):
            with TemporaryDirectory() as folder:
                begun = time.perf_counter()
                simulate_trial(design(seed), workers, Kept(Path(folder)))
                took = time.perf_counter() - begun
    return took


def main():
    """Measure and write."""
    os.environ |= {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1"}
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(Path.home() / ".cache" / "bowlby" / "jax")
    took = {workers: seconds(workers) for workers in WORKERS}
    courses = 4 * CLIENTS_PER_ARM
    core_seconds = took[1] / courses
    found = {
        "cores": os.cpu_count(),
        "courses": courses,
        "sessions": SESSIONS,
        "seconds": {str(w): round(t, 1) for w, t in took.items()},
        "efficiency": {str(w): round(took[1] / (w * t), 2) for w, t in took.items()},
        "core_seconds_per_course": round(core_seconds, 4),
        "core_hours": {f"1e{p}": round(core_seconds * 10**p / 3600.0, 1) for p in (6, 9)},
    }
    print(json.dumps(found, indent=1))
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
