"""The still face: arousal rises when a caregiver answers nothing, and nothing is learnt."""

import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate

COURSE = {
    "kind": "childhood", "dyads": 64, "seed": 3, "instruments": ["still_face"],
    # Of a caregiver who frightens, play itself arouses.
    "childhood": {"encounters": 6, "ticks": 150, "caregiver": "sensitive"},
}  # fmt: skip


@pytest.fixture(scope="module")
def seen():
    return simulate(build_course(COURSE))["readouts"].to_dataset()


def test_a_figure_that_answers_nothing_arouses(seen):
    assert float(seen.still_arousal_still.mean()) > float(seen.still_arousal_play.mean())


def test_reunion_calms_but_not_at_once(seen):
    play, still, reunion = (
        float(seen[f"still_arousal_{part}"].mean()) for part in ("play", "still", "reunion")
    )
    assert reunion < still
    assert reunion > play - 0.05
