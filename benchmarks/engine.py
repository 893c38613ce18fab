"""How fast is the simulator, and does its cost grow linearly?

    python benchmarks/engine.py            writes benchmarks/engine.json (about five minutes)
    python benchmarks/engine.py --full     and runs 10,000 dyads x 30 sessions x 300 ticks

One block of ticks (median of 9); a single course in fresh processes, its first and later calls
apart, without and with the compiled programs of an earlier process; whole courses on all cores,
after one warm run. Childhood and life between sessions are part of every course.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.course import build_course
from bowlby.simulation import encounter, simulate
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.company.caregiver import CAREGIVER, at_home
from bowlby.simulation.dyad import Pace, People, new_body, new_experience
from bowlby.simulation.observables import zero_sums
from bowlby.simulation.tick import meet
from bowlby.theory import Theory

ARM = {"name": "a", "protocol": "supportive", "therapist": "skilled"}


def block(n, depth):
    """Microseconds per dyad and tick of one block of 50 ticks, and seconds of its first call."""
    content = build_course({"dyads": n, "arms": [ARM]})
    dyads = dyads_of(content, np.arange(n), Theory())
    theory = dyads.world.theory
    people = People(dyads.seeker, dyads.caregiver, dyads.world)
    first = jnp.zeros((3, n)).at[0].set(1.0)
    experience = new_experience(theory, dyads.seeker, 3, n)
    body = new_body(theory, n)
    pair = meet(first, experience, body, body, jnp.full(n, 0.3), theory)
    pair = jax.tree.map(lambda leaf: jnp.array(leaf, jnp.float32), pair)
    sums, ordinary = zero_sums(n, theory), at_home(1.0, 1.0)
    times = []
    for _ in range(10):
        started = time.perf_counter()
        jax.block_until_ready(
            encounter.block(
                pair, sums, dyads.keys, jnp.asarray(3), jnp.zeros(50), people, ordinary,
                figure=CAREGIVER, pace=Pace(depth=depth), keeps_ticks=False,
            )
        )  # fmt: skip
        times.append(time.perf_counter() - started)
    return 1e6 * float(np.median(times[1:])) / n / 50, times[0]


def course(dyads, sessions, ticks):
    """Seconds and dyad-ticks per second of a whole course, life and childhood included."""
    content = {
        "dyads": dyads, "arms": [ARM], "keep": "readouts",
        "therapy": {"sessions": sessions, "ticks": ticks, "may_leave": False},
    }  # fmt: skip
    made = build_course(content)
    started = time.perf_counter()
    simulate.simulate(made)
    seconds = time.perf_counter() - started
    weeks = 12 + sessions + 10
    return seconds, dyads * (3000 + sessions * ticks + weeks * 100) / seconds


def single(cache):
    """Seconds of the calls of a single course (30 sessions of 300 ticks) in this process."""
    jax.config.update("jax_compilation_cache_dir", cache)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
    return [course(1, 30, 300)[0] for _ in range(4)]


def single_course():
    """First and later calls of a single course, in a process without and one with a cache."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, __file__, "--single", cache]
        without, with_cache = (
            json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            for _ in range(2)
        )
    return {
        "first_call_s": without[0],
        "first_call_programs_cached_s": with_cache[0],
        "later_call_s": float(np.median(without[1:] + with_cache[1:])),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true", help="also 10,000 x 30 x 300")
    parser.add_argument("--single", metavar="CACHE", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.single:
        print(json.dumps(single(asked.single)))
        return
    found = {"cores": os.cpu_count(), "block": {}, "course": {}}
    for depth in (1, 2, 3):
        each, first = block(512, depth)
        found["block"][f"depth {depth}"] = {"us_per_dyad_tick": each, "first_call_s": first}
        print(
            f"depth {depth}: {each:.2f} us per dyad and tick; first call {first:.1f} s",
            flush=True,
        )
    found["single_course"] = single_course()
    print(
        "single course: "
        + ", ".join(f"{name} {value:.1f}" for name, value in found["single_course"].items()),
        flush=True,
    )
    course(1024, 2, 50)
    for dyads, sessions, ticks in (
        (512, 10, 150), (1024, 10, 150), (2048, 10, 150),
        (1024, 20, 150), (1024, 10, 300), (1024, 30, 300), *[(10_000, 30, 300)] * asked.full,
    ):  # fmt: skip
        seconds, rate = course(dyads, sessions, ticks)
        name = f"{dyads} dyads, {sessions} sessions of {ticks} ticks"
        found["course"][name] = {"seconds": seconds, "dyad_ticks_per_second": rate}
        print(f"{name}: {seconds:.1f} s, {rate:,.0f} dyad-ticks/s", flush=True)
    found["peak_gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {found['peak_gb']:.2f} GB")
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
