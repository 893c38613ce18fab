"""Courses as written: what is wrong is said with what to do."""

import pytest

from bowlby.courses.course import Course, CourseError, build_course, read_course


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"client": {"gama": 3}}, "did you mean 'gamma'"),
        ({"client": {"gamma": 300}}, "outside its range 1 to 20"),
        ({"client": {"contagion": 3.0}}, "0 to 0.3 1/s"),
        ({"arms": [{"protocol": "suportive"}]}, "did you mean 'supportive'"),
        ({"ablate": ["oxytocine"]}, "did you mean 'oxytocin'"),
        ({"arms": [{"therapist": {"gain": 3.0, "latency_s": 4.0}}]}, "at most 1.82"),
        ({"therapy": {"breaks": [99]}}, "names session 99, but there are 30"),
        ({"childhood": {"caregiver": "rejectin"}}, "'rejecting'"),
        ({"childhood": {"caregiver": {"thret": 1}}}, "did you mean 'threat'"),
        ({"life": {"ticks": 77}}, "multiple of 50"),
        ({"dyads": 0}, "dyads"),
        ({"life": {"stress": {"90": 3.0}}}, "week 90, but the course runs"),
        ({"arms": [{}, {}]}, "arms need different names"),
        ({"protocols": {"mine": {"early": {"hug": 1.0}}}}, "no intervention 'hug'"),
        ({"protocols": {"mine": {"early": {"hold": -1.0}}}}, "0 to 1"),
        ({"protocols": {"mine": {"early": {"hold": 1.5}}}}, "0 to 1"),
        ({"protocols": {"mine": {"early": {}}}}, "names no intervention"),
        ({"protocols": {"mine": {"early": {"hold": [0, 0, 1, 1]}}}}, "calm and distrusting"),
        ({"therapy": {"sessions": 3, "breaks": [1, 2, 3]}}, "none takes place"),
        ({"dyads": True}, "dyads"),
        ({"instruments": ["laboratry"]}, "did you mean 'laboratory'"),
        ({"theory": {"oxytocin": {"halflife_s": 3.0}}}, "did you mean 'half_life_s'"),
        ({"theory": {"oxytocn": {"release": 3.0}}}, "did you mean 'oxytocin'"),
        ({"theory": {"oxytocin": {"release": 3.0}}}, "0 to 0.2 1/s"),
        ({"theory": {"contact": {"kick": {"rude": 1.0}}}}, "no entry 'rude'"),
        ({"ablate": ["oxytocin=1.5"]}, "0 (nothing) to 1 (all)"),
        ({"interventions": {"hold": {}}}, "interventions.hold"),
        ({"interventions": {"sing": {"attuned": 0.9}}}, "interventions.sing.pressure: missing"),
        ({"arms": []}, "at least one arm"),
    ],
)
def test_what_is_wrong_is_named(content, said):
    with pytest.raises(CourseError) as caught:
        build_course(content)
    assert said in str(caught.value)


def test_all_faults_are_told_at_once():
    with pytest.raises(CourseError) as caught:
        build_course({"client": {"gama": 3, "memory": 1}, "sede": 2})
    assert str(caught.value).count("\n") == 3


def test_a_file_that_is_not_toml_is_named(tmp_path):
    path = tmp_path / "course.toml"
    path.write_text("dyads = = 3")
    with pytest.raises(CourseError, match=r"course\.toml: not a TOML file"):
        read_course(path)


def test_changes_by_dotted_name_are_checked_too():
    assert build_course({}, changes={"client.gamma": 7}).client.gamma == 7.0
    with pytest.raises(CourseError, match="outside its range"):
        build_course({}, changes={"client.gamma": 70})


def test_a_section_that_is_none_is_refused():
    with pytest.raises(CourseError, match="not a section"):
        build_course({"title": "x"}, changes={"title.gamma": 7})


def test_every_parameter_says_what_it_is_and_its_unit():
    fields = Course.model_fields["client"].annotation.model_fields
    assert all(field.description for field in fields.values())
