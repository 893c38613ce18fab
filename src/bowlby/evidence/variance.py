"""Where differences between people come from: two populations that share one source alone.

    share of a source = r(score of somebody, score of who shares only that source)

Each source of differences has random numbers of its own (`seeds` of a course), so that the
second population can be drawn anew but for one. Shares of method, occasion and error follow
from how a score is observed (`simulation/measuring.py`). What is left belongs to sources
together (interactions).

Source: first-order indices of Sobol' (1993), Mathematical Modelling and Computational
Experiments 1, 407-414, by the correlation of runs that share one input (Saltelli 2002, Computer
Physics Communications 145, 280-297); in the words of behaviour genetics, people reared apart.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from bowlby.statistics.correlation import correlation
from bowlby.statistics.intervals import mean_half_width

if TYPE_CHECKING:
    import pandas as pd

SOURCES: Mapping[str, str] = {
    "constitution": "constitution",
    "care": "early care",
    "relationships": "later relationships",
    "load": "load",
    "chance": "chance",
}
"""Sources that are simulated, and their names in words."""

OBSERVED = ("method", "occasion", "error")
"""Sources that observing adds."""

TITLES: Mapping[str, str] = {**SOURCES, **{name: name for name in OBSERVED}}
"""All sources in the order in which they are told, and their names in words."""

_APART = 10_000
"""Distance of the seeds of two populations."""

POPULATION: Mapping[str, Any] = {
    "caseload": 8,
    "instruments": ["laboratory", "trust_game"],
    "arms": [{"protocol": "attachment_informed", "therapist": "population"}],
    "life": {"waiting_weeks": 12, "follow_up_weeks": 4},
    "therapy": {"sessions": 12, "ticks": 150, "may_leave": False},
}
"""Whom the shares are of: adults of the default population, treated, with every instrument."""

Draw = Callable[[Mapping[str, Any]], "pd.DataFrame"]


def simulated(content: Mapping[str, Any]) -> "pd.DataFrame":
    """Readouts of a course, a row per person."""
    from bowlby.courses.course import build_course
    from bowlby.simulation.simulate import simulate
    from bowlby.simulation.tables import readout_table

    return readout_table(simulate(build_course(content))["readouts"].to_dataset())


def shares_of(
    people: int,
    seed: int,
    draw: Draw = simulated,
    *,
    content: Mapping[str, Any] = POPULATION,
    on_step: Callable[[], None] = lambda: None,
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Shares of variance of every score that has an instrument, of one seed.

    Args:
        people: Size of each population.
        seed: Seed of the first.
        draw: Gives the readouts of a course.
        content: The course.
        on_step: Called after each population.

    Returns:
        Shares (score, source), and the readouts of the first population.
    """
    import pandas as pd

    from bowlby.theory.instruments import instruments

    def drawn(**more: Any) -> "pd.DataFrame":
        table = draw({**content, "dyads": people, **more})
        on_step()
        return table

    first = drawn(seed=seed)
    others = {
        source: drawn(seed=seed + _APART * i, seeds={source: seed})
        for i, source in enumerate(SOURCES, start=1)
    }
    rows = {}
    for name, instrument in instruments().items():
        if name not in first or not float(first[name].std()) > 0.0:
            continue
        row = {
            source: correlation(first[name], other[name]).r for source, other in others.items()
        }
        added = instrument.added_variance()
        # A floor or a ceiling takes variance of what observing adds.
        variance = max(float(first[name].var()), sum(added.values()) + instrument.spread**2)
        rows[name] = row | {source: added[source] / variance for source in OBSERVED}
    return pd.DataFrame.from_dict(rows, orient="index"), first


def over_seeds(tables: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    """Mean shares over seeds and the half-width of their 95 % t interval.

    Returns:
        A row per score and source: score, source, share, half_width.
    """
    import pandas as pd

    stacked = np.stack([table.to_numpy() for table in tables])
    half = mean_half_width(stacked)
    like = tables[0]
    mean = pd.DataFrame(stacked.mean(0), like.index, like.columns)
    wide = pd.DataFrame(half, like.index, like.columns)
    long = (
        mean.rename_axis("score")
        .reset_index()
        .melt("score", var_name="source", value_name="share")
    )
    long["half_width"] = wide.reset_index(drop=True).melt(value_name="h").h
    return long


def matrix_of(tables: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    """Multitrait-multimethod matrix: correlations of the scores, mean over populations."""
    import pandas as pd

    from bowlby.theory.instruments import instruments

    names = [n for n in instruments() if all(n in t and t[n].std() > 0 for t in tables)]
    each = np.stack([table[names].corr().to_numpy() for table in tables])
    return pd.DataFrame(each.mean(0), pd.Index(names, name="score"), names)


def published_agreement(matrix: "pd.DataFrame") -> "pd.DataFrame":
    """Agreement of two scores in the model beside what was published.

    Returns:
        first, second, model, published, source.
    """
    import pandas as pd

    with files("bowlby.evidence").joinpath("convergent.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    at = {name: i for i, name in enumerate(matrix.index)}
    r = matrix.to_numpy()
    pairs = zip(table["first"], table["second"], strict=True)
    model = [float(r[at[first], at[second]]) for first, second in pairs]
    table.insert(2, "model", model)
    return table
