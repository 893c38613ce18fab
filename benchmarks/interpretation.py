"""What does interpretation add to support by the same skilled therapist?

    python benchmarks/interpretation.py    writes benchmarks/interpretation.json (two minutes)

Standardised differences (positive: better, or less of the old model, with interpretation), means
and standard deviations over three seeds of 256 clients.
"""

import json
from pathlib import Path

import numpy as np

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate

ARMS = {
    "exploring": "attachment_informed",
    "supportive": "supportive",
    "waiting": "waiting_list",
}


def differences(seed):
    """Variable and pattern to the standardised difference of support and exploration."""
    arms = [{"name": k, "protocol": p, "therapist": "skilled"} for k, p in ARMS.items()]
    content = {
        "dyads": 256, "seed": seed, "arms": arms, "caseload": 1, "childhood": {"ticks": 250},
        "therapy": {"sessions": 24, "ticks": 150, "may_leave": False},
        "life": {"waiting_weeks": 8, "follow_up_weeks": 16, "stress": {"30": 3.0, "31": 3.0}},
    }  # fmt: skip
    tree = simulate(build_course(content))
    seen, lived = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    by = {name: np.flatnonzero(seen.arm.to_numpy() == name) for name in ARMS}
    week, symptoms = lived.week.to_numpy(), lived.symptoms.to_numpy()
    late = week >= 34
    values = {
        "symptoms, end": np.nanmean(symptoms[:, (week >= 20) & (week < 24)], 1),
        "symptoms, under stress": np.nanmean(symptoms[:, (week >= 30) & (week < 32)], 1),
        "symptoms, 16 weeks later": np.nanmean(symptoms[:, late], 1),
        "old model in life, 16 weeks later": lived.life_model_belief.to_numpy()[
            :, late, 0
        ].mean(1),
        "old model's share of memory": lived.old_share.to_numpy()[:, -1],
    }
    pattern = seen.pattern.to_numpy()[by["exploring"]]
    found = {}
    for name, value in values.items():
        for kind in "ABCD":
            among = pattern == kind
            with_, without = (value[by[arm]][among] for arm in ("exploring", "supportive"))
            spread = np.sqrt(0.5 * (with_.var() + without.var()) + 1e-9)
            found[f"{name}, {kind}"] = float((without - with_).mean() / spread)
    return found


def main():
    runs = [differences(seed) for seed in (21, 22, 23)]
    table = {
        name: {"mean": float(np.mean(v)), "sd": float(np.std(v, ddof=1))}
        for name in runs[0]
        for v in [[run[name] for run in runs]]
    }
    for name, value in table.items():
        print(f"{name:<42}{value['mean']:7.2f} (SD {value['sd']:.2f})")
    Path(__file__).with_suffix(".json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
