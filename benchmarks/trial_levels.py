"""How often does the analysis of a trial find what is not there, and what is?

    python benchmarks/trial_levels.py --out benchmarks/results [--only nested]

Outcomes are made with a known share of variance between therapists, with and without an effect,
and analysed as `bowlby trial` analyses its own. Each design is kept as JSON when it is done and not
run again. docs/how-to/trial.md quotes the file it writes.
"""

import argparse
import gc
import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from bowlby.courses.course import build_course
from bowlby.trials.allocation import allocate
from bowlby.trials.comparison import compare

CLIENTS, EFFECT, TRIALS = 60, 0.5, 400
THERAPISTS, ICCS = (2, 3, 5, 10), (0.0, 0.05, 0.1, 0.2)
TREATED = [{"name": "first", "protocol": "supportive"}, {"name": "second", "protocol": "cold"}]
WAITING = [TREATED[0], {"name": "second", "protocol": "waiting_list"}]
DESIGNS = {
    "nested": (TREATED, {}),
    "waiting_list": (WAITING, {}),
    "crossed": (TREATED, {"therapists": "crossed"}),
    "two_to_one": (TREATED, {"allocation": [2, 1]}),
    "therapists_randomised": (TREATED, {"randomisation": "therapists"}),
    "stepped_wedge": (TREATED, {"steps": 2}),
    "sequential": (
        TREATED,
        {
            "second_stage": {
                "session": 8,
                "options": {"first": ["supportive", "cold"], "second": ["cold", "supportive"]},
            }
        },
    ),
    "hypothetical": (WAITING, {"estimand": "hypothetical"}),
}


def clients(design, repetition, icc):
    """Clients of one trial without an effect."""
    rng = np.random.default_rng([repetition, round(100 * icc), 9])
    n = design.trial.clients_per_arm * sum(design.trial.allocation or (1, 1))
    where = allocate(design, {}, repetition=repetition)
    before = rng.normal(size=n)
    shared = np.append(np.sqrt(icc) * rng.normal(size=where.therapist.max() + 1), 0.0)
    trend = 0.3 * where.period
    after = (
        0.5 * before + shared[where.therapist] + np.sqrt(1.0 - icc) * rng.normal(size=n) + trend
    )
    arm = np.array(["first", "second"])[where.arm]
    responded = before > after  # Half of them, with what goes with the outcome.
    stage = design.trial.second_stage
    options = [stage.options[a][o] if o >= 0 and not r else ""
               for a, o, r in zip(arm, where.option, responded, strict=True)] if stage else ""  # fmt: skip
    leaves = (where.therapist >= 0) & (rng.random(n) < 0.3)
    return pd.DataFrame({
        "arm": arm, "option": options, "therapist": where.therapist,
        "site": where.site, "period": where.period, "pattern": "B", "anxiety": 0.0,
        "avoidance": 0.0, "internalising_before": before, "externalising_before": before,
        "internalising_after": after, "on_treatment": 0.7 * after + 0.5 * rng.normal(size=n),
        "exit_session": np.where(leaves, 3.0, np.nan),
    })  # fmt: skip


def cell(arms, trial, therapists, icc):
    """Share of trials with p < .05 without an effect and with one, and intervals that hold it."""
    design = build_course({"arms": arms, "trial": {
        "clients_per_arm": CLIENTS, "therapists_per_arm": therapists, "reference": "second",
    } | trial})  # fmt: skip
    rows = []
    for repetition in range(TRIALS):
        row = compare(design, clients(design, repetition, icc), "internalising_after")
        c = row["contrasts"][0]
        # An effect moves the estimate and nothing else, so one fit tells level and power.
        p = 2.0 * stats.t.sf(abs(c["difference"] - EFFECT) / c["error"], c["df"])
        rows.append((c["p"] < 0.05, p < 0.05, c["low"] <= 0.0 <= c["high"], row["icc"]["icc"]))
    level, power, held = (float(np.mean([r[i] for r in rows])) for i in range(3))
    return {"level": level, "power": power, "coverage": held}


def is_asked(name, therapists, icc):
    """All of the two usual designs and of crossed therapists, some of the others."""
    if name in ("nested", "waiting_list", "crossed"):
        return True
    if name == "hypothetical":  # Twenty imputations each.
        return (therapists, icc) == (5, 0.1)
    return therapists in (2, 5, 10) and icc in (0.0, 0.1)


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    asked.add_argument("--only", choices=DESIGNS)
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    gc.freeze()  # Correcting p-values collects garbage, among all that was imported.
    kept = given.out / "trial_levels.json"
    done = json.loads(kept.read_text()) if kept.exists() else {}
    for name, (arms, trial) in DESIGNS.items():
        if given.only not in (None, name):
            continue
        for therapists in THERAPISTS:
            for icc in ICCS:
                key = f"{name}/{therapists}/{icc:g}"
                if key in done or not is_asked(name, therapists, icc):
                    continue
                done[key] = cell(arms, trial, therapists, icc)
                kept.write_text(json.dumps(done, indent=1) + "\n")
                print(key, done[key], flush=True)


if __name__ == "__main__":
    main()
