"""How often are the signals, bands, ruptures, gains and intervals of bowlby.outcomes wrong?

    python benchmarks/outcomes_calibration.py --data ../shared/data --out benchmarks/results

Each study is kept as JSON when it is done and not run again, so an interrupted run goes on where
it stopped. Seeds are fixed; docs/explanation/outcomes.md quotes the file it writes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd

from bowlby.outcomes.course import fit_course, panel
from bowlby.outcomes.forecasting import (
    mixed,
    multiplier,
    simulate_courses,
)
from bowlby.outcomes.gains import chance_of_gains, sudden_gains
from bowlby.outcomes.ruptures import limits_of
from bowlby.outcomes.signals import alarm, off_course
from bowlby.outcomes.therapists import therapist_effects

TRUTH = np.array([16.5, 4.0, -0.6, 0.35, -0.3, 0.7, 0.05, 0.95, 2.1])


def long(y):
    client, time = np.nonzero(np.isfinite(y))
    return pd.DataFrame({"client": [f"c{i:05d}" for i in client], "time": time,
                         "value": y[client, time]})  # fmt: skip


def bounded(y):
    return np.clip(np.round(y), 0, 27)


def signal_study(_):
    """Ever red and amber of clients on course, numbers estimated from 400 others."""
    rows = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        model = fit_course(long(bounded(simulate_courses(TRUTH, 400, 20, rng))), sem=2.16,
                           minimum=0, maximum=27)  # fmt: skip
        new = panel(long(bounded(simulate_courses(TRUTH, 3000, 20, rng))))
        found = off_course(model, new, alarm(model, 20), np.zeros(len(new.y), bool))
        by = found.groupby("client").signal
        rows.append({
            "red": float(by.apply(lambda s: (s == "red").any()).mean()),
            "amber": float(by.apply(lambda s: s.isin(["red", "amber"]).any()).mean()),
        })  # fmt: skip
    return {k: float(np.mean([r[k] for r in rows])) for k in rows[0]}


def sessions_of(data):
    table = pd.read_csv(data / "suddengains" / "sgdata.csv")
    wide = table.set_index("id")[[f"bdi_s{i}" for i in range(13)]].to_numpy(float)
    return long(wide)


def anxiety_of(data):
    table = pd.read_csv(data / "clinicalsignificance" / "anxiety.csv").dropna()
    return table.rename(columns={"subject": "client", "measurement": "time",
                                 "anxiety": "value"})[["client", "time", "value"]]  # fmt: skip


def simulated_of(_):
    y = bounded(simulate_courses(TRUTH, 200, 12, np.random.default_rng(11)))
    y[np.random.default_rng(12).random(y.shape) < 0.15] = np.nan
    return long(y)


def held_out(table):
    """Coverage and error of forecasts from every score to every later one, four folds."""
    clients = np.array(sorted(table.client.unique()))
    fold = np.random.default_rng(1).permutation(np.arange(len(clients)) % 4)
    rows = []
    for f in range(4):
        model = fit_course(table[table.client.isin(clients[fold != f])], least_clients=20)
        data = panel(table[table.client.isin(clients[fold == f])], int(table.time.min()))
        for i in range(len(data.clients)):
            time, y = data.of(i)
            for j in range(1, len(time)):
                mean, sd = mixed(model, time[:j], y[:j], int(time[-1]))
                ahead = (time[j:] - time[j - 1]).astype(float)
                off = np.abs(y[j:] - mean[time[j:]]) / sd[time[j:]]
                for k in range(len(ahead)):
                    at = ahead[k : k + 1]
                    rows.append((ahead[k], off[k] <= multiplier(model, 0.80, at)[0],
                                 off[k] <= multiplier(model, 0.95, at)[0],
                                 y[j + k] - mean[time[j + k]], y[j + k] - y[j - 1]))  # fmt: skip
    made = pd.DataFrame(rows, columns=["ahead", "in80", "in95", "error", "carried"])
    out = {}
    for name, part in (("one", made[made.ahead == 1]), ("four", made[made.ahead == 4]),
                       ("all", made)):  # fmt: skip
        out[name] = {
            "n": len(part), "in80": float(part.in80.mean()), "in95": float(part.in95.mean()),
            "rmse": float(np.sqrt((part.error**2).mean())),
            "carried": float(np.sqrt((part.carried**2).mean())),
        }  # fmt: skip
    return out


def bands_study(data):
    """Held-out coverage on three data sets."""
    return {name: held_out(make(data)) for name, make in (
        ("sgdata", sessions_of), ("anxiety", anxiety_of), ("simulated", simulated_of))}  # fmt: skip


def ruptures_study(_):
    """Steady alliances called ruptured, and a six-point drop at session 12 found."""
    out = {}
    for ar in (0.0, 0.2, 0.4):
        rng = np.random.default_rng(3)
        e = np.empty((3000, 20))
        e[:, 0] = rng.normal(size=3000)
        for t in range(1, 20):
            e[:, t] = ar * e[:, t - 1] + np.sqrt(1 - ar**2) * rng.normal(size=3000)
        y = 36 + 1.6 * e
        steady, dropped = np.clip(y, 0, 40), y.copy()
        dropped[:, 11] -= 6
        dropped = np.clip(dropped, 0, 40)
        sd = float(np.sqrt(steady.var(1, ddof=1).mean()))
        out[str(ar)] = {
            c: float(np.mean([(r < limits_of(r, sd, 20, c).limit).any() for r in steady]))
            for c in ("predictive", "drop1", "own1sd", "own2sd", "xmr")
        } | {"found": float(np.mean(
            [(r < limits_of(r, sd, 20, "predictive").limit)[11] for r in dropped]))}  # fmt: skip
    return out


def gains_study(_):
    """Share of clients with a sudden gain in smooth courses, and the share said to be chance."""
    out = {}
    for name, make in (("linear", _linear), ("correlated", _correlated)):
        y = make(np.random.default_rng(8))
        table = long(y)
        model = fit_course(table)
        wide = table.pivot(index="client", columns="time", values="value")
        wide = wide[[c for c in wide.columns if c > 0]]
        found = sudden_gains(wide, cutoff=7.0)
        out[name] = {
            "found": float(found[found.kind == "gain"].client.nunique() / len(wide)),
            "chance": chance_of_gains(model, wide, origin=0, cutoff=7.0).share,
        }  # fmt: skip
    return out


def _linear(rng):
    level = 30 + 7 * rng.normal(size=(1500, 1))
    return level - 0.8 * np.arange(13) + 3.9 * rng.normal(size=(1500, 13))


def _correlated(rng):
    level, e = 30 + 7 * rng.normal(size=(1500, 1)), np.empty((1500, 13))
    e[:, 0] = rng.normal(size=1500)
    for t in range(1, 13):
        e[:, t] = 0.5 * e[:, t - 1] + np.sqrt(0.75) * rng.normal(size=1500)
    return level - 0.8 * np.arange(13) + 3.9 * e


def therapists_study(_):
    """Coverage of the ICC's interval and therapists called apart."""
    out = {}
    for icc in (0.0, 0.05, 0.10):
        rows = []
        for seed in range(200):
            rng = np.random.default_rng(seed)
            who = np.repeat(np.arange(30), 25)
            before = rng.normal(20, 5, 750)
            after = 5 + 0.6 * before + np.sqrt(icc) * 6 * rng.normal(size=30)[who]
            after = after + np.sqrt(1 - icc) * 6 * rng.normal(size=750)
            found = therapist_effects(pd.DataFrame({
                "client": range(750), "therapist": who.astype(str), "before": before,
                "after": after}))  # fmt: skip
            rows.append(
                (found.low <= icc <= found.high, found.icc, found.table.is_apart.mean())
            )
        cover, mean, apart = np.mean(rows, axis=0)
        out[str(icc)] = {"cover": float(cover), "mean": float(mean), "apart": float(apart)}
    return out


def leaving_study(_):
    """Mean fall of all who began when clients end once they are well: truth and estimates."""
    from bowlby.outcomes.dropout import outcome_of_all

    rng = np.random.default_rng(5)
    y = simulate_courses(TRUTH, 1500, 12, rng)
    truth = float((y[:, 12] - y[:, 0]).mean())
    for i in range(len(y)):
        below = np.flatnonzero((y[i, 1:] < 8) & (y[i, :-1] < 8)) + 1
        if len(below) and below[0] >= 4:
            y[i, below[0] + 1 :] = np.nan
    data = panel(long(y))
    found = outcome_of_all(fit_course(long(y)), data, 12)
    return {"truth": truth, "last_score": found.last_score, "completers": found.completers,
            "everyone": found.everyone, "error": found.error}  # fmt: skip


STUDIES = {"signal": signal_study, "bands": bands_study, "ruptures": ruptures_study,
           "gains": gains_study, "therapists": therapists_study, "leaving": leaving_study}  # fmt: skip


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", type=Path, default=Path("../shared/data"))
    asked.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    asked.add_argument("--only", choices=sorted(STUDIES))
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    kept = given.out / "outcomes_calibration.json"
    done = json.loads(kept.read_text()) if kept.exists() else {}
    for name, study in STUDIES.items():
        if name in done or (given.only and name != given.only):
            continue
        done[name] = study(given.data)
        kept.write_text(json.dumps(done, indent=1) + "\n")
        print(name, json.dumps(done[name], indent=1), flush=True)


if __name__ == "__main__":
    main()
