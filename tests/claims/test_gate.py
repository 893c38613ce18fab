"""Sentences of the theory, over many dyads with a stated effect."""

import numpy as np
import pytest

from bowlby.courses.course import build_course
from bowlby.simulation.simulate import simulate

NEAR = {"encounters": 8, "ticks": 300}


def children(caregiver, dyads=60):
    course = {"kind": "childhood", "dyads": dyads, "childhood": NEAR | {"caregiver": caregiver}}
    return simulate(build_course(course))["readouts"].to_dataset()


def shares(caregiver, dyads=60):
    classes = children(caregiver, dyads).pattern.values
    return {name: float((classes == name).mean()) for name in "ABCD"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("caregiver", "pattern", "share"), [("sensitive", "B", 0.7), ("rejecting", "A", 0.4)]
)
def test_attachment_patterns_emerge_from_care(caregiver, pattern, share):
    """Sensitive and rejecting care: secure and avoidant children."""
    assert shares(caregiver, 200)[pattern] >= share


@pytest.mark.slow
def test_children_resist_more_after_inconsistent_than_after_other_care():
    found = {
        who: children(who, 200).resistance_scored.values
        for who in ("inconsistent", "sensitive", "rejecting")
    }
    for who in ("sensitive", "rejecting"):
        more = found["inconsistent"] - found[who]  # The same children.
        assert more.mean() > 2.0 * more.std(ddof=1) / np.sqrt(len(more))


@pytest.mark.slow
def test_resistance_is_most_frequent_after_inconsistent_care():
    others = max(shares(who, 200)["C"] for who in ("sensitive", "rejecting"))
    assert shares("inconsistent", 200)["C"] > others + 0.03


@pytest.mark.slow
def test_frightening_care_disorganises_more_than_any_other():
    assert shares("frightening")["D"] > shares("inconsistent")["D"] + 0.2


def mean_symptoms(arm, tree):
    data, rows = tree["encounters"].to_dataset(), tree["readouts"].arm.values == arm
    weeks = (data.week.values >= 20) & (data.week.values < 24)
    return data.symptoms.values[rows][:, weeks].mean(1)


@pytest.fixture(scope="module")
def arms():
    therapists = {"skilled": "skilled", "clumsy": "clumsy"}
    course = {
        "dyads": 400,
        "childhood": {"ticks": 250},
        "life": {"waiting_weeks": 6, "follow_up_weeks": 1},
        "therapy": {"sessions": 24, "ticks": 150, "may_leave": False},
        "arms": [{"name": n, "therapist": t} for n, t in therapists.items()]
        + [
            {"name": "cold", "protocol": "cold"},
            {"name": "waiting", "protocol": "waiting_list"},
        ],
    }
    return simulate(build_course(course))


@pytest.mark.slow
def test_a_skilled_therapist_ends_better_than_a_clumsy_one(arms):
    clumsy, skilled = (mean_symptoms(arm, arms) for arm in ("clumsy", "skilled"))
    change = clumsy - skilled
    assert change.mean() > 2.0 * change.std() / np.sqrt(len(change))


@pytest.mark.slow
def test_a_clumsy_therapist_has_more_ruptures(arms):
    readouts = arms["readouts"]
    ruptures, arm = readouts.ruptures.values, readouts.arm.values
    assert ruptures[arm == "clumsy"].mean() > 1.3 * ruptures[arm == "skilled"].mean()


@pytest.mark.slow
def test_a_cold_therapist_is_worse_than_waiting(arms):
    cold, waiting = (mean_symptoms(arm, arms) for arm in ("cold", "waiting"))
    change = cold - waiting
    assert change.mean() > 2.0 * change.std() / np.sqrt(len(change))


@pytest.mark.slow
def test_contact_falls_in_ruptures(arms):
    data = arms["encounters"].to_dataset()
    in_rupture = data.ruptured_contact.where(data.ruptured_share > 0.02)
    usual = data.contact.where(data.session > 0)
    assert float(in_rupture.mean()) < 0.8 * float(usual.mean())
