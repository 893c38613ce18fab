"""Scores of the Strange Situation from what is seen in its reunions."""

import numpy as np
import pytest

from bowlby.simulation.instruments.strange_situation import reunion_scores
from bowlby.simulation.lives import Assessment

TICKS = 24.0


def reunion(*, overwhelmed=0.0, afraid=0.0, need=0.5, policy=(0.25, 0.25, 0.25, 0.25)):
    """Sums of one child over its reunions."""
    less = 1.0 - overwhelmed
    states = [less * (1.0 - need), less * need, 0.0, overwhelmed]
    distress = TICKS * np.array(states)[:, None]
    return {
        "ticks": np.array([TICKS]),
        "distress": distress,
        "policy": distress[:, None, :] * np.array(policy)[None, :, None],
        "stance": TICKS * np.array([1.0 - afraid, 0.0, 0.0, afraid])[:, None],
    }


def disorganisation(**seen):
    sums = reunion(**seen)
    return float(reunion_scores(Assessment(sums, sums)).disorganisation[0])


def test_a_child_that_is_soothed_and_not_afraid_is_not_disorganised():
    assert disorganisation() == 0.0


def test_indecision_is_no_disorganisation():
    assert disorganisation(policy=(0.25, 0.25, 0.25, 0.25)) == disorganisation(
        policy=(1.0, 0.0, 0.0, 0.0)
    )


@pytest.mark.parametrize("sign", ["overwhelmed", "afraid"])
def test_each_sign_of_fright_counts_as_much(sign):
    assert disorganisation(**{sign: 0.5}) == pytest.approx(0.5)


def test_fright_without_solution_counts_most():
    assert disorganisation(overwhelmed=1.0, afraid=1.0) == pytest.approx(1.0)


def test_whoever_withdraws_in_need_is_avoidant_and_who_protests_resistant():
    away, angry = (
        reunion_scores(Assessment(sums, sums))
        for sums in (
            reunion(policy=(0.0, 0.0, 1.0, 0.0)),
            reunion(policy=(0.0, 0.0, 0.0, 1.0)),
        )
    )
    assert away.avoidance[0] > 0.9 > 0.1 > away.resistance[0]
    assert angry.resistance[0] > 0.9 > 0.1 > angry.avoidance[0]


def test_who_protests_at_first_and_settles_resists_less_than_who_is_not_soothed():
    settles, goes_on = (
        reunion_scores(Assessment(sums, sums)).resistance[0]
        for sums in (
            reunion(need=0.2, policy=(0.4, 0.1, 0.1, 0.4)),
            reunion(need=0.7, policy=(0.4, 0.3, 0.15, 0.15)),
        )
    )
    assert settles < 0.6 * goes_on
