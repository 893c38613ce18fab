"""Which claims does the full model show, and which do they lose without the named mechanism?

    python benchmarks/claims.py            writes benchmarks/claims.json (six minutes or more an ablation)

Every claim is a number per seed; the interval is over seeds (mean +- 2.78 standard errors for five).
The same clients, with the same random numbers, take part in every arm.
"""

import json
import sys
import time
from pathlib import Path

import jax
import numpy as np

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate

SEEDS = (11, 12, 13, 14, 15)
DYADS = 160
ARMS = {
    "skilled": ("attachment_informed", "skilled"),
    "clumsy": ("attachment_informed", "clumsy"),
    "supportive": ("supportive", "skilled"),
    "cold": ("cold", "average"),
    "looming": ("looming", "average"),
    "waiting": ("waiting_list", "average"),
    "mixed": ("attachment_informed", "population"),
}
ABLATIONS = (
    (), ("borrowed_brain",), ("arousal_gate",), ("oxytocin",), ("perceived_stance",), ("repair",),
    ("several_models",), ("reinstatement",), ("plasticity",), ("stress_axis",),
)  # fmt: skip


def run(seed, ablate):
    """The course of every arm."""
    arms = [{"name": k, "protocol": p, "therapist": t} for k, (p, t) in ARMS.items()]
    content = {
        "dyads": DYADS, "seed": seed, "ablate": list(ablate), "arms": arms, "caseload": 1,
        "childhood": {"ticks": 250}, "therapy": {"sessions": 24, "ticks": 150, "may_leave": False},
        "life": {"waiting_weeks": 8, "follow_up_weeks": 8, "stress": {"28": 3.0}},
    }  # fmt: skip
    return simulate(build_course(content))


def claims(tree):
    """Claim to its number in one run."""
    seen, course = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    by = {k: np.flatnonzero(seen.arm.to_numpy() == k) for k in ARMS}
    week = course.week.to_numpy()
    symptoms = course.symptoms.to_numpy()
    before = np.nanmean(symptoms[:, (week >= -4) & (week < 0)], 1)
    end = np.nanmean(symptoms[:, (week >= 20) & (week < 24)], 1)
    later = np.nanmean(symptoms[:, week >= 29], 1)
    pattern = seen.pattern.to_numpy()[by["skilled"]]
    needs = (pattern != "B") | (before[by["skilled"]] > 0.3)

    def d(worse, better, value=end, among=needs):
        a, b = value[by[worse]][among], value[by[better]][among]
        return float((a - b).mean() / np.sqrt(0.5 * (a.var() + b.var()) + 1e-9))

    found = {
        f"skilled over clumsy, {p}": d("clumsy", "skilled", among=pattern == p) for p in "ABCD"
    }
    found |= {
        "skilled over clumsy": d("clumsy", "skilled"),
        "skilled over waiting": d("waiting", "skilled"),
        "waiting over cold": d("cold", "waiting"),
        "waiting over looming": d("looming", "waiting"),
        "exploring over supportive, end": d("supportive", "skilled"),
        "exploring over supportive, after stress": d("supportive", "skilled", later),
    }
    ruptures = seen.ruptures.to_numpy()
    found["ruptures: clumsy minus skilled"] = float(
        np.nanmean(ruptures[by["clumsy"]]) - np.nanmean(ruptures[by["skilled"]])
    )
    in_rupture = np.nanmean(course.ruptured_contact.where(course.ruptured_share > 0.02))
    found["contact in ruptures minus usual"] = float(
        in_rupture - np.nanmean(course.contact.where(course.session > 0))
    )
    mixed = by["mixed"]
    alliance = seen.alliance_client.to_numpy()[mixed]
    found["alliance with outcome, given symptoms before"] = partial(
        alliance,
        -seen.internalising_after.to_numpy()[mixed],
        seen.internalising_before.to_numpy()[mixed],
    )
    trust = seen.therapist_mentalising.to_numpy()[mixed]
    found["therapist's mentalising with outcome"] = partial(trust, -end[mixed], before[mixed])
    window = course.isel(dyad=by["skilled"][pattern == "A"])
    session = window.session.to_numpy() > 0
    rate = window.learning_rate.to_numpy()[:, session]
    found["plasticity: peak over end, avoidant"] = float(
        np.median(rate.max(1) / rate[:, -3:].mean(1))
    )
    surprise = (window.free_energy_self + window.free_energy_other).to_numpy()[:, session]
    found["fall of surprise, avoidant"] = float(
        np.nanmean(surprise[:, :3]) - np.nanmean(surprise[:, -3:])
    )
    own = seen.caregiver_contingency.to_numpy()[mixed]
    found["caregiver's contingency with security"] = float(
        np.corrcoef(own, pattern == "B")[0, 1]
    )
    found["agency: secure minus insecure"] = float(
        seen.controllability.to_numpy()[mixed][pattern == "B"].mean()
        - seen.controllability.to_numpy()[mixed][pattern != "B"].mean()
    )
    found["models in use: after therapy minus waiting"] = float(
        seen.complexity.to_numpy()[by["skilled"]].mean()
        - seen.complexity.to_numpy()[by["waiting"]].mean()
    )
    return found


def partial(x, y, given):
    """Correlation of x and y after both are regressed on a third."""
    rest = [v - np.polyval(np.polyfit(given, v, 1), given) for v in (x, y)]
    return float(np.corrcoef(*rest)[0, 1])


def main():
    jax.config.update(
        "jax_compilation_cache_dir", str(Path.home() / ".cache" / "bowlby" / "jax")
    )
    table = {}
    for ablate in ABLATIONS[: int(sys.argv[1]) if len(sys.argv) > 1 else None]:
        started = time.time()
        runs = [claims(run(seed, ablate)) for seed in SEEDS]
        name = "full" if not ablate else "without " + ", ".join(ablate)
        table[name] = {
            claim: {
                "mean": round(float(np.mean(values)), 4),
                "half_width": round(
                    float(2.776 * np.std(values, ddof=1) / len(values) ** 0.5), 4
                ),
            }
            for claim in runs[0]
            for values in [[r[claim] for r in runs]]
        }
        print(name, round(time.time() - started), "s", flush=True)
        for claim, found in table[name].items():
            print(
                f"  {claim:<48} {found['mean']:8.3f} +- {found['half_width']:.3f}", flush=True
            )
        out = {"seeds": SEEDS, "dyads": DYADS, "claims": table}
        Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
