"""Laws of weeks and years: illness, crises, load; each the right way in each argument."""

import jax.numpy as jnp
import numpy as np
import pytest

from bowlby.theory.caregiver_load import CaregiverLoad
from bowlby.theory.crises import Crises
from bowlby.theory.illness import Felt, Illness
from bowlby.theory.partnership import Partnership
from bowlby.theory.people import AttachmentFigure

GRID = np.linspace(0.0, 2.0, 5)
ILL, CRISES = Illness(), Crises()


def rises(values):
    return bool((np.diff(np.asarray(values, float)) > 0.0).all())


def falls(values):
    return rises(-np.asarray(values, float))


def test_the_liable_the_distressed_and_those_ill_before_fall_ill_more():
    assert rises([ILL.onset(x, 0.5, 0.0) for x in GRID])
    assert rises([ILL.onset(0.0, x, 0.0) for x in GRID])
    assert rises([ILL.onset(0.0, 0.5, x) for x in (0.0, 1.0, 2.0)])


def test_an_episode_is_held_by_distress_and_hopelessness():
    assert falls([ILL.remission(Felt(x, -1.0)) for x in GRID])
    assert falls([ILL.remission(Felt(0.5, x)) for x in GRID])


@pytest.mark.parametrize(("number", "changed"), [("hold", 0), ("hopeless", 1)])
def test_each_of_two_feelings_holds_an_episode_by_its_own_number(number, changed):
    ordinary = [ILL.usual, ILL.ordinary]
    worse = [v + (i == changed) for i, v in enumerate(ordinary)]
    ratio = ILL.remission(Felt(*worse)) / ILL.remission(Felt(*ordinary))
    assert float(ratio) == pytest.approx(np.exp(-getattr(ILL, number)), rel=1e-5)


def test_the_ill_feel_worse_and_have_more_to_bear():
    assert ILL.mood(0.0, 1.0) > ILL.mood(0.0, 0.0) == 0.0
    assert rises([ILL.mood(x, 0.0) for x in GRID])
    assert ILL.weighs(1.0) > ILL.weighs(0.0) == 1.0


def test_crises_weigh_and_ordinary_people_have_an_ordinary_load():
    assert rises([CRISES.weighs(x) for x in GRID])
    assert CRISES.weighs(CRISES.expected()) == pytest.approx(1.0)


def test_crises_pass():
    assert CRISES.after_week(1.0, 0.0, 0.999) == pytest.approx(CRISES.kept)


def test_one_crisis_makes_the_next_likelier_and_so_does_distress():
    uniform = jnp.linspace(0.0, 1.0, 20_000)

    def come(crisis, beyond):
        return (CRISES.after_week(crisis, beyond, uniform) > CRISES.kept * crisis).mean()

    assert rises([come(x, 0.0) for x in GRID])
    assert rises([come(0.0, x) for x in GRID])


def test_couples_part_in_distress_and_the_hopeless_find_nobody():
    law = Partnership()
    assert rises([law.parting(x) for x in GRID])
    assert falls([law.meeting(x) for x in GRID])
    assert rises([law.lives_alone(x, 0.0) for x in GRID])
    assert law.absence(1.0) == 0.0 < law.absence(0.0)


def test_caregivers_give_less_under_load():
    under = [
        CaregiverLoad().under(AttachmentFigure(), jnp.asarray(x)) for x in (0.5, 1.0, 2.0, 4.0)
    ]
    assert falls([figure.contingency for figure in under])
    assert falls([figure.mentalising for figure in under])
