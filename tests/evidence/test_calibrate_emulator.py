"""Emulators recover known functions, say how sure they are, and know what they cannot know."""

import numpy as np
import pytest

from bowlby.evidence.calibration.emulator import fit_emulator, fit_emulators, predicted
from bowlby.evidence.calibration.screening import screen

RNG = np.random.default_rng(0)
POINTS = RNG.uniform(-1, 1, (120, 3))
TRUTH = POINTS[:, 0] + 0.5 * POINTS[:, 1] ** 2
NOISE = 0.2


@pytest.fixture(scope="module")
def emulator():
    return fit_emulator(POINTS, TRUTH + NOISE * RNG.standard_normal(120))


def test_the_noise_of_a_run_is_learnt(emulator):
    assert emulator.noise == pytest.approx(NOISE, rel=0.25)


def test_the_expected_value_is_nearer_than_the_noise_of_a_run(emulator):
    new = np.random.default_rng(1).uniform(-1, 1, (2000, 3))
    mean, variance = emulator.predict(new)
    error = mean - new[:, 0] - 0.5 * new[:, 1] ** 2
    assert np.sqrt(np.mean(error**2)) < 0.5 * NOISE
    assert np.mean(np.abs(error) < 2.5 * np.sqrt(variance)) > 0.9


def test_left_out_runs_lie_in_their_intervals_about_as_often_as_they_should(emulator):
    assert 0.89 <= emulator.coverage <= 1.0
    assert emulator.q2 < emulator.best_q2 + 0.05
    assert emulator.q2 > 0.75


def test_a_statistic_that_is_undefined_in_most_runs_is_not_emulated():
    values = np.where(np.arange(120) % 2 == 0, TRUTH, np.nan)
    assert fit_emulator(POINTS, values) is None


def test_a_statistic_that_never_changes_is_not_emulated():
    assert fit_emulator(POINTS, np.ones(120)) is None


def test_runs_without_a_value_are_left_out_of_the_fit():
    values = np.where(np.arange(120) % 5 == 0, np.nan, TRUTH)
    assert fit_emulator(POINTS, values).runs == 96


def test_several_outputs_are_predicted_in_the_order_asked():
    outputs = {"up": POINTS[:, 0], "down": -POINTS[:, 0], "never": np.ones(120)}
    fitted = fit_emulators(POINTS, outputs)
    assert set(fitted) == {"up", "down"}
    mean, _ = predicted(fitted, ["down", "up"], np.array([[1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(mean, [[-1.0, 1.0]], atol=0.05)


def test_screening_finds_the_parameter_that_moves_an_output_and_the_one_that_does_not():
    fitted = fit_emulators(POINTS, {"y": 3.0 * POINTS[:, 0] + NOISE * RNG.standard_normal(120)})
    effects = screen(fitted, ("moves", "other", "idle"), seed=1)["y"]
    assert effects.size[0] == pytest.approx(6.0, rel=0.1)
    assert np.all(effects.size[1:] < 0.4)
    assert effects.mean[0] > 0
