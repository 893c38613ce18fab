"""Scores have methods: their shares come out, and impossible instruments are refused."""

import jax
import numpy as np
import pytest

from bowlby.courses.course import CourseError, build_course
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.measuring import Marks, Observer
from bowlby.simulation.population import dyad_keys
from bowlby.theory import Theory
from bowlby.theory.instruments import METHODS, Instrument, changed, instruments

PEOPLE = 4000


def observer(own=None, *, method=1, occasion=2, error=3):
    keys = [dyad_keys(seed, np.arange(PEOPLE)) for seed in (method, occasion, error)]
    return Observer(Marks(*keys), own)


def instrument(**values):
    return Instrument(
        **{
            "construct": "x", "method": "self-report", "informant": "client",
            "reliability": 0.8, "kind": "retest", "occasion_share": 0.1, "method_share": 0.2,
            "spread": 1.0,
        } | values
    )  # fmt: skip


@pytest.fixture(scope="module")
def latent():
    return np.asarray(jax.random.normal(jax.random.key(9), (PEOPLE,)))


def test_the_construct_has_the_share_that_is_left(latent):
    seen = observer({"x": instrument()}).score("x", latent, occasion="day")
    assert np.corrcoef(seen, latent)[0, 1] ** 2 == pytest.approx(0.5, abs=0.04)


def test_two_scores_of_one_method_and_day_share_method_and_occasion():
    one = observer({"x": instrument(), "y": instrument()})
    nothing = np.zeros(PEOPLE)
    x, y = (one.score(name, nothing, occasion="day") for name in "xy")
    # Without the construct, .3 of .5 of the variance is shared.
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.6, abs=0.04)


def test_another_day_shares_the_method_alone():
    one, nothing = observer({"x": instrument(), "y": instrument()}), np.zeros(PEOPLE)
    x, y = (one.score(name, nothing, occasion=name) for name in "xy")
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.4, abs=0.04)


def test_another_informant_shares_nothing():
    own = {"x": instrument(), "y": instrument(informant="therapist")}
    one, nothing = observer(own), np.zeros(PEOPLE)
    x, y = (one.score(name, nothing, occasion="day") for name in "xy")
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.0, abs=0.05)


def test_the_same_people_on_another_occasion_keep_their_method():
    one, nothing = observer({"x": instrument()}), np.zeros(PEOPLE)
    again = one.again(dyad_keys(77, np.arange(PEOPLE)))
    x, y = (each.score("x", nothing, occasion="day") for each in (one, again))
    assert np.corrcoef(x, y)[0, 1] == pytest.approx(0.4, abs=0.04)


def test_a_perfect_instrument_reports_what_is_there(latent):
    perfect = instrument(reliability=1.0, occasion_share=0.0, method_share=0.0)
    assert np.array_equal(observer({"x": perfect}).score("x", latent, occasion="a"), latent)


def test_floor_ceiling_and_steps(latent):
    scale = instrument(low=0.0, high=2.0, step=0.5)
    seen = observer({"x": scale}).score("x", latent, occasion="a")
    assert set(np.unique(seen)) == {0.0, 0.5, 1.0, 1.5, 2.0}


def test_what_no_instrument_scores_is_reported_as_it_is(latent):
    assert np.array_equal(observer().score("complexity", latent, occasion="a"), latent)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"reliability": 1.2}, "reliability = 1.2: a share is 0 to 1"),
        ({"method_share": -0.1}, "method_share = -0.1"),
        ({"method_share": 0.8}, "leaves -0.1 of the variance for the construct"),
        ({"method": "guesswork"}, "self-report"),
        ({"among": "nobody"}, "everybody, clients"),
        ({"low": 1.0, "high": 0.0}, "floor 1 below ceiling 0"),
    ],
)
def test_impossible_instruments_are_refused(values, told):
    with pytest.raises(ValueError, match=told):
        instrument(**values)


def test_the_package_s_instruments_are_possible_and_have_sources():
    for name, row in instruments().items():
        assert row.method in METHODS, name
        assert row.source, name
        assert 0.0 < row.construct_share < 1.0, name


def test_an_unknown_score_is_named_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'anxiety'"):
        changed("anxeity", reliability=0.5)


def course(**values):
    return {"dyads": 8, "kind": "childhood", "measures": values}


def test_a_course_changes_instruments():
    less = build_course(course(anxiety={"reliability": 0.5, "method_share": 0.1}))
    dyads = dyads_of(less, np.arange(8), Theory())
    own = dyads.observer.instrument("anxiety")
    assert (own.reliability, own.method_share) == (0.5, 0.1)
    assert own.occasion_share == instruments()["anxiety"].occasion_share


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"anxeity": {"reliability": 0.5}}, "did you mean 'anxiety'"),
        ({"anxiety": {"reliability": 0.2}}, "leaves"),
        ({"anxiety": {"reliability": 2.0}}, "reliability"),
        ({"anxiety": {"method": "gossip"}}, "interview"),
        ({"anxiety": {"reliabilty": 0.5}}, "reliabilty"),
    ],
)
def test_a_course_with_an_impossible_instrument_is_refused(values, told):
    with pytest.raises(CourseError, match=told):
        build_course(course(**values))
