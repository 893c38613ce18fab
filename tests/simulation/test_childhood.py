"""What children learn of calming down, from how they are cared for."""

import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate


@pytest.fixture(scope="module")
def calms():
    """Efficacy of withdrawing at the end of childhood, by care; the same children."""

    def grown(caregiver):
        content = {"kind": "childhood", "dyads": 24, "childhood": {"caregiver": caregiver}}
        course = build_course(content)
        encounters = simulate(course)["encounters"].to_dataset()
        return encounters.self_soothing.isel(encounter=-1).to_numpy()

    return {care: grown(care) for care in ("sensitive", "rejecting", "frightening")}


def test_the_rejected_learn_to_calm_down_by_themselves(calms):
    assert (calms["rejecting"] - calms["sensitive"]).mean() > 0.05


def test_fright_takes_it(calms):
    assert calms["frightening"].mean() < 0.3 < calms["sensitive"].mean()
