"""The engine's own numbers: norms of symptoms, cut-offs of classes, spreads of latent scores.

    python benchmarks/norms.py            prints what belongs into the codebooks and instruments.csv

Everybody is of the default population. Scores are first observed without method, occasion or
error: their standard deviations, among everybody or among clients, are the spreads. Cut-offs are quantiles of scores as observed.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import bowlby
from bowlby.courses.course import build_course
from bowlby.evidence.measures.therapy import CUT_OFF
from bowlby.evidence.variance import POPULATION
from bowlby.simulation.instruments import symptoms
from bowlby.simulation.simulate import simulate
from bowlby.theory.instruments import instruments, without_error

SHARES = {"A": 0.147, "B": 0.516, "C": 0.102, "D": 0.235}
AAI = {"Ds": 0.23, "E": 0.19, "U": 0.18}


def course(people, seed):
    """Treated people of the default population, with every instrument and no error."""
    return build_course(
        {**POPULATION, "dyads": people, "seed": seed, "measures": without_error()}
    )


def cut_offs(people, seed):
    """Cut-offs of the Strange Situation and of the interview that give the published shares."""
    content = {"dyads": people, "seed": seed, "kind": "childhood"}
    read = simulate(build_course(content))["readouts"].to_dataset().to_dataframe()
    avoids, resists, breaks = (
        read[f"{name}_scored"] for name in ("avoidance", "resistance", "disorganisation")
    )
    disorganised = breaks.quantile(1.0 - SHARES["D"])
    rest = breaks <= disorganised
    avoidant = upper(avoids[rest & (avoids >= resists)], SHARES["A"] * people)
    left = rest & ~((avoids > avoidant) & (avoids >= resists))
    resistant = upper(resists[left], SHARES["C"] * people)
    print(f"AVOIDANT, RESISTANT, DISORGANISED = "
          f"{avoidant:.3f}, {resistant:.3f}, {disorganised:.3f}")  # fmt: skip
    unresolved = read.unresolved_scored.quantile(1.0 - AAI["U"])
    told = read[read.unresolved_scored <= unresolved]
    dismissing = upper(told.dismissing_scored, AAI["Ds"] * len(told))
    other = told[told.dismissing_scored <= dismissing]
    preoccupied = upper(other.preoccupied_scored, AAI["E"] * len(told))
    print(f"DISMISSING, PREOCCUPIED, UNRESOLVED = "
          f"{dismissing:.3f}, {preoccupied:.3f}, {unresolved:.3f}")  # fmt: skip


def upper(scores, count):
    """The score that so many exceed."""
    return float(np.sort(scores)[-round(count) - 1])


def write(spreads):
    """Spreads into the table of instruments."""
    path = Path(bowlby.__file__).parent / "theory" / "instruments.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("score")
    for name, spread in spreads.items():
        table.loc[name, "spread"] = f"{spread:.3g}"
        for also in (f"{name}_first", f"{name}_second"):
            if also in table.index:
                table.loc[also, "spread"] = f"{spread:.3g}"
    table.to_csv(path)
    # Cut-offs are of scores as they will be observed.
    instruments.cache_clear()


def main():
    """Run and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=512)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--write", action="store_true", help="write spreads into the table")
    asked = parser.parse_args()
    tree = simulate(course(asked.people, asked.seed))
    read, weeks = tree["readouts"].to_dataset(), tree["encounters"].to_dataset()
    waiting = np.flatnonzero(weeks.phase.to_numpy() == "waiting")
    for name, label in (
        ("life_distress", "DISTRESS_NORM"), ("life_value", "VALUE_NORM"),
        ("life_protest_rate", "PROTEST_NORM"), ("life_acting_out", "ACTED_NORM"),
    ):  # fmt: skip
        mean = weeks[name].isel(encounter=waiting).to_numpy()[:, -symptoms.WEEKS :].mean(1)
        print(f"{label} = ({mean.mean():.4g}, {mean.std():.4g})")
    print("mood", float(weeks.life_mood.isel(encounter=waiting).std()))
    is_client = read.internalising_before.to_numpy() > CUT_OFF
    print("clients", int(is_client.sum()))
    spreads = {
        name: float(np.nanstd(read[name].to_numpy()[is_client | (row.among == "everybody")]))
        for name, row in instruments().items()
        if name in read
    }
    print(spreads)
    if asked.write:
        write(spreads)
    cut_offs(asked.people * 4, asked.seed + 1)


if __name__ == "__main__":
    main()
