"""Theories of one's own: the file, its laws and its numbers are checked before a run."""

import re
from pathlib import Path

import jax.numpy as jnp
import pytest

from bowlby.courses.course import CourseError, build_course, read_course
from bowlby.courses.theories import (
    load_theory,
    numbers_of,
    theory_mark,
    theory_of,
    under_default,
)
from bowlby.simulation.own_laws import check_own_laws
from bowlby.theory import Theory, TheoryError, parameter
from bowlby.theory.oxytocin import Oxytocin

OWN = """
import jax.numpy as jnp
from bowlby.theory import Theory, parameter
from bowlby.theory.oxytocin import Oxytocin

class Slower(Oxytocin):
    inertia: float = parameter(
        0.5, low=0.0, high=1.0, unit="share", meaning="what stays", source="ours: a test"
    )

    def step(self, level, attuned_contact, *, dt_s):
        new = super().step(level, attuned_contact, dt_s=dt_s)
        return self.inertia * level + (1.0 - self.inertia) * new

theory = Theory(oxytocin=Slower())
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "slower.py").write_text(OWN)
    (tmp_path / "my.toml").write_text('[theory]\nfile = "slower.py"\n')
    return tmp_path


class Raising(Oxytocin):
    """Asks for a value that is not known yet."""

    def step(self, level, attuned_contact, *, dt_s):
        """Fail."""
        return level if level > 0.5 else attuned_contact * dt_s


class Summing(Oxytocin):
    """Gives one number for everybody."""

    def reactivity(self, level):
        """A mean."""
        return jnp.mean(level)


class Undefined(Oxytocin):
    """Has no value at zero."""

    def step(self, level, attuned_contact, *, dt_s):
        """A logarithm of a level that begins at zero."""
        return level + 0.0 * dt_s * jnp.log(attuned_contact)


class Fine(Oxytocin):
    """A law that can run."""

    def step(self, level, attuned_contact, *, dt_s):
        """Without decay."""
        return level + (1.0 - level) * jnp.tanh(self.release * attuned_contact * dt_s)


class Whole(Oxytocin):
    """Gives whole numbers."""

    def step(self, level, attuned_contact, *, dt_s):
        """Nothing or all."""
        return (level + 0.0 * attuned_contact * dt_s).astype(int)


class Misspelt(Oxytocin):
    """Its law would never be called."""

    def stpe(self, level):
        """Nothing."""
        return level


class Bare(Oxytocin):
    """Its number would be passed over."""

    release = 0.1


class Beyond(Oxytocin):
    """Its number is outside of its own range."""

    steepness: float = parameter(9.0, low=0.0, high=1.0, unit="1", meaning="x", source="x")


class Turned(Oxytocin):
    """Its range is turned round."""

    steepness: float = parameter(0.5, low=1.0, high=0.0, unit="1", meaning="x", source="x")


class Alone:
    """No mechanism of oxytocin at all."""

    OFF = {}  # noqa: RUF012


def test_a_theory_is_read_from_the_file_beside_the_course(own):
    assert type(theory_of(read_course(own / "my.toml")).oxytocin).__name__ == "Slower"


def test_a_new_number_is_settable_like_the_others(own):
    course = read_course(own / "my.toml", {"theory.oxytocin.inertia": 0.1})
    assert numbers_of(theory_of(course))["theory.oxytocin.inertia"] == 0.1


def test_a_new_number_has_a_range(own):
    with pytest.raises(
        CourseError, match=r"oxytocin.inertia = 2: outside its range 0 to 1 share"
    ):
        read_course(own / "my.toml", {"theory.oxytocin.inertia": 2.0})


def test_under_the_default_theory_the_file_and_its_own_numbers_are_left_out(own):
    changes = {"theory.oxytocin.inertia": 0.1, "theory.oxytocin.release": 0.03}
    default = under_default(read_course(own / "my.toml", changes))
    assert numbers_of(theory_of(default))["theory.oxytocin.release"] == 0.03
    assert type(theory_of(default).oxytocin) is Oxytocin


def test_another_text_is_another_theory(own):
    before = theory_mark(read_course(own / "my.toml"))
    (own / "slower.py").write_text(OWN.replace("0.5, low", "0.4, low"))
    assert theory_mark(read_course(own / "my.toml")) != before


def test_the_same_text_is_the_same_law(own):
    first, again = (load_theory(own / "slower.py") for _ in range(2))
    assert type(first.oxytocin) is type(again.oxytocin)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "defines no theory. End it with a line such as"),
        ("x = 1\n1 / 0\n", r"own.py, line 2: raised ZeroDivisionError"),
        ("def (:\n", r"own.py, line 1: not Python: invalid syntax"),
        ("import sys\nsys.exit(3)\n", r"own.py, line 2: raised SystemExit: 3"),
    ],
)
def test_a_file_that_is_no_theory_is_named(tmp_path, text, said):
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(TheoryError, match=said):
        load_theory(tmp_path / "own.py")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TheoryError, match=r"absent.py: cannot be read"):
        load_theory(tmp_path / "absent.py")


def test_a_law_that_can_run_passes():
    check_own_laws(Theory(oxytocin=Fine()))


@pytest.mark.parametrize(
    ("mechanism", "said"),
    [
        (Raising(), r"Raising.step: raised .* use jnp.where"),
        (Summing(), r"Summing.reactivity: returns the shape \(\); wanted is \(3,\)"),
        (Undefined(), r"Undefined.step: gives no finite number for attuned_contact = 0"),
        (Alone(), r"Alone stands for Oxytocin, but has no 'step'"),
        (Whole(), r"Whole.step: returns int32; wanted is float32"),
        (Misspelt(), r"Misspelt.stpe: no law of Oxytocin, .* did you mean 'step'\?"),
        (Bare(), r"Bare.release: a bare number would be passed over; write"),
        (Beyond(), r"oxytocin.steepness = 9: outside its range 0 to 1$"),
        (Turned(), r"Turned.steepness: low=1.0 is not below high=0.0"),
    ],
)
def test_a_law_that_cannot_run_is_named_with_why(mechanism, said):
    with pytest.raises(TheoryError, match=said):
        check_own_laws(Theory(oxytocin=mechanism))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"theory": {"oxytocin": {"release": "much"}}}, "a number is expected"),
        ({"ablate": ["oxytocin=half"]}, "a share such as oxytocin=0.5"),
    ],
)
def test_numbers_that_cannot_be_are_named_with_the_remedy(content, said):
    with pytest.raises(CourseError) as error:
        build_course(content)
    assert said in str(error.value)


def test_half_an_ablation_is_half_the_number():
    course = build_course({"ablate": ["oxytocin=0.5"]})
    assert float(theory_of(course).oxytocin.release) == pytest.approx(0.01)


def test_old_names_of_ablations_are_read():
    assert build_course({"ablate": ["heard_as"]}).ablate == {"perceived_stance": 1.0}


def test_the_worked_example_of_the_documentation_can_run(tmp_path):
    page = Path(__file__).parents[2] / "docs" / "how-to" / "own-mechanism.md"
    code = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)[0]
    (tmp_path / "saturating.py").write_text(code)
    check_own_laws(load_theory(tmp_path / "saturating.py"))
