from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import approx_fprime

from bowlby.published import duet2015
from bowlby.published.duet2015 import Bird, Duet

REFERENCE = pd.read_csv(
    Path(__file__).parents[1] / "reference" / "duet2015.csv", comment="#", index_col="name"
)
# Many runs average to another number; the target is a single run, within their spread.
FINITE_RUN = (
    "correlation (K=0)",
    "correlation (K=2)",
    "correlation (K=4)",
    "correlation (mismatch; K=4)",
)
START = np.array([[[1.0, 1.0, 30.0], [1.0, 1.0, 1.0]]])


@pytest.fixture(scope="module")
def reproduction():
    return duet2015.run()


@pytest.fixture(scope="module")
def turn():
    """One turn of the published duet, within earshot and out of it."""
    return duet2015.sing(
        np.tile(START, (2, 1, 1)), np.array([True, False]), np.array([2.0, 2.0]), trials=1
    )


def begin(cases=1, starts=1, seed=0):
    states = np.random.default_rng(seed).normal(0.0, 5.0, (3, 2, cases, starts))
    states[2] += 25.0
    return states


def numpy_lorenz(state, rayleigh):
    matrix = np.array([[-10, 10, 0], [rayleigh - state[2], -1, 0], [state[1], 0, -8 / 3]])
    return matrix @ state


def numpy_free_energy(flat, heard, precision):
    """Written from the model's description; motion of the flow by its written-out Jacobian."""
    first, cause, second = flat[:9].reshape(3, 3), flat[9:11], flat[11:].reshape(3, 3)

    def jacobian(state, rayleigh):
        x, y, z = state
        return np.array([[-10, 10, 0], [rayleigh - z, -1, -x], [y, x, -8 / 3]])

    fast = jacobian(first[0], cause[0] - 8) @ first[1] + [0, first[0, 0] * cause[1], 0]
    errors = [
        (np.exp(2), 1.0, first[1] - numpy_lorenz(first[0], cause[0] - 8) / 16),
        (np.exp(2), 0.5, first[2] - fast / 16),
        (np.exp(4), 1.0, second[1] - numpy_lorenz(second[0], 32) / 128),
        (np.exp(4), 0.5, second[2] - jacobian(second[0], 32) @ second[1] / 128),
        (np.exp(4), 1.0, cause[0] - second[0, 2]),
        (np.exp(4), 0.5, cause[1] - second[1, 2]),
        (precision, 1.0, heard[0] - first[0, 1:]),
        (precision, 0.5, heard[1] - first[1, 1:]),
    ]
    return sum(0.5 * pi * order * np.sum(np.square(error)) for pi, order, error in errors)


def some_bird(seed=3):
    rng = np.random.default_rng(seed)
    shapes = ((3, 3), (2,), (3, 3), (2,), (2,))
    return Bird(*(jnp.asarray(rng.normal(0, 1, shape)) for shape in shapes))


def flow_of(bird, heard, log_precision, moves):
    """Motion of a bird, from plain numbers."""
    return duet2015.bird_flow(
        bird, jnp.asarray(heard), jnp.asarray(log_precision), jnp.asarray(moves)
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason="target is one finite run", strict=True)]
            if name in FINITE_RUN
            else [],
        )
        for name in REFERENCE.index
    ],
)
def test_number_is_met(reproduction, name):
    expected = REFERENCE.loc[name]
    np.testing.assert_allclose(
        reproduction.checks[name], expected["value"], rtol=0, atol=expected["tolerance"]
    )


@pytest.mark.parametrize("name", FINITE_RUN)
def test_missed_number_lies_within_the_spread_of_runs(reproduction, name):
    spread = reproduction.checks[name.replace("correlation", "correlation_spread")]
    assert abs(reproduction.checks[name] - REFERENCE.loc[name, "value"]) < 2 * spread


def test_targets_are_the_reference_numbers(reproduction):
    found = {name: (t.value, t.tolerance) for name, t in reproduction.targets.items()}
    rows = REFERENCE[["value", "tolerance"]].itertuples()
    assert found == {name: pytest.approx((value, tol)) for name, value, tol in rows}


def test_only_numbers_of_one_finite_run_are_missed(reproduction):
    assert reproduction.missed == FINITE_RUN


def test_coupled_systems_agree_with_an_adaptive_solver_over_a_short_time():
    start, numbers, coupling = begin(), np.array([[32.0], [28.0]]), 3.0
    found = duet2015.synchronise(start, numbers, np.array([coupling]), settle=0, length=2)

    def flow(_, flat):
        a, b = flat.reshape(3, 2).T
        pull = np.array([coupling * (b[0] - a[0]), 0, 0])
        slopes = numpy_lorenz(a, 32.0) + pull, numpy_lorenz(b, 28.0) - pull
        return np.stack(slopes, axis=1).ravel()

    times = np.arange(1, 101) * 0.02
    exact = solve_ivp(
        flow, (0, 2), start.ravel(), t_eval=times, method="LSODA", rtol=1e-10, atol=1e-10
    ).y.reshape(3, 2, -1)
    correlation = np.corrcoef(exact[2])[0, 1]
    distance = np.linalg.norm(exact[:, 0] - exact[:, 1], axis=0).mean()
    np.testing.assert_allclose(found.correlation, correlation, atol=2e-3)
    np.testing.assert_allclose(found.distance, distance, rtol=2e-3)


def test_uncoupled_systems_do_not_synchronise():
    numbers = np.full((2, 1), 32.0)
    found = duet2015.synchronise(begin(starts=100), numbers, np.zeros(1), settle=20)
    standard_error = found.correlation.std() / 10
    assert abs(found.correlation.mean()) < 4 * standard_error
    assert found.distance.min() > 10


def test_equal_systems_strongly_coupled_converge_from_everywhere():
    numbers = np.full((2, 1), 32.0)
    found = duet2015.synchronise(
        begin(starts=50), numbers, np.array([12.0]), settle=50, length=10
    )
    np.testing.assert_allclose(found.distance, 0, atol=1e-9)
    np.testing.assert_allclose(found.correlation, 1)


def test_unequal_systems_stay_apart_however_alike():
    numbers = np.array([[32.0], [28.0]])
    found = duet2015.synchronise(begin(starts=50), numbers, np.array([30.0]), settle=50)
    assert found.correlation.min() > 0.98
    assert found.distance.min() > 0.5


def test_system_without_drive_comes_to_rest():
    # Below a Rayleigh number of 1 the origin attracts everything.
    numbers = np.full((2, 1), 0.5)
    found = duet2015.synchronise(begin(), numbers, np.ones(1), settle=0, length=1)
    later = duet2015.synchronise(begin(), numbers, np.ones(1), settle=60, length=1)
    assert later.distance < 1e-9 < found.distance


@pytest.mark.parametrize("log_precision", [-2.0, 2.0])
def test_expectations_follow_the_gradient_of_an_independent_free_energy(log_precision):
    heard = np.array([[0.3, -0.8], [0.1, 0.2]])
    with jax.enable_x64(True):
        bird = some_bird()
        found = flow_of(bird, heard, log_precision, 1.0)
    flat = np.concatenate([np.ravel(level) for level in bird[:3]])
    slope = approx_fprime(flat, numpy_free_energy, 1e-7, heard, np.exp(log_precision))
    shifted = [np.vstack([level[1:], np.zeros(3)]) for level in (bird.first, bird.second)]
    expected = np.concatenate([shifted[0].ravel(), [bird.cause[1], 0.0], shifted[1].ravel()])
    flows = np.concatenate([np.ravel(level) for level in found[:3]])
    np.testing.assert_allclose(flows, expected - slope, rtol=1e-4, atol=1e-3)


def test_bird_that_expects_its_own_song_exactly_does_not_act():
    with jax.enable_x64(True):
        bird = some_bird()
        motion = bird.action - bird.syrinx / 8
        expected = bird.first.at[0, 1:].set(bird.syrinx).at[1, 1:].set(motion)
        bird = bird._replace(first=expected)
        found = flow_of(bird, np.zeros((2, 2)), -2.0, 1.0)
    np.testing.assert_allclose(found.action, 0, atol=1e-12)


def test_duet_agrees_with_an_implicit_solver_over_a_short_time(turn):
    # Out of earshot the listener, the second bird, hears only itself.
    bins = 6
    shapes = ((3, 3), (2,), (3, 3), (2,), (2,))
    cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1].tolist()

    @jax.jit
    def flow(flat):
        parts = [
            part.reshape(shape)
            for part, shape in zip(jnp.split(flat, cuts), shapes, strict=True)
        ]
        bird = Bird(*parts)
        heard = jnp.stack([bird.syrinx, bird.action - bird.syrinx / 8])
        slopes = flow_of(bird, heard, 2.0, np.exp(-8.0))
        return jnp.concatenate([slope.ravel() for slope in slopes])

    start = np.zeros(24)
    start[0:3], start[9], start[11:14], start[20:22] = 1.0, 1.0, 1.0, 1.0
    with jax.enable_x64(True):
        exact = solve_ivp(
            lambda _, flat: np.asarray(flow(flat)),
            (0, bins), start, method="BDF", rtol=1e-8, atol=1e-9,
        ).y[:, -1]  # fmt: skip
    np.testing.assert_allclose(turn.first[1, bins - 1, 1], exact[:3], rtol=1e-4)
    np.testing.assert_allclose(turn.second[1, bins - 1, 1], exact[11:14], rtol=1e-4)
    np.testing.assert_allclose(turn.song[1, bins - 1, 1], exact[20:22], rtol=1e-4)


def test_listener_comes_to_expect_the_song_it_hears(turn):
    song, expected = turn.song[0, 20:, 0], turn.first[0, 20:, 1, 1:]
    for part in range(2):
        assert np.corrcoef(song[:, part], expected[:, part])[0, 1] > 0.99


def test_singer_sings_what_it_expects(turn):
    song, expected = turn.song[0, 20:, 0], turn.first[0, 20:, 0, 1:]
    for part in range(2):
        assert np.corrcoef(song[:, part], expected[:, part])[0, 1] > 0.95


def test_listener_is_nearly_silent(turn):
    loudness = np.abs(turn.song[0, 20:]).mean((0, 2))
    assert loudness[1] < 0.25 * loudness[0]


def test_what_the_singer_expects_does_not_depend_on_being_heard(turn):
    np.testing.assert_allclose(turn.second[0, :, 0], turn.second[1, :, 0], rtol=1e-6)


def test_shared_narrative_is_the_correlation_of_third_states():
    second = np.random.default_rng(0).normal(size=(2, 50, 2, 3))
    found = duet2015.shared_narrative(Duet(second, second, second), slice(10, None))
    expected = [np.corrcoef(duet[10:, :, 2].T)[0, 1] for duet in second]
    np.testing.assert_allclose(found, expected)


def test_hearing_each_other_makes_expectations_agree_more(reproduction):
    checks = reproduction.checks
    others = checks["synchrony (deaf)"], checks["synchrony (nothing to hear)"]
    assert checks["synchrony (hearing)"] > max(others) + 0.3


def test_curves_say_their_units(reproduction):
    assert all({"long_name", "units"} <= set(v.attrs) for v in reproduction.curves.values())
