import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.published import smith2021


@pytest.fixture(scope="module")
def reproduction():
    return smith2021.run()


@pytest.mark.parametrize("column", list(smith2021.EXPECTED))
def test_therapies_end_as_exact_inference_says(reproduction, column):
    # The targets are rounded to three decimals.
    np.testing.assert_allclose(
        reproduction.readouts[column], smith2021.EXPECTED[column], atol=1e-3
    )


def test_no_target_is_missed(reproduction):
    assert reproduction.missed == ()
    assert len(reproduction.targets) == len(reproduction.checks) == 24


def therapy_by_hand(interaction: float, safe: float) -> tuple[float, float]:
    """Explicit and implicit beliefs after the exposures: two lines of Bayes' rule a trial."""
    counts = 5 * np.array([[[0.1, 0.9], [interaction, 1 - interaction]]] * 2)
    beliefs = 50 * np.array([1 - safe, safe])
    for _ in range(smith2021.TRIALS):
        good = counts[..., 0] / counts.sum(-1)
        credit = beliefs / beliefs.sum() * good.prod(0)
        credit /= credit.sum()
        counts[..., 0] += credit
        beliefs += credit
    return beliefs[1] / beliefs.sum(), counts[0, 0, 0] / counts[0, 0].sum()


@settings(max_examples=10)
@given(interaction=st.floats(0.2, 0.95), safe=st.floats(0.05, 0.95))
def test_any_therapy_is_that_of_bayes_rule_by_hand(interaction, safe):
    with jax.enable_x64(True):
        course = smith2021.therapy(interaction, safe)
    explicit, implicit = therapy_by_hand(interaction, safe)
    np.testing.assert_allclose(course.explicit_safe[-1], explicit, atol=1e-9)
    np.testing.assert_allclose(course.implicit_positive[-1], implicit, atol=1e-9)


def test_uncertainty_protects_from_relapse_better_than_reassurance(reproduction):
    uncertain, reassured = reproduction.readouts["approach_reinstated"].values[[4, 5]]
    assert uncertain > 100 * reassured


def test_weaker_interaction_generalises_more(reproduction):
    strong, weak = reproduction.readouts["implicit_positive_after"].values[[1, 4]]
    assert weak > strong + 0.1
