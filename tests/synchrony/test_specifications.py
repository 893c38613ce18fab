import pytest

from bowlby.synchrony.measuring import Settings
from bowlby.synchrony.specifications import Choices, describe, specifications

CHOICES = Choices(
    window_s=(30.0, 60.0), step_share=(0.5, 1.0), max_lag_s=(5.0,), smooth_s=(0.5,),
    surrogate=("segments", "shift"), convention=("bowlby", "susy"), absolute=(True,),
)  # fmt: skip


def test_every_combination_is_there_once():
    found = specifications(Settings(), CHOICES)
    assert len(found) == len(set(found)) == 2 * 2 * 2 + 2


def test_the_segmentwise_convention_ignores_steps_and_shifts():
    susy = [s for s in specifications(Settings(), CHOICES) if s.convention == "susy"]
    assert {(s.step_s == s.window_s, s.surrogate) for s in susy} == {(True, "segments")}


def test_a_description_names_the_choices():
    (row, *_) = describe(specifications(Settings(), CHOICES))
    assert (row["window_s"], row["convention"]) == (30.0, "bowlby")


def test_a_choice_without_values_is_refused():
    with pytest.raises(ValueError, match="window_s has no value"):
        Choices(window_s=())
