"""Does the statistics of synchrony hold its level, and what does it find?

Every cell of the tables in docs/statistics-checked.md: unrelated pairs of many kinds, nine couplings,
real people who never met, intervals of the lag, the effect size at four durations, designs of
groups. Slow; what is done is kept in the JSON beside this script, so that it can be stopped and
run again. Numbers are rates of p <= .05 unless a column says otherwise.

    python benchmarks/statistics_checked.py DATA          # DATA holds the two public data sets
    python benchmarks/statistics_checked.py --only coupled --pairs 60
    python benchmarks/statistics_checked.py --page         # only write the page anew
"""

import argparse
import json
import os
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd
from hostile_designs import HOSTILE_DESIGNS
from hostile_pairs import FROM_OUTSIDE, HOSTILE
from synthetic_pairs import COUPLED, SHARES_A_CLOCK, UNRELATED, follower, pair_of

from bowlby import ReadOptions, Settings, read
from bowlby.recordings.kinds import KINDS
from bowlby.recordings.pairing import find_recordings
from bowlby.recordings.recording import SignalPair
from bowlby.synchrony.coregulation import coregulation
from bowlby.synchrony.few_samples import change_together, level_together, samples_from_table
from bowlby.synchrony.group import associate
from bowlby.synchrony.lagged_effects import lagged_effects
from bowlby.synchrony.measures import MEASURES
from bowlby.synchrony.measuring import measure_pair
from bowlby.synchrony.mismatched import Session, mismatched_pairs, pseudo_pair
from bowlby.synchrony.pseudo_dyads import pseudo_dyads

KEPT = Path(__file__).with_suffix(".json")
PAGE = Path(__file__).parent.parent / "docs" / "statistics-checked.md"
OTHERS = tuple(MEASURES)
CHUNK = 20
Cells = dict[str, dict[str, dict[str, float]]]


def tested(pair: SignalPair, seed: int, surrogates: int) -> dict[str, float]:
    """What is counted of one pair under the default and under its variants."""
    new = measure_pair(pair, Settings(surrogates=surrogates, seed=seed))
    old = measure_pair(pair, Settings(surrogates=surrogates, seed=seed, statistic="wcc_peak"))
    near = measure_pair(pair, Settings(surrogates=surrogates, seed=seed, surrogate="near"))
    return {
        "default": float(new.p[0]) <= 0.05,
        "former default": float(old.p[0]) <= 0.05,
        "near": float(near.p[0]) <= 0.05,
        "leader": new.leader[0].item() != "",
        "untestable": float(np.isnan(new.p[0])),
    }


def made(kinds: dict[str, Callable], name: str, seed: int) -> SignalPair:
    """A synthetic pair by name and seed."""
    return kinds[name](np.random.default_rng([seed, zlib.crc32(name.encode())]))


def unrelated(name: str, seed: int) -> dict[str, float]:
    """An unrelated pair."""
    return tested(made(UNRELATED, name, seed), seed, 59)


def hostile(name: str, seed: int) -> dict[str, float]:
    """An unrelated pair of a reviewer's; what is not tested is not counted."""
    pair = made(HOSTILE, name, seed)
    try:
        found = measure_pair(pair, Settings(surrogates=59, seed=seed))
    except ValueError:  # Refused with the reason, such as too little that moves.
        return {"default": np.nan, "leader": np.nan, "untestable": 1.0}
    is_tested = bool(np.isfinite(found.p[0]))
    return {
        "default": float(found.p[0]) <= 0.05 if is_tested else np.nan,
        "leader": found.leader[0].item() != "",
        "untestable": not is_tested,
    }


def coupled(name: str, seed: int) -> dict[str, float]:
    """A coupled pair."""
    return tested(made(COUPLED, name, seed), seed, 39)


def others(name: str, seed: int) -> dict[str, float]:
    """The other measures on an unrelated pair; one that is refused is missing."""
    found = measure_pair(
        made(UNRELATED, name, seed), Settings(surrogates=19, seed=seed, measures=OTHERS)
    )
    there = found.statistic.values
    return {m: float(found.p.sel(statistic=m)) <= 0.05 if m in there else np.nan
            for m in OTHERS}  # fmt: skip


REGRESSED = ("motion, 10 min", "OU process, 60 s", "IBI", "EDA responses",
             "AR(2), one rhythm of .10 Hz, kept for 20 s, IBI")  # fmt: skip


def regression(name: str, seed: int) -> dict[str, float]:
    """Partner effects of both regression views on an unrelated pair (mean of both people)."""
    pair = made({**UNRELATED, **HOSTILE}, name, seed)
    given = {"rate_hz": pair.rate_hz, "step_s": (KINDS[pair.kind].short_s or 75.0) / 15,
             "surrogates": 39, "seed": seed}  # fmt: skip
    sums = [e for e in lagged_effects(pair.x, pair.y, **given) if np.isnan(e.lag_s)]
    system = coregulation(pair.x, pair.y, **given).effects[1:3]
    return {
        f"{model}: {what}": float(np.mean([rule(e) for e in effects]))
        for model, effects in (("actor-partner", sums), ("coregulation", system))
        for what, rule in (("p <= .05", lambda e: e.p <= 0.05),
                           ("interval covers 0", lambda e: e.low <= 0 <= e.high))
    }  # fmt: skip


LAGS = {
    "no lead, c = .3": (0.3, 0.0, 10.0), "no lead, c = .6": (0.6, 0.0, 10.0),
    "lead .25 s, c = .3": (0.3, 0.25, 10.0), "lead 1.5 s, c = .3": (0.3, 1.5, 10.0),
    "lead 1.5 s, c = .3, 5 min": (0.3, 1.5, 5.0), "lead 1.5 s, c = .15": (0.15, 1.5, 10.0),
}  # fmt: skip


def lags(name: str, seed: int) -> dict[str, float]:
    """The lag's interval, and the leader that is named."""
    c, lag_s, minutes = LAGS[name]
    pair = follower(np.random.default_rng([9, seed]), minutes=minutes, c=c, lag_s=lag_s)
    found = measure_pair(pair, Settings(surrogates=99, seed=seed)).isel(statistic=0)
    low, high, leader = float(found.lag_low_s), float(found.lag_high_s), found.leader.item()
    return {
        "p <= .05": float(found.p) <= 0.05,
        "right leader": leader == "a" and lag_s > 0,
        "wrong leader": leader == "b" or (leader == "a" and lag_s == 0),
        "interval covers": low <= lag_s <= high,
        "width (s)": high - low,
    }


DURATIONS = {f"c = {c}, {m} min": (c, m) for c in (0.0, 0.5) for m in (5, 10, 20, 40)}


def durations(name: str, seed: int) -> dict[str, float]:
    """Effect size and z of the same coupling."""
    c, minutes = DURATIONS[name]
    pair = follower(np.random.default_rng([7, seed]), minutes=minutes, c=c, lag_s=0.5)
    found = measure_pair(pair, Settings(surrogates=99, seed=seed)).isel(statistic=0)
    return {"excess": float(found.excess), "standard error": float(found.excess_se),
            "z": float(found.z)}  # fmt: skip


def _study(seed: int, lengths: Callable[[np.random.Generator], float]) -> list[Session]:
    rng = np.random.default_rng([21, seed])
    return [
        Session(str(i), follower(rng, minutes=lengths(rng), c=0.0), f"{i}a", f"{i}b", str(i))
        for i in range(12)
    ]


STRANGERS = {
    "12 dyads of 10 min": lambda rng: 10.0,  # noqa: ARG005 - lengths are drawn
    "12 dyads of 4 to 40 min": lambda rng: rng.uniform(4, 40),
}


def strangers(name: str, seed: int) -> dict[str, float]:
    """Uncoupled dyads against pseudo-dyads."""
    found = pseudo_dyads(_study(seed, STRANGERS[name]), Settings(seed=seed), permutations=199)
    return {"p <= .05": found.p <= 0.05, "p >= .95": found.p >= 0.95, "mean d": found.d}


def _design(name: str, rng: np.random.Generator) -> tuple[pd.DataFrame, str, str | None]:
    """A study without an effect."""
    kind, _, sizes = name.partition(": ")
    if kind == "therapists' group":
        therapist, _ = np.divmod(np.arange(40), 5)
        z = rng.normal(0, 0.4, 8)[therapist] + rng.normal(0, 0.92, 40)
        rows = {"dyad": np.arange(40), "z": z, "group": therapist % 2, "therapist": therapist}
        return pd.DataFrame(rows), "group", "therapist"
    if kind == "four groups":
        rows = {"dyad": np.arange(24), "z": rng.normal(size=24), "group": np.arange(24) % 4}
        return pd.DataFrame(rows), "group", None
    dyads, sessions = (int(n) for n in sizes.split(" x "))
    dyad, session = np.divmod(np.arange(dyads * sessions), sessions)
    x = {"groups": dyad % 2, "condition": session % 2, "session": session}[kind]
    slope = rng.normal(0, 0.5 if kind == "condition" else 0.1, dyads) * (kind != "groups")
    level = rng.normal(0, np.sqrt(0.3), dyads)
    z = level[dyad] + slope[dyad] * x + rng.normal(0, np.sqrt(0.7), len(x))
    column = {"groups": "group"}.get(kind, kind)
    return pd.DataFrame({"dyad": dyad, "z": z, column: x}), column, None


DESIGNS = ("groups: 12 x 1", "groups: 12 x 4", "groups: 20 x 4", "condition: 12 x 2",
           "condition: 12 x 8", "session: 12 x 8", "therapists' group", "four groups")  # fmt: skip


def designs(name: str, seed: int) -> dict[str, float]:
    """Group tests without an effect."""
    rng = np.random.default_rng([3, seed])
    table, column, therapist = (
        HOSTILE_DESIGNS[name](rng) if name in HOSTILE_DESIGNS else _design(name, rng)
    )
    found = associate(table, column, therapist=therapist, permutations=199, seed=seed)
    if len(found) > 1:
        return {"model p": min(f.p_holm for f in found) <= 0.05,
                "permutation p": found[0].p_omnibus <= 0.05}  # fmt: skip
    return {"model p": found[0].p <= 0.05, "permutation p": found[0].p_permutation <= 0.05}


def few(name: str, seed: int) -> dict[str, float]:
    """Six values a person, 30 dyads."""
    r = {"unrelated": 0.0, "change .5": 0.5}[name]
    rng = np.random.default_rng([5, seed])
    moves = rng.multivariate_normal([0, 0], [[1, r], [r, 1]], (30, 6))
    values = 5 + rng.normal(size=(30, 1, 2)) + moves + np.linspace(1, -1, 6)[:, None]
    rows = [{"dyad": d, "role": "ab"[k], "time": t, "value": values[d, t, k]}
            for d in range(30) for t in range(6) for k in range(2)]  # fmt: skip
    samples = samples_from_table(pd.DataFrame(rows), "value")
    level, change = (f(samples, permutations=199) for f in (level_together, change_together))
    return {"level": level.p <= 0.05, "change": change.p <= 0.05,
            "interval covers": change.low <= r <= change.high}  # fmt: skip


Job = tuple[Callable[[str, int], dict[str, float]], Iterable[str], int]
PARTS: dict[str, Job] = {
    "unrelated": (unrelated, UNRELATED, 200),
    "hostile": (hostile, HOSTILE, 100),
    "coupled": (coupled, COUPLED, 60),
    "regression": (regression, REGRESSED, 60),
    "lags": (lags, LAGS, 80),
    "durations": (durations, DURATIONS, 120),
    "strangers": (strangers, STRANGERS, 60),
    "designs": (designs, DESIGNS, 400),
    "hostile designs": (designs, HOSTILE_DESIGNS, 200),
    "few": (few, ("unrelated", "change .5"), 200),
    "others": (others, ("motion, 10 min", "motion, 3 min", "warm-up added to the signal",
                        "more at start and end", "OU process, 60 s", "dial, random walk",
                        "dial, both calm down", "EDA level, own drift",
                        "EDA level, both habituate", "EDA responses", "IBI",
                        "IBI, both slow down", "RSA"), 60),
}  # fmt: skip


def _motion(data: Path) -> list[Session]:
    found, _ = find_recordings(data / "rmea_psychotherapy_mea")
    pairs = [
        Settings().prepared(read(files.paths[0], ReadOptions(rate_hz=25.0)))[0]
        for files in found
    ]
    return [Session(f.name, p, f"{f.name}/1", f"{f.name}/2", f.name)
            for f, p in zip(found, pairs, strict=True)]  # fmt: skip


def _dials(data: Path) -> list[Session]:
    table = pd.read_csv(data / "rties_couples_dial" / "rties_dial_full.csv.gz")
    sessions = []
    for couple, rows in table.groupby("couple"):
        wide = rows.pivot(index="time", columns="female", values="dial").sort_index()
        pair = pair_of(wide[0].to_numpy(float), wide[1].to_numpy(float), "dial", 0.5)
        sessions.append(Session(str(couple), pair, f"{couple}/1", f"{couple}/2", str(couple)))
    return sessions


def real_pairs(data: Path) -> dict[str, list[SignalPair]]:
    """Real dyads and people who never met."""
    motion, dials = _motion(data), _dials(data)
    chosen = np.random.default_rng(1).permutation(list(range(80 * 79)))[:400]
    unmet = list(mismatched_pairs(dials))
    # In random order, so that a cell that is not full yet holds a sample of all people.
    of_motion = list(mismatched_pairs(motion))
    of_motion = [of_motion[i] for i in np.random.default_rng(2).permutation(len(of_motion))]
    return {
        "20 intakes, motion": [s.pair for s in motion],
        "80 couples, dial": [s.pair for s in dials],
        "400 pairs who never met, dial": [pseudo_pair(*unmet[i]) for i in chosen],
        "380 pairs who never met, motion": [pseudo_pair(*p) for p in of_motion],
    }


def run(part: str, cells: Cells, most: int | None) -> None:
    """Fill the cells of a part that are not filled yet."""
    function, names, count = PARTS[part]
    for name in names:
        fill(cells, part, name, min(count, most or count), partial(function, name))


def fill(
    cells: Cells, part: str, name: str, count: int, row: Callable[[int], dict[str, float]]
) -> None:
    """Measure the pairs of a cell that are missing, and keep the means after every few."""
    of_part = cells.setdefault(part, {})
    while (done := int(of_part.get(name, {}).get("pairs", 0))) < count:
        rows = [row(seed) for seed in range(done, min(done + CHUNK, count))]
        found = pd.DataFrame(rows).astype(float)
        # A measure that is refused has no p: what is counted are those that have.
        old = of_part.get(name, {})
        cell: dict[str, float] = {"pairs": done + len(rows)}
        for column, values in found.items():
            counted, mean = values.count(), values.mean()
            before = old.get(f"{column} (of)", done) if column in old else 0
            total = before + counted
            parts = [(before, old.get(column, 0.0)), (counted, mean)]
            cell[str(column)] = (
                sum(n * float(m) for n, m in parts if n) / total if total else np.nan
            )
            if total < cell["pairs"]:
                cell[f"{column} (of)"] = int(total)
        of_part[name] = cell
        KEPT.write_text(json.dumps(cells, indent=1) + "\n")
        print(part, name, cell, flush=True)


def run_real(data: Path, cells: Cells) -> None:
    """The real people."""
    for name, pairs in real_pairs(data).items():
        fill(cells, "real", name, len(pairs), lambda i, pairs=pairs: tested(pairs[i], i, 99))


TITLES = {
    "unrelated": "Unrelated pairs: share with p ≤ .05",
    "hostile": "Unrelated pairs of a reviewer: share with p ≤ .05",
    "coupled": "Coupled pairs of 10 min: share found",
    "real": "Real people",
    "regression": "Regression views of unrelated pairs: partner effects",
    "lags": "Lag and leader",
    "durations": "The effect size at four durations",
    "strangers": "Uncoupled dyads against pseudo-dyads",
    "designs": "Groups, conditions and sessions without an effect",
    "hostile designs": "Group studies of a reviewer without an effect",
    "few": "Few samples: six values a person, 30 dyads",
    "others": "Other measures on unrelated pairs",
}
TEXT = """# The statistics, checked

Made by `python benchmarks/statistics_checked.py DATA` on {date}; the numbers are kept in `benchmarks/statistics_checked.json`, the pairs are made in `benchmarks/synthetic_pairs.py`. The standard error of a rate near .05 is .015 with 200 pairs, .022 with 100 and .028 with 60; each cell says how many it has, and the script fills up those that have fewer than asked. – is a measure that is refused, with the reason told: its band holds less than 1 % of the signal.

The default statistic was chosen on these simulated couplings and on the two sets of real recordings below; other real recordings may show another gain. `near` is `--surrogate near`. Pairs that share a clock (*) are not coupled, but both follow one timetable: surrogates within a dyad cannot tell that from synchrony. Compare with pseudo-dyads there, or use `near`. Of a reviewer's pairs the last four are such; what acts on both recordings (repeated frames, a lamp) pseudo-dyads do not hold either.

Untestable recordings have no p and are not counted.
"""


def write_page(cells: Cells) -> None:
    """Write the page from what is kept."""
    lines = [TEXT.format(date=datetime.now(UTC).strftime("%Y-%m-%d"))]
    for part, title in TITLES.items():
        if part not in cells:
            continue
        rows = pd.DataFrame(cells[part]).T
        rows = rows[[c for c in rows.columns if not c.endswith(" (of)")]]
        lines += [f"## {title}", "", f"| | {' | '.join(rows.columns)} |",
                  "|" + "---|" * (len(rows.columns) + 1)]  # fmt: skip
        for name, row in rows.iterrows():
            star = " *" if name in (*SHARES_A_CLOCK, *FROM_OUTSIDE) else ""
            shown = [f"{v:.0f}" if c == "pairs" else "–" if np.isnan(v) else f"{v:.3f}"
                     for c, v in row.items()]  # fmt: skip
            lines.append(f"| {name}{star} | {' | '.join(shown)} |")
        lines.append("")
    PAGE.write_text("\n".join(lines).rstrip() + "\n")


def main() -> None:
    """Fill what is missing and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--only", choices=[*PARTS, "real"], action="append")
    parser.add_argument("--pairs", type=int, help="At most so many pairs a cell.")
    parser.add_argument("--page", action="store_true", help="Only write the page.")
    args = parser.parse_args()
    cells: Cells = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    wanted = args.only or [*PARTS, "real"]
    for part in [] if args.page else wanted:
        if part == "real":
            if args.data is not None:
                run_real(args.data, cells)
        else:
            run(part, cells, args.pairs)
    write_page(cells)


if __name__ == "__main__":
    main()
