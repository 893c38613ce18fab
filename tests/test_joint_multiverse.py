import numpy as np

from bowlby.studies.multiverse import joint_p


def test_joint_estimates_of_noise_hold_their_level_and_a_shift_of_all_is_found():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(200, 4, 100, 1)) + 0.3 * rng.normal(size=(200, 4, 100, 6))
    p = np.array([joint_p(study) for study in shared])
    # 10 expected of 200; the exact 99.9 % interval ends at 22.
    assert (p <= 0.05).sum() <= 22
    shared[0, :, 0] += 4.0
    assert joint_p(shared[0]) == 0.01


def test_specifications_that_a_recording_is_too_short_for_take_no_part():
    estimates = np.random.default_rng(2).normal(size=(3, 100, 4))
    estimates[:, :, 2] = np.nan
    rest = joint_p(np.delete(estimates, 2, axis=2))
    assert joint_p(estimates) == rest
