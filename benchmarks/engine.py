"""How fast is the simulator, and does its cost grow linearly?

    python benchmarks/engine.py            writes benchmarks/engine.json (about three minutes)

One block of ticks on one core (median of 9), and whole courses on all cores, after one warm run.
"""

import json
import os
import resource
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.simulation import course as lives
from bowlby.simulation import encounter, simulate
from bowlby.simulation.specification import build_course

ARM = {"name": "a", "protocol": "supportive", "therapist": "skilled"}


def block(n, depth):
    """Microseconds per dyad and tick of one block of 50 ticks, and seconds of its first call."""
    content = build_course({"dyads": n, "arms": [ARM]})
    dyads = lives.effective(simulate.dyads_of(content, np.arange(n)))
    people = encounter.People(dyads.seeker, dyads.caregiver, dyads.switches)
    first = lives._strong(jnp.zeros((3, n)).at[0].set(1.0))
    experience = lives._strong(lives.new_experience(dyads.seeker, 3, n))
    pair = lives._strong(
        encounter.meet(
            first, experience, lives.new_body(n), lives.new_body(n), jnp.full(n, 0.3)
        )
    )
    totals, table = encounter.no_totals(n, 3), lives.contact_table()
    times = []
    for _ in range(10):
        started = time.perf_counter()
        jax.block_until_ready(
            encounter.care_block(
                pair, totals, dyads.keys, jnp.asarray(3), jnp.zeros(50), people, table,
                lives._setting(1.0, 1.0), depth=depth, keeps_ticks=False,
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


def main():
    found = {"cores": os.cpu_count(), "block": {}, "course": {}}
    for depth in (1, 2, 3):
        each, first = block(512, depth)
        found["block"][f"depth {depth}"] = {"us_per_dyad_tick": each, "first_call_s": first}
        print(
            f"depth {depth}: {each:.2f} us per dyad and tick; first call {first:.1f} s",
            flush=True,
        )
    course(1024, 2, 50)
    for dyads, sessions, ticks in (
        (1, 30, 300), (512, 10, 150), (1024, 10, 150), (2048, 10, 150),
        (1024, 20, 150), (1024, 10, 300), (1024, 30, 300),
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
