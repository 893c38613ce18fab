"""The theory as one object: what is declared, set and taken away."""

import jax
import numpy as np
import pytest

from bowlby.theory import Theory, TheoryError
from bowlby.theory.declared import declarations
from bowlby.theory.people import AttachmentFigure, CareSeeker, RelationalMind
from bowlby.theory.populations import CaregiverPopulation

THEORY = Theory()
NUMBERS = THEORY.numbers()


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: n.name)
def test_every_number_is_declared_whole_and_in_its_range(number):
    assert number.low <= number.value <= number.high
    assert all((number.unit, number.meaning, number.source))


@pytest.mark.parametrize("module", [RelationalMind, CareSeeker, AttachmentFigure])
def test_people_are_declared_whole_too(module):
    for declared in declarations(module).values():
        assert declared.low <= declared.value <= declared.high
        assert declared.meaning


def test_the_defaults_of_populations_are_in_their_ranges():
    for d in declarations(CaregiverPopulation).values():
        assert d.low <= d.value <= d.high


def test_a_source_that_says_ours_gives_a_reason():
    bare = [n.name for n in NUMBERS if n.source.strip(" .") == "ours"]
    assert not bare


@pytest.mark.parametrize("name", sorted(THEORY.ablations()))
def test_an_ablation_is_other_numbers(name):
    without = THEORY.without(name)
    for path, off in THEORY.ablations()[name].items():
        assert np.all(np.asarray(without.get(path)) == off)


def test_half_an_ablation_is_half_of_the_way():
    half = THEORY.without("oxytocin", 0.5)
    assert half.get("oxytocin.release") == pytest.approx(0.5 * THEORY.get("oxytocin.release"))


def test_no_share_of_an_ablation_changes_nothing():
    before, after = (jax.tree.leaves(t) for t in (THEORY, THEORY.without("coupling", 0.0)))
    np.testing.assert_array_equal(np.concatenate(list(map(np.ravel, before))),
                                  np.concatenate(list(map(np.ravel, after))))  # fmt: skip


def test_names_of_earlier_versions_are_read():
    assert THEORY.without("heard_as").get("perceived_stance.by_act") == 0.0


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("oxytocin.halflife_s", 5.0, "did you mean 'half_life_s'"),
        ("oxitocin.release", 0.1, "did you mean 'oxytocin'"),
        ("oxytocin.release", 3.0, "outside its range 0 to 0.2 1/s"),
        ("oxytocin.release", "much", "a number is expected"),
        ("oxytocin.release", True, "a number is expected"),
        ("contact.kick", [0.1, 0.1], "4 numbers (attuned, intrusive, dismissive, frightening)"),
        ("contact.kick.rude", 0.1, "no entry 'rude'"),
        ("interventions.hug.pressure", 0.1, "no intervention 'hug'"),
        ("interventions.hold.presure", 0.1, "did you mean 'pressure'"),
        ("interventions.hold.pressure", 9.0, "0 to 2"),
    ],
)
def test_what_cannot_be_set_is_named_with_what_can(path, value, said):
    with pytest.raises(TheoryError) as caught:
        THEORY.changed(path, value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("oxytocin.half_life_s", 120.0),
        ("contact.kick.intrusive", 0.3),
        ("interventions.hold.pressure", 0.2),
        ("interventions.hold.attuned", 0.5),
    ],
)
def test_a_number_that_is_set_stands_in_the_table(path, value):
    found = {n.name: n.value for n in THEORY.changed(path, value).numbers()}
    assert found[path] == pytest.approx(value)


def test_setting_a_number_leaves_the_others_alone():
    changed = {n.name: n.value for n in THEORY.changed("oxytocin.half_life_s", 60.0).numbers()}
    others = [n for n in NUMBERS if n.name != "oxytocin.half_life_s"]
    assert all(changed[n.name] == n.value for n in others)
