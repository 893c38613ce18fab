"""Ten thousand encounters in one life: nothing drifts, nothing breaks."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.adult_life import live
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.lives import Schedule
from bowlby.theory import Theory

CHILDHOOD, WAITING, SESSIONS, FOLLOW_UP = 200, 100, 4800, 100
"""Encounters: each week of adult life has one in life, and each week of therapy a session too."""

DISTRIBUTIONS = (
    "model_belief", "life_model_belief", "action_share", "stance_share",
)  # fmt: skip


@pytest.fixture(scope="module")
def life():
    """Rows of the encounters of eight dyads and the eight at the end."""
    course = build_course({"dyads": 8, "therapy": {"may_leave": False}})
    dyads = dyads_of(course, np.arange(8), Theory())
    schedule = Schedule(
        childhood_encounters=CHILDHOOD, childhood_ticks=50, waiting_weeks=WAITING,
        sessions=SESSIONS, session_ticks=50, life_ticks=50, follow_up_weeks=FOLLOW_UP,
        stress=dict.fromkeys(range(0, SESSIONS, 50), 3.0),
        breaks=tuple(range(10, SESSIONS, 40)), announced=False,
    )  # fmt: skip
    childhood = grow_up(dyads, schedule)
    treated = dyads._replace(treated=np.ones(8, np.float32))
    adult = live(childhood.client, treated, schedule)
    return childhood.rows + adult.rows, adult.client


@pytest.mark.slow
def test_ten_thousand_encounters_were_lived(life):
    rows, _ = life
    sessions = sum("trust" in row for row in rows if row["phase"] == "therapy")
    assert len(rows) + sessions == 10_000


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_probabilities_sum_to_one_after_ten_thousand_encounters(life, name):
    sums = [row[name].sum(0) for row in life[0] if name in row]
    took_place = np.isfinite(sums)
    np.testing.assert_allclose(np.array(sums)[took_place], 1.0, atol=1e-4)


def is_broken(row):
    """Whether a number is missing though the encounter took place."""
    happened = row.get("present", np.ones(8)) > 0.5
    values = [np.asarray(value)[..., happened] for value in row.values() if np.ndim(value)]
    return not all(np.isfinite(value).all() for value in values)


@pytest.mark.slow
def test_no_variable_is_nan_or_infinite_where_an_encounter_took_place(life):
    assert not [row["week"] for row in life[0] if is_broken(row)]


@pytest.mark.slow
def test_what_is_remembered_in_the_end_is_still_a_working_model(life):
    memory = life[1].experience.memory
    assert np.isfinite(memory.counts).all()
    assert (np.asarray(memory.counts) > 0.0).all()
    # Half a million steps in single precision, each rounded by up to 6e-8, wander by about 1e-4.
    np.testing.assert_allclose(np.asarray(memory.habits).sum(1), 1.0, atol=1e-3)
    np.testing.assert_allclose(np.asarray(life[1].old).sum(0), 1.0, atol=1e-4)
