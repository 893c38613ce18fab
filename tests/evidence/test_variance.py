"""Shares of variance by shared sources, against a population whose shares are known."""

import numpy as np
import pandas as pd
import pytest

from bowlby.evidence.variance import (
    SOURCES,
    matrix_of,
    over_seeds,
    published_agreement,
    shares_of,
)
from bowlby.theory.instruments import instruments

WEIGHTS = {"constitution": 0.5, "care": 0.4, "relationships": 0.3, "load": 0.6, "chance": 0.2}
SCORES = ("anxiety", "avoidance")
PEOPLE = 6000


def planted(content):
    """A population in which each source adds its weight, and two sources work together."""
    n = content["dyads"]
    parts = {
        source: np.random.default_rng([content.get("seeds", {}).get(source, content["seed"]), i])
        .standard_normal(n)
        for i, source in enumerate(WEIGHTS)
    }  # fmt: skip
    score = sum(weight * parts[source] for source, weight in WEIGHTS.items())
    together = 0.3 * parts["care"] * parts["load"]
    return pd.DataFrame(dict.fromkeys(SCORES, score + together))


@pytest.fixture(scope="module")
def found():
    return shares_of(PEOPLE, 1, planted)


def test_each_source_has_the_share_that_was_planted(found):
    shares, _ = found
    total = sum(w**2 for w in WEIGHTS.values()) + 0.3**2
    for source in SOURCES:
        assert shares.loc["anxiety", source] == pytest.approx(
            WEIGHTS[source] ** 2 / total, abs=0.04
        )


def test_observing_adds_what_the_instrument_says(found):
    shares, first = found
    added = instruments()["anxiety"].added_variance()["error"]
    assert shares.loc["anxiety", "error"] == pytest.approx(added / first.anxiety.var())


def test_only_scores_with_an_instrument_are_told(found):
    assert set(found[0].index) == set(SCORES)


def test_over_seeds_gives_a_t_interval():
    one = pd.DataFrame({"care": [0.1]}, index=["anxiety"])
    long = over_seeds([one, one + 0.2])
    assert long.share.item() == pytest.approx(0.2)
    assert long.half_width.item() == pytest.approx(12.706 * 0.1, rel=1e-3)


def test_the_matrix_and_published_agreement_name_scores_that_exist(found):
    matrix = matrix_of([found[1]])
    assert matrix.loc["anxiety", "avoidance"] == pytest.approx(1.0)
    known = pd.DataFrame(np.eye(len(instruments())), list(instruments()), list(instruments()))
    agreed = published_agreement(known)
    assert agreed.model.eq(0.0).all()
    assert agreed.source.str.len().gt(10).all()
