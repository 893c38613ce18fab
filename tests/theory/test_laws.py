"""Laws, limit cases and claims of the mechanisms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from bowlby.theory.arousal import Arousal
from bowlby.theory.borrowed_brain import BorrowedBrain
from bowlby.theory.contagion import Contagion
from bowlby.theory.entrainment import Entrainment
from bowlby.theory.mentalising import Mentalising
from bowlby.theory.oxytocin import Oxytocin
from bowlby.theory.policy_precision import PolicyPrecision
from bowlby.theory.projection import Projection
from bowlby.theory.regulation import (
    Regulation,
    best_gain,
    critical_gain,
    delayed,
    remember,
    stationary_variance,
)
from bowlby.theory.rupture import Rupture, TrustCourse
from bowlby.theory.self_soothing import SelfSoothing
from bowlby.theory.sensitive_period import SensitivePeriod
from bowlby.theory.sensory_precision import SensoryPrecision
from bowlby.theory.stress_axis import StressAxis, StressState
from bowlby.theory.threat import Threat

unit = st.floats(0.0, 1.0)


def test_two_half_steps_of_arousal_equal_one_whole_step():
    arousal = Arousal(noise=0.0)
    half = arousal.step(arousal.step(1.5, 0.02, 0.0, dt_s=5.0), 0.02, 0.0, dt_s=5.0)
    np.testing.assert_allclose(half, arousal.step(1.5, 0.02, 0.0, dt_s=10.0), rtol=1e-5)


def test_arousal_left_alone_has_the_stationary_variance_of_its_equation():
    arousal = Arousal(recovery_s=20.0, noise=0.1)
    noise = np.random.default_rng(0).normal(size=40_000)
    _, path = jax.lax.scan(
        lambda x, n: (arousal.step(x, 0.0, n, dt_s=5.0),) * 2,
        jnp.asarray(0.0),
        jnp.asarray(noise),
    )
    np.testing.assert_allclose(np.var(path), 0.1**2 * 20.0 / 2.0, rtol=0.05)


@pytest.mark.parametrize("latency_s", [1.0, 3.0, 10.0])
def test_stationary_variance_agrees_with_a_simulated_delay_equation(latency_s):
    gain, recovery_s, dt_s = best_gain(30.0, latency_s), 30.0, 0.05
    rng, delay = np.random.default_rng(1), round(latency_s / 0.05)
    path = np.zeros((delay + 20_000, 400))
    for i in range(delay, len(path) - 1):
        drift = -path[i] / recovery_s - gain * path[i - delay]
        path[i + 1] = path[i] + drift * dt_s + np.sqrt(dt_s) * rng.normal(size=400)
    seen = path[-8000:].var()
    np.testing.assert_allclose(
        seen, stationary_variance(gain, recovery_s, latency_s, 1.0), rtol=0.08
    )


def test_beyond_the_critical_gain_the_variance_is_infinite():
    edge = critical_gain(30.0, 3.0)
    assert stationary_variance(1.01 * edge, 30.0, 3.0, 1.0) == float("inf")


def test_ignoring_and_controlling_are_both_worse_than_the_middle():
    edge = critical_gain(30.0, 3.0)
    low, middle, high = (
        stationary_variance(share * edge, 30.0, 3.0, 1.0) for share in (0.05, 0.43, 0.95)
    )
    assert middle < 0.5 * low
    assert middle < 0.5 * high


def test_no_latency_has_no_critical_gain_and_says_so():
    with pytest.raises(ValueError, match="must be positive"):
        critical_gain(30.0, 0.0)


def test_a_delay_between_two_seconds_is_interpolated():
    np.testing.assert_allclose(delayed(jnp.array([4.0, 2.0, 0.0]), 0.5), 3.0)


def test_the_newest_level_is_remembered_in_front():
    np.testing.assert_allclose(
        remember(jnp.array([1.0, 2.0, 3.0]), jnp.asarray(9.0)), [9.0, 1.0, 2.0]
    )


def test_regulation_without_contact_does_nothing():
    assert Regulation().pull(jnp.ones(6), 0.0, 0.5, 2.0) == 0.0


def test_contagion_conserves_the_sum_of_two_equal_partners():
    pull = Contagion()
    assert pull.pull(1.0, 0.2, 0.7, 0.03) == -pull.pull(0.2, 1.0, 0.7, 0.03)


def test_stress_axis_at_rest_stays_at_rest():
    axis = StressAxis()
    rest = axis.rest(jnp.asarray(1.0))
    after = axis.step(rest, 1.0, dt_s=600.0)
    np.testing.assert_allclose(jax.tree.leaves(after), jax.tree.leaves(rest), rtol=1e-5)


_AT_REST = (1.0, 1.0, 0.985306, 1.014946, 0.985306)


def _adaptive(drive, days):
    """Stress axis by an adaptive solver, from the equations as printed."""

    def rates(_, x):
        crh, acth, cortisol, pituitary, adrenal = x
        brake = 1.0 / ((cortisol / 4.0) ** 3 + 1.0)
        speed = np.log(2.0) * 1440.0 / np.array([4.0, 20.0, 80.0])
        return [
            speed[0] * (drive / cortisol * brake - crh),
            speed[1] * (pituitary * crh * brake - acth),
            speed[2] * (adrenal * acth - cortisol),
            np.log(2.0) / 20.0 * pituitary * (crh - 1.0),
            np.log(2.0) / 30.0 * adrenal * (acth - 1.0),
        ]

    return solve_ivp(rates, (0.0, days), _AT_REST, method="LSODA", rtol=1e-9, atol=1e-11).y[
        :, -1
    ]


def test_stress_axis_converges_to_an_adaptive_solver_with_first_order():
    axis, exact = StressAxis(), _adaptive(3.0, 0.5)
    errors = []
    with jax.enable_x64(True):
        for dt_s in (240.0, 120.0, 60.0):
            state, _ = jax.lax.scan(
                lambda x, _, dt_s=dt_s: (axis.step(x, 3.0, dt_s=dt_s), None),
                StressState(*(jnp.asarray(v) for v in _AT_REST)),
                jnp.arange(round(43200.0 / dt_s)),
            )
            errors.append(np.abs(np.array(jax.tree.leaves(state)) - exact).max())
    order = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    np.testing.assert_allclose(order, 1.0, atol=0.15)


def test_weeks_of_stress_by_days_agree_with_an_adaptive_solver():
    axis = StressAxis()
    state = axis.days(axis.rest(jnp.asarray(1.0)), 2.0, dt_d=0.5, steps=60)
    np.testing.assert_allclose(
        np.array(jax.tree.leaves(state)), _adaptive(2.0, 30.0), rtol=0.03
    )


def test_a_figure_stops_the_stress_axis_until_puberty_and_as_far_as_one_is_safe():
    axis = StressAxis()
    helps = [float(axis.helps_at(age)) for age in (1.0, 10.0, 12.5, 15.0, 30.0)]
    np.testing.assert_allclose(helps, [1.0, 1.0, 0.5, 0.0, 0.0], atol=1e-6)
    at_once = StressAxis(child_y=12.0, grown_y=12.0)
    assert [float(at_once.helps_at(age)) for age in (11.9, 12.0, 12.1)] == [1.0, 0.0, 0.0]
    assert axis.reaching(1.0, 0.25) == 0.75
    assert axis.reaching(0.0, 0.9) == 1.0


def test_large_glands_keep_cortisol_high_after_stress_has_gone():
    axis = StressAxis()
    stressed = axis.days(axis.rest(jnp.asarray(1.0)), 2.0, dt_d=1.0, steps=60)
    safe = axis.days(stressed, 1.0, dt_d=1.0, steps=7)
    assert safe.cortisol > 1.2 * axis.rest(jnp.asarray(1.0)).cortisol


@given(level=unit, contact=unit)
def test_oxytocin_stays_between_none_and_all(level, contact):
    assert 0.0 <= Oxytocin().step(level, contact, dt_s=10.0) <= 1.0


def test_oxytocin_halves_in_its_half_life_without_contact():
    np.testing.assert_allclose(Oxytocin().step(0.8, 0.0, dt_s=180.0), 0.4, rtol=1e-6)


def test_without_oxytocin_a_good_surprise_leaves_precision_as_it_was():
    assert PolicyPrecision().value(6.0, 1.0, 0.0, 0.9) == 6.0


def test_high_and_low_arousal_both_close_mentalising():
    window = Mentalising()
    assert window.capacity(-2.0, 1.3, 0.5) < 0.1
    assert window.capacity(2.4, 1.3, 0.5) < 0.1
    np.testing.assert_allclose(window.capacity(0.2, 1.3, 0.5), 0.9)


@given(own=unit, trust=unit, figure=unit)
def test_a_borrowed_brain_never_takes_away(own, trust, figure):
    assert BorrowedBrain().mentalising(own, trust, figure, 1.0) >= own - 1e-6


@pytest.mark.parametrize(("trust", "figure"), [(0.0, 1.0), (1.0, 0.0)])
def test_without_trust_or_a_mentalising_figure_nothing_is_borrowed(trust, figure):
    lent = jnp.array([0.9, 0.05, 0.03, 0.02])
    np.testing.assert_allclose(BorrowedBrain().reading(lent, trust, figure), 1.0)
    np.testing.assert_allclose(BorrowedBrain().mentalising(0.3, trust, figure, 1.0), 0.3)


def test_the_biological_gate_is_open_in_infancy_and_closed_to_ordinary_safety_later():
    gate = SensitivePeriod(adult=0.2, closing_years=3.0)
    np.testing.assert_allclose(gate.plasticity(0.0), 1.0, rtol=1e-6)
    np.testing.assert_allclose(gate.plasticity(100.0), 0.2, rtol=1e-6)


def test_what_closes_of_plasticity_halves_with_every_half_life():
    gate = SensitivePeriod(adult=0.2, closing_years=3.0)
    ages = 3.0 * np.log(2.0) * np.arange(4)
    np.testing.assert_allclose(
        gate.plasticity(ages), 0.2 + 0.8 * 0.5 ** np.arange(4), rtol=1e-5
    )


def test_frightening_behaviour_depends_on_the_figure_alone():
    assert Threat().logit(2.0, 1.0) > Threat().logit(2.0, 0.0) > Threat().logit(0.0, 3.0)


def test_own_fear_is_read_into_the_other_only_when_mentalising_is_shut():
    cue = jnp.full(4, 0.25)
    np.testing.assert_allclose(Projection().tilt(cue, 1.0, 1.0), cue)
    assert Projection().tilt(cue, 1.0, 0.0)[3] > cue[3]


@given(efficacy=unit, relief=st.floats(0.0, 4.0), fright=unit)
def test_self_soothing_stays_between_none_and_all(efficacy, relief, fright):
    assert 0.0 <= SelfSoothing().step(efficacy, relief, fright, 1.0, dt_s=10.0) <= 1.0


def test_naming_feelings_sharpens_and_misleading_blunts():
    precision, counts = SensoryPrecision(), jnp.array([30.0, 10.0])
    assert precision.accuracy(precision.step(counts, 1.0, 0.0)) > 0.75
    assert precision.accuracy(precision.step(counts, 0.0, 1.0)) < 0.75


def test_learning_a_channel_keeps_the_weight_of_its_past():
    counts = SensoryPrecision().step(jnp.array([30.0, 10.0]), 1.0, 0.5)
    np.testing.assert_allclose(counts.sum(), 40.0, rtol=1e-6)


def test_entrainment_alone_has_variance_one_and_no_partner():
    noise = np.random.default_rng(2).normal(size=(60_001, 2))
    path = Entrainment().fast_arousal(np.zeros((6000, 2)), noise)
    np.testing.assert_allclose(np.var(path), 1.0, rtol=0.05)
    assert abs(np.corrcoef(path.T)[0, 1]) < 0.06


def test_a_fall_of_trust_is_a_rupture_and_its_return_a_repair():
    course = TrustCourse(*(jnp.asarray(x) for x in (0.8, 0.8, 0.0, 0.0, 0.0)))
    watch = Rupture()
    began, repaired = 0.0, 0.0
    for trust in [0.2] * 15 + [0.9] * 40:
        course, turned = watch.step(course, jnp.asarray(trust), 1.0, 1.0, dt_s=10.0)
        began, repaired = began + float(turned.began), repaired + float(turned.repaired)
    assert (began, repaired) == (1.0, 1.0)


def test_synchrony_has_moments_of_mean_one_that_last_about_a_minute():
    law = Entrainment()
    rng = np.random.default_rng(1)
    hours = np.log([law.moments_of(rng.standard_normal(601)) for _ in range(2000)])
    assert np.exp(hours).mean() == pytest.approx(1.0, rel=0.05)
    within = hours - hours.mean(1, keepdims=True)
    assert hours.std() == pytest.approx(np.hypot(law.hours, law.moments), rel=0.05)
    later = np.corrcoef(hours[:, 0], hours[:, 60])[0, 1]
    expected = (law.hours**2 + law.moments**2 / np.e) / (law.hours**2 + law.moments**2)
    assert later == pytest.approx(expected, abs=0.04)
    assert within.std() > 0.5 * law.moments


def test_without_moments_coupling_is_the_same_throughout():
    normals = np.random.default_rng(2).standard_normal(11)
    assert (Entrainment(hours=0.0, moments=0.0).moments_of(normals) == 1.0).all()
