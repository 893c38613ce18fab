"""Model 2 in figures: the same people in eight arms, and what comes of it.

    python benchmarks/population.py                      five seeds; writes benchmarks/population.json
    python benchmarks/population.py --seeds 21 --ablate hope --set theory.rupture.remembered=0

Childhood, the years between, ten weeks of waiting, twenty sessions, eight weeks after (stress x 3 in the
fourth). Symptoms are in standard deviations of the untreated of the same run, with an error of .4;
clients are the most distressed third. Cut-offs of the Strange Situation are those of the package.
"""

import argparse
import json
import time
from pathlib import Path

import jax
import numpy as np

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate

SEEDS = (21, 22, 23, 24, 25)
T_QUANTILE = 2.776  # Five seeds, 95 %.
WAITING, SESSIONS, AFTER = 10, 20, 8
ARMS = {
    "waiting": ("waiting_list", "average"),
    "average": ("attachment_informed", "population"),
    "skilled": ("attachment_informed", "skilled"),
    "clumsy": ("attachment_informed", "clumsy"),
    "looming": ("looming", "average"),
    "cold": ("cold", "average"),
    "support": ("supportive", "skilled"),
    "unready": ("interpretation_only", "skilled"),
}
ERROR = 0.4


def d(x, y):
    """Standardised mean difference."""
    return float((x.mean() - y.mean()) / np.sqrt(0.5 * (x.var(ddof=1) + y.var(ddof=1))))


def r(x, y):
    """Correlation where both are known."""
    ok = np.isfinite(x) & np.isfinite(y)
    if ok.sum() < 4 or np.std(x[ok]) == 0.0 or np.std(y[ok]) == 0.0:
        return float("nan")
    return float(np.corrcoef(x[ok], y[ok])[0, 1])


def residual(y, x):
    """What x does not explain of y."""
    return y - np.polyval(np.polyfit(x, y, 1), x)


def content(people, seed, ablate, changes, arms, **therapy):
    """A course of these arms."""
    course = {
        "dyads": people, "seed": seed, "ablate": list(ablate), "caseload": 4,
        "arms": [{"name": a, "protocol": ARMS[a][0], "therapist": ARMS[a][1]} for a in arms],
        "childhood": {"ticks": 250},
        "therapy": {"sessions": SESSIONS, "ticks": 100, "may_leave": False, "switch_session": 11}
        | therapy,
        "life": {"ticks": 50, "waiting_weeks": WAITING, "follow_up_weeks": AFTER,
                 "stress": {str(SESSIONS + 3): 3.0}},
        "instruments": ["laboratory"],
    }  # fmt: skip
    return build_course(course, changes=changes)


class Arm:
    """One arm's weeks (week, person) and readouts."""

    def __init__(self, tree, name):
        read, weeks = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
        arms = read.arm.to_numpy()
        where = np.flatnonzero(arms == name) if arms.ndim else np.arange(read.sizes["dyad"])
        self._read, self._weeks = read.isel(dyad=where), weeks.isel(dyad=where)
        self._life = np.flatnonzero(np.isfinite(self._weeks.week.to_numpy()))
        self._sessions = np.flatnonzero(self._weeks.session.to_numpy() > 0)

    def read(self, name):
        """A readout of each person."""
        return self._read[name].to_numpy()

    def life(self, name):
        """A variable in each week of adult life."""
        return np.moveaxis(self._weeks[name].isel(encounter=self._life).to_numpy(), 1, 0)

    def session(self, name):
        """A variable in each session."""
        return np.moveaxis(self._weeks[name].isel(encounter=self._sessions).to_numpy(), 1, 0)


def run(people, seed, ablate=(), changes=None):
    """Every number of one seed."""
    began = time.time()
    tree = simulate(content(people, seed, ablate, changes, ARMS))
    arms = {name: Arm(tree, name) for name in ARMS}
    faltering = simulate(content(people, seed, ablate, changes, ["skilled"], falters=True))
    arms["falter"] = Arm(faltering, "skilled")
    found = numbers(arms, people, seed)
    return found | {"seconds": time.time() - began}


def symptoms(arms):
    """Latent symptoms of each arm (week, person), in SD of the untreated."""
    waiting = arms["waiting"]
    span = slice(WAITING, WAITING + SESSIONS)
    ref = {n: waiting.life(n)[span] for n in ("life_distress", "life_value")}

    def score(arm):
        parts = [(arm.life(n) - v.mean()) / v.mean(0).std() for n, v in ref.items()]
        return 0.5 * parts[0] + 0.5 * parts[1]

    scale = score(waiting)[span].mean(0).std()
    return {name: score(arm) / scale for name, arm in arms.items()}


def numbers(arms, n, seed):
    """What comes of it."""
    rng = np.random.default_rng(seed)
    error = rng.normal(size=(12, n))
    s = symptoms(arms)
    waiting = arms["waiting"]
    pattern = waiting.read("pattern")
    before = s["waiting"][WAITING - 4 : WAITING].mean(0) + ERROR * error[0]
    end = {
        k: v[WAITING + SESSIONS - 4 : WAITING + SESSIONS].mean(0) + ERROR * error[1]
        for k, v in s.items()
    }
    late = {k: v[-4:].mean(0) + ERROR * error[2] for k, v in s.items()}
    ill = before > np.quantile(before, 2 / 3)
    insecure, healthy = pattern != "B", before[~ill].mean()
    both = ill & insecure

    def g(better, worse, who=ill, x=end):
        return d(x[worse][who], x[better][who])

    out = {f"share_{p}": float((pattern == p).mean()) for p in "ABCD"}
    out |= {
        "average over waiting, g": g("average", "waiting"),
        "skilled over waiting, g": g("skilled", "waiting"),
        "skilled over waiting, eight weeks later, g": g("skilled", "waiting", ill, late),
        "skilled over clumsy, g": g("skilled", "clumsy"),
        "looming: harm against waiting, g": -g("looming", "waiting"),
        "cold: harm against waiting, g": -g("cold", "waiting"),
        "support over waiting, g": g("support", "waiting"),
        "support over waiting, eight weeks later, g": g("support", "waiting", ill, late),
        "revision over reassurance, g": g("skilled", "support"),
        "revision over reassurance, eight weeks later, g": g("skilled", "support", ill, late),
        "skilled over interpretation only, g": g("skilled", "unready"),
        "interpretation only: harm against waiting, insecure, g": -g(
            "unready", "waiting", both
        ),
    }
    for p in "ABCD":
        who = pattern == p
        out[f"skilled over clumsy in {p}, g"] = (
            g("skilled", "clumsy", who) if who.sum() > 5 else np.nan
        )

    def gone(arm, share):
        fallen = before[ill] - end[arm][ill]
        return float((fallen > share * (before[ill] - healthy)).mean())

    out |= {
        "response of waiting, half": gone("waiting", 0.5),
        "response of waiting, three quarters": gone("waiting", 0.75),
        "response of treated, half": gone("average", 0.5),
    }
    out |= of_sessions(arms, n, before, end, insecure, both, ill)
    out |= of_lives(arms, s, error, pattern, before, insecure)
    return out


def of_sessions(arms, n, before, end, insecure, both, ill):
    """Alliance, ruptures, order of acceptance and interpretation, therapists, learning."""
    average, skilled = arms["average"], arms["skilled"]
    gain = -residual(end["average"], before)
    alliance = average.read("alliance_client")
    out = {
        "alliance with gain, r": r(alliance, gain),
        "alliance with gain, clients, r": r(alliance[ill], gain[ill]),
        "therapist's mentalising with gain, r": r(average.read("therapist_mentalising"), gain),
        "ruptures a session": float(average.session("ruptures").mean()),
    }
    several = ("skilled", "average", "clumsy")
    share, trust, safety, gains = [], [], [], []
    for name in several:
        arm = arms[name]
        began, mended = arm.session("ruptures").sum(0), arm.session("repairs").sum(0)
        share.append(np.where(began > 0, mended / np.maximum(began, 1), np.nan))
        t, f = arm.session("trust"), arm.session("safety")
        trust.append(residual(t[-3:].mean(0), t[:3].mean(0)))
        safety.append(residual(f[-1], f[2]))
        gains.append(-residual(end[name], before))
    share = np.concatenate(share)
    out |= {
        "repaired share": float(np.nanmean(share)),
        "repaired share with trust, r": r(share, np.concatenate(trust)),
        "repaired share with safety, r": r(share, np.concatenate(safety)),
        "repaired share with gain, r": r(share, np.concatenate(gains)),
    }
    therapist = np.arange(n) // 4
    groups = np.array([gain[therapist == t].mean() for t in np.unique(therapist)])
    within = np.mean([gain[therapist == t].var(ddof=1) for t in np.unique(therapist)])
    out["therapists' share of variance"] = float(
        (4 * groups.var(ddof=1) - within) / (4 * groups.var(ddof=1) + 3 * within)
    )
    early = lambda name, v: arms[name].session(v)[:8].mean(0)  # noqa: E731
    for v in ("trust", "mentalising"):
        out[f"acceptance first, insecure, {v}, d"] = d(
            early("skilled", v)[insecure], early("unready", v)[insecure]
        )
    out["acceptance first, ill insecure, trust, d"] = d(
        early("skilled", "trust")[both], early("unready", "trust")[both]
    )
    out["models in use, skilled minus waiting"] = float(
        (skilled.read("complexity") - arms["waiting"].read("complexity")).mean()
    )
    cues = skilled.life("cue_accuracy")
    out["cue accuracy gained"] = float(
        (cues[WAITING + SESSIONS - 1] - cues[WAITING - 1]).mean()
    )
    window = skilled.session("plasticity")[:, insecure].mean(1)
    out["window, first session"], out["window, most"], out["window, last"] = map(
        float, (window[0], window.max(), window[-1])
    )
    out["insight, skilled"] = float(
        skilled.life("insight")[WAITING + SESSIONS - 1][insecure].mean()
    )
    falter = arms["falter"]
    old = lambda arm: arm.life("life_model_belief")[-AFTER:, insecure, 0].mean()  # noqa: E731
    out["faltering ending: old model in life"] = float(old(falter) - old(skilled))
    return out


def of_lives(arms, s, error, pattern, before, insecure):
    """Childhood, life and the laboratory, from the waiting list."""
    waiting = arms["waiting"]
    latent = s["waiting"][:WAITING].mean(0)

    def eta(y):
        parts = [
            (pattern == p).sum() * (y[pattern == p].mean() - y.mean()) ** 2
            for p in "ABCD"
            if (pattern == p).any()
        ]
        return float(sum(parts) / ((y - y.mean()) ** 2).sum())

    names = ("caregiver_contingency", "caregiver_mentalising", "caregiver_threat")
    care = np.stack([waiting.read(q) for q in names])
    given = np.column_stack([np.ones(len(latent)), care.T, (care**2).T])
    left = latent - given @ np.linalg.lstsq(given, latent, rcond=None)[0]
    half = s["waiting"][WAITING + SESSIONS - 4 : WAITING + SESSIONS].mean(0)
    z = lambda x: (x - x.mean()) / x.std()  # noqa: E731
    protest, hyper = (
        waiting.life(q)[:WAITING].mean(0) for q in ("life_protest_rate", "life_arousal")
    )
    acts = 0.5 * z(protest) + 0.5 * z(hyper) + 1.15 * error[5]
    secure = (pattern == "B") * 1.0
    body = waiting.life("life_body")[:WAITING].mean(0)
    felt = waiting.life("life_distress")[:WAITING].mean(0)
    out = {
        "pattern on adult symptoms, eta2": eta(before),
        "care on adult symptoms, R2": 1
        - float((left**2).sum() / ((latent - latent.mean()) ** 2).sum()),
        "partner with symptoms, r": r(waiting.read("partner_contingency"), latent),
        "symptoms over half a year, r": r(
            s["waiting"][:4].mean(0) + ERROR * error[3], half + ERROR * error[4]
        ),
        "acting out, D against others, d": d(acts[pattern == "D"], acts[pattern != "D"]),
        "sensitivity with security, r": r(waiting.read("sensitivity_observed"), secure),
        "mentalising of carers with security, r": r(
            waiting.read("caregiver_mentalising"), secure
        ),
        "fright with D, r": r(waiting.read("threat_index"), (pattern == "D") * 1.0),
        "agency, secure minus insecure, d": d(
            waiting.read("controllability")[~insecure],
            waiting.read("controllability")[insecure],
        ),
        "body against felt, A minus B": float(
            (body - felt)[pattern == "A"].mean() - (body - felt)[pattern == "B"].mean()
        ),
    }
    out |= {
        f"laboratory, {q}": float(waiting.read(f"lab_arousal_{q}").mean())
        for q in ("alone", "stranger", "figure", "rest")
    }
    out |= {f"felt distress of {p}": float(felt[pattern == p].mean()) for p in "ABCD"}
    return out


def interval(values):
    """Mean and half-width over seeds."""
    values = np.asarray(values, float)
    if len(values) < 2:
        return float(values.mean()), float("nan")
    return float(np.nanmean(values)), float(
        T_QUANTILE * np.nanstd(values, ddof=1) / np.sqrt(len(values))
    )


def main():
    """Run the seeds and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=160)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--ablate", nargs="*", default=[])
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    changes = {name: float(value) for name, value in (entry.split("=") for entry in asked.set)}
    every = [run(asked.people, seed, asked.ablate, changes) for seed in asked.seeds]
    table = {name: interval([row[name] for row in every]) for name in every[0]}
    for name, (mean, half) in table.items():
        print(f"{name:62s} {mean:6.2f} ± {half:.2f}")
    whole = asked.seeds == list(SEEDS) and not asked.ablate and not changes
    out = asked.out or (Path(__file__).with_suffix(".json") if whole else None)
    if out:
        out.write_text(
            json.dumps(
                {
                    "people": asked.people,
                    "seeds": asked.seeds,
                    "ablate": asked.ablate,
                    "changes": changes,
                    "jax": jax.__version__,
                    "table": table,
                },
                indent=1,
            )
            + "\n"
        )


if __name__ == "__main__":
    main()
