"""What courses hold beside people: parameters, interventions, protocols, mistakes of editors."""

import tomllib
from datetime import date

import pytest

from bowlby.courses.course import CourseError, build_course, read_course
from bowlby.courses.numbers import number_of, numbers
from bowlby.courses.parameters import parameters_of
from bowlby.courses.theories import theory_of
from bowlby.evidence.samples import SAMPLES

SING = {
    "attuned": 0.85, "intrusive": 0.05, "dismissive": 0.05, "frightening": 0.05,
    "answers": 0.5, "pressure": 0.1, "information": 1.0, "content": 0.0, "naming": 0.0,
    "soothing": 0.02,
}  # fmt: skip


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_is_understood(tmp_path, mark):
    (tmp_path / "my.toml").write_bytes(mark + b'title = "Mine"\r\n')
    assert read_course(tmp_path / "my.toml").title == "Mine"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_understood_with_a_mark_and_without(tmp_path, encoding):
    (tmp_path / "my.toml").write_bytes('title = "Mine"\n'.encode(encoding))
    assert read_course(tmp_path / "my.toml").title == "Mine"


def test_line_ends_of_old_computers_are_understood(tmp_path):
    (tmp_path / "my.toml").write_bytes(b'title = "Mine"\rseed = 3\r')
    assert read_course(tmp_path / "my.toml").seed == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('title = "Müller"'.encode("latin-1"), "not text in UTF-8 .* Save it as UTF-8"),
        ("title = “Mine”".encode(), "typographic quotes; use straight ones"),
        (b"a = " + b"[" * 5000, "not a TOML file"),
    ],
)
def test_what_is_no_toml_is_told_with_what_to_do(tmp_path, content, said):
    (tmp_path / "my.toml").write_bytes(content)
    with pytest.raises(CourseError, match=said):
        read_course(tmp_path / "my.toml")


def test_parameters_hold_where_a_course_says_nothing():
    values = parameters_of("calibrated")
    course = build_course({"client": {"memory": 70.0}}, parameters=values)
    assert (course.client.memory, course.client.openness) == (70.0, values["client.openness"])
    assert course.client.openness != build_course({}).client.openness


def test_changes_come_before_parameters():
    values = {"therapy.skill_sd": 0.6}
    course = build_course({}, changes={"therapy.skill_sd": 0.3}, parameters=values)
    assert course.therapy.skill_sd == 0.3


def test_parameters_may_be_of_the_theory(tmp_path):
    (tmp_path / "p.toml").write_text("[theory.oxytocin]\nrelease = 0.03\n")
    course = build_course({}, parameters=parameters_of(tmp_path / "p.toml"))
    assert float(theory_of(course).oxytocin.release) == pytest.approx(0.03)


def test_a_course_can_name_its_parameters(tmp_path):
    (tmp_path / "my.toml").write_text('parameters = "calibrated"\n')
    course = read_course(tmp_path / "my.toml")
    assert course.life.partner_quality == parameters_of("calibrated")["life.partner_quality"]


def test_a_parameter_that_is_no_number_is_refused(tmp_path):
    (tmp_path / "p.toml").write_text('title = "x"\n')
    with pytest.raises(CourseError, match=r"title = 'x': a parameter is a number"):
        parameters_of(tmp_path / "p.toml")


def test_every_number_has_a_name_a_range_and_a_source():
    found = numbers()
    assert len({n.name for n in found}) == len(found) > 400
    assert all(
        n.low <= n.default <= n.high and n.unit and n.meaning and n.source for n in found
    )


def test_numbers_of_people_are_declared_under_their_section():
    assert number_of("client.gamma").default == 5.0
    assert number_of("therapy.skill_sd").high == 3.0


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_the_evidence_are_courses(name):
    assert build_course(SAMPLES[name], where=name).dyads >= 64


def test_an_intervention_of_ones_own_is_one_of_the_theory():
    course = build_course({"interventions": {"sing": SING}})
    assert theory_of(course).interventions.names[-1] == "sing"


def test_its_numbers_can_be_set_like_the_others():
    changes = {"theory.interventions.sing.soothing": 0.5}
    theory = theory_of(build_course({"interventions": {"sing": SING}}, changes=changes))
    assert theory.interventions.column("soothing")[-1] == pytest.approx(0.5)


def test_a_protocol_can_use_it():
    own = {"interventions": {"sing": SING}, "protocols": {"song": {"early": {"sing": 1.0}}}}
    assert build_course(own | {"arms": [{"protocol": "song"}]}).arms[0].protocol == "song"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"interventions": {"sing": {k: v for k, v in SING.items() if k != "soothing"}}},
         "interventions.sing.soothing: missing"),
        ({"interventions": {"sing": SING | {"pressure": 9.0}}}, "outside its range 0 to 2"),
        ({"interventions": {"sing": SING | {"attuned": 0.1}}}, "each above 0, together 1"),
        ({"protocols": {"mine": {"early": {"hold": 0.0}}}}, "all shares are 0 when the client"),
        ({"protocols": {"mine": {"early": {"hodl": 0.5}}}}, "did you mean 'hold'?"),
        ({"client": {"gamma": 99.0}}, "client.gamma = 99.0: outside its range 1 to 20"),
        ({"interventions": {"sing now": SING}}, "'sing now' is no name; use letters, digits"),
        ({"therapy": {"encounters": 5}}, "no such parameter; did you mean 'childhood.encounters'?"),
        ({"release": 0.1}, "no such parameter; did you mean 'theory.oxytocin.release'?"),
        ({"childhood": {"dyads": 3}}, "no such parameter; did you mean 'synchrony.dyads'?"),
        ({"therapy": {"ticks": 17}}, "therapy.ticks = 17: a multiple of 50 is expected"),
        ({"dyads": True}, "dyads = true: a whole number is expected"),
        ({"dyads": date(2026, 1, 1)}, "dyads = 2026-01-01: a whole number is expected"),
        ({"theory": {"file": 3}}, "theory.file = 3: text in quotes is expected"),
        ({"theory": {"oxytocin": 3}}, "oxytocin is a mechanism; set one of its numbers: release"),
        ({"theory": {"release": 3}}, "no mechanism 'release'; did you mean 'oxytocin.release'?"),
        ({"theory": {"interventions": 3}}, "no intervention ''; there are: "),
        ({"theory": {"oxytocin": {"release": {"x": 1}}}}, "oxytocin.release is one number, "),
        ({"theory": {"interventions": {"hold": {"soothing": True}}}}, "= true: a number is"),
        ({"ablate": ["oxytocin="]}, "a mechanism and a share such as oxytocin=0.5"),
        ({"ablate": ["oxytocin", "oxytocin=0.5"]}, "oxytocin is named twice, with different"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_with_the_remedy(content, said):
    with pytest.raises(CourseError) as error:
        build_course(content)
    assert said in str(error.value)


def test_what_is_shown_of_a_preset_can_be_read_again():
    from bowlby.courses.catalogue import course_text, presets

    names = [p.name for p in presets() if p.kind == "course"]
    assert all(build_course(tomllib.loads(course_text(name))).title for name in names)


def test_a_protocol_of_ones_own_takes_no_name_of_bowlbys():
    with pytest.raises(CourseError, match=r"\[protocols.my_supportive\]"):
        build_course({"protocols": {"supportive": {"early": {"hold": 1.0}}}})
    build_course({"protocols": {"my_supportive": {"early": {"hold": 1.0}}}})
