"""Courses as they may be given in Python."""

import pytest

from bowlby.courses.asked import course_asked
from bowlby.courses.course import CourseError, build_course

ENTRIES = {"dyads": 3, "therapy": {"sessions": 7}}


@pytest.mark.parametrize("kind", ["course", "entries", "file"])
def test_a_course_is_the_same_however_it_is_given(kind, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text("dyads = 3\n[therapy]\nsessions = 7\n")
    given = {"course": build_course(ENTRIES), "entries": ENTRIES, "file": path}[kind]
    assert course_asked(given) == build_course(ENTRIES)
    assert course_asked(given, {"dyads": 5}).dyads == 5
    assert course_asked(given, parameters={"client.gamma": 7.0}).client.gamma == 7.0


@pytest.mark.parametrize("name", ["therapy", "four_arms"])
def test_what_comes_with_bowlby_has_a_name(name):
    assert course_asked(name, {"seed": 9}).seed == 9


def test_an_unknown_name_is_told_with_a_near_one():
    with pytest.raises(CourseError, match="did you mean 'four_arms'"):
        course_asked("four_arm")
