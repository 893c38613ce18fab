"""School and adolescence: whom one is with, what is kept of each, and what it leaves."""

from dataclasses import replace

import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.evidence.samples import simulate_sample
from bowlby.reports.simulation.wording import encounter_line, encounter_title
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.schedule import schedule_of
from bowlby.simulation.simulate import simulate
from bowlby.simulation.tables import encounter_table
from bowlby.theory.growing_up import PLACES, GrowingUp
from bowlby.theory.sensitive_period import SensitivePeriod
from bowlby.theory.theory import Theory

CHILDHOOD, YOUTH = 4, 14


def grown(**content):
    youth = {"encounters": YOUTH} | content.pop("youth", {})
    childhood = {"encounters": CHILDHOOD, "ticks": 100} | content.pop("childhood", {})
    course = {"kind": "childhood", "dyads": 64, "seed": 3}
    return simulate(build_course({**course, "youth": youth, "childhood": childhood, **content}))


@pytest.fixture(scope="module")
def lived():
    return grown()


def of_youth(tree):
    data = tree["encounters"].to_dataset()
    return data.isel(encounter=np.flatnonzero(data.phase == "youth"))


def test_childhood_is_the_same_whatever_follows(lived):
    without = grown(youth={"encounters": 0})["encounters"].to_dataset()
    first = lived["encounters"].to_dataset().isel(encounter=slice(0, CHILDHOOD))
    assert without.sizes["encounter"] == CHILDHOOD
    np.testing.assert_array_equal(first.trust, without.trust)
    np.testing.assert_array_equal(first.arousal, without.arousal)
    assert "place" not in without.coords


def test_places_are_kept_as_nearly_as_whole_numbers_allow():
    law = GrowingUp()
    places = np.asarray(law.places(140))
    due = np.sum([law.shares(float(age)) for age in law.ages(140)], axis=0)
    for place, share in zip(PLACES, due, strict=True):
        assert (places == place).sum() == pytest.approx(share, abs=1.0)


def test_time_at_home_falls_as_published_and_friends_take_over():
    law = GrowingUp()
    ten, eighteen = (np.asarray(law.shares(age)) for age in (10.0, 18.0))
    assert ten[0] == pytest.approx(0.35, abs=0.01)
    assert eighteen[0] == pytest.approx(0.14, abs=0.01)
    assert eighteen[2] > 2.0 * ten[2]
    assert ten.sum() == pytest.approx(1.0)


def test_a_teacher_is_another_after_a_stage():
    law = GrowingUp()
    assert [law.teacher(age) for age in (4.0, 5.9, 6.1, 17.9)] == [0, 0, 1, law.teachers() - 1]


YOUTH_NUMBERS = [
    number
    for number in Theory().numbers()
    if number.name.startswith("growing_up.")
    or number.name.split(".")[1] in ("adolescent", "height_years", "width_years")
]


@pytest.mark.parametrize("number", YOUTH_NUMBERS, ids=lambda number: number.name)
def test_every_number_of_youth_counts(number):
    def what_follows(theory):
        law, window = theory.growing_up, theory.sensitive_period
        return (
            law.places(40),
            [law.teacher(float(age)) for age in law.ages(40)],
            [float(window.youth(age)) for age in law.ages(40)],
        )

    changed = Theory().changed(number.name, 0.8 * number.value)
    assert what_follows(changed) != what_follows(Theory())


def test_adolescence_opens_what_childhood_closed():
    law = SensitivePeriod()
    before, height, after = (float(law.youth(age)) for age in (8.0, 14.0, 18.0))
    assert height == pytest.approx(float(law.plasticity(14.0)) * 0.75 + 0.25)
    assert height > 2.0 * float(law.plasticity(14.0))
    assert before < height > after
    assert float(law.youth(4.0)) == pytest.approx(float(law.childhood(4.0)), abs=1e-3)


def test_the_rows_say_where_and_when(lived):
    youth = of_youth(lived)
    assert [str(place) for place in youth.place.to_numpy()] == GrowingUp().places(YOUTH)
    np.testing.assert_allclose(youth.age_years, GrowingUp().ages(YOUTH))
    table = encounter_table(lived["encounters"].to_dataset())
    assert set(table[table.phase == "youth"].place) == set(PLACES)
    assert set(table[table.phase == "childhood"].place) == {""}


def test_the_report_says_who_was_there(lived):
    one = lived["encounters"].to_dataset().isel(dyad=0)
    at = CHILDHOOD + GrowingUp().places(YOUTH).index("school")
    assert encounter_title(one, at).startswith("Youth, at school, age 5.5")
    assert "The teacher was mostly heard as" in encounter_line(one, at)
    assert "The caregiver was mostly heard as" in encounter_line(one, 0)


def test_youth_is_no_session_of_a_sample():
    content = {"kind": "childhood", "dyads": 16, "childhood": {"encounters": 2, "ticks": 100}}
    tables = simulate_sample({**content, "youth": {"encounters": 3}}, {})
    assert len(tables["readouts"]) == 16
    assert tables["sessions"].empty


def test_a_friend_and_those_at_home_are_remembered_and_a_new_teacher_is_not(lived):
    youth = of_youth(lived)
    safety = youth.safety.mean("dyad").to_numpy()
    place = youth.place.to_numpy()
    friend = safety[place == "friends"]
    school = safety[place == "school"]
    assert friend[-1] > friend[0] + 0.05
    assert np.abs(np.diff(school)).max() < 0.05
    assert safety[place == "home"].min() > school.max()


def expected_of_others(who, **more):
    """What the model in use expects of others after a hard childhood and such people."""
    tree = grown(
        dyads=128,
        childhood={"caregiver": "rejecting", "encounters": 6, "ticks": 200},
        youth={"teacher": who, "friend": who},
        **more,
    )
    last = tree["encounters"].to_dataset().isel(encounter=-1)
    return float((last.expected_attuned * last.model_belief).sum("model").mean())


def test_people_met_later_leave_their_part_and_more_in_adolescence():
    kind, hard = expected_of_others("sensitive"), expected_of_others("rejecting")
    closed = {"ablate": ["adolescence"]}
    before = expected_of_others("sensitive", **closed) - expected_of_others(
        "rejecting", **closed
    )
    assert before > 0.03
    assert kind - hard > before + 0.005


def test_years_that_are_lived_are_not_averaged_as_well(lived):
    other = grown(ablate=["years_between"])
    np.testing.assert_array_equal(
        lived["readouts"].dismissing_scored, other["readouts"].dismissing_scored
    )


def test_children_of_those_who_grew_up_have_teachers_of_their_own():
    one, two = (grown(childhood={"generations": n}, dyads=16) for n in (1, 2))
    assert of_youth(two).sizes["encounter"] == YOUTH
    assert (of_youth(one).trust != of_youth(two).trust).any()


@pytest.mark.parametrize(
    ("youth", "told"),
    [
        ({"encounters": -1}, "youth.encounters"),
        ({"teacher": "kind"}, "youth.teacher"),
        ({"teachers": "sensitive"}, "youth.teachers"),
    ],
)
def test_what_cannot_be_is_told_with_its_entry(youth, told):
    with pytest.raises(CourseError, match=told):
        build_course({"youth": youth})


def test_instruments_see_the_young_person_and_not_the_child():
    tables = [
        grown(instruments=["laboratory"], youth={"encounters": number})["readouts"]
        for number in (0, YOUTH)
    ]
    child, young = (table.lab_expected_support.to_numpy() for table in tables)
    assert (child != young).mean() > 0.9
    # What was scored at four is the same whatever follows.
    for name in ("avoidance_scored", "sensitivity_observed"):
        np.testing.assert_array_equal(tables[0][name], tables[1][name])


def test_a_parent_no_longer_stops_the_stress_axis_at_eighteen():
    def cortisol(encounters, **content):
        youth = {"encounters": encounters}
        return grown(instruments=["laboratory"], youth=youth, **content)["readouts"]

    plain = {"ablate": ["stress_buffering"]}
    child, young = (
        float(
            (cortisol(n, **plain).lab_cortisol_figure - cortisol(n).lab_cortisol_figure).mean()
        )
        for n in (0, YOUTH)
    )
    assert child >= 0.02
    assert abs(young) < 0.01


def test_who_is_at_home_at_eighteen_is_the_parent_as_known_by_then():
    content = {"kind": "childhood", "childhood": {"encounters": CHILDHOOD, "ticks": 100}}
    course = build_course({**content, "youth": {"encounters": YOUTH}})
    dyads, schedule = dyads_of(course, np.arange(16), Theory()), schedule_of(course)
    young = grow_up(dyads, schedule)
    child = grow_up(dyads, replace(schedule, youth_encounters=0))
    # Counts of a parent go on from those at four; a teacher's begin at none.
    before, by_then = (np.asarray(c.bond.good + c.bond.bad) for c in (child, young))
    assert (by_then != before).all()
    assert by_then.mean() > before.mean()
    np.testing.assert_array_equal(young.child.old, young.client.old)
    assert (np.asarray(young.child.body.arousal) != np.asarray(young.client.body.arousal)).any()
