"""A duet: two who expect the same song, and hear each other, come to share one narrative.

First a toy. Two Lorenz systems are coupled through their first state, both ways:

    x_i' = 10 (y_i - x_i) + K (x_j - x_i)
    y_i' = x_i (rho_i - z_i) - y_i
    z_i' = x_i y_i - 8/3 z_i

Equal systems become identical once K reaches about 5; unequal ones only become alike. Identical
synchrony needs similar models, generalised synchrony tolerates a mismatch.

Then two birds that infer instead of being coupled. Each believes that a slow Lorenz system (second
level) sets the Rayleigh number of a fast one (first level), whose last two states are the
amplitude and frequency of the song. Expectations m, their motion and its motion follow

    m' = D m - dF/dm,    F = 1/2 sum of precision times squared prediction error

Whoever sings moves its syrinx until it feels what it expects, and attends less to what it hears
(log-precision -2); whoever listens attends more (2). Roles alternate. Nothing couples the second
levels but the song.

The reduction: motion up to the second order and errors up to the first, no noise, no parameter
learning, the singer (not the louder bird) is heard, what the syrinx feels informs action but not
expectations (the original gives it a precision of exp(-8)), and action answers to errors of both
orders. Out of earshot, each bird hears itself: the listener hears its own silence.

Source: Friston & Frith (2015), Consciousness and Cognition 36, 390-405 (the birds; equations and
precisions as in the authors' demonstration DEM_demo_duet.m of SPM). The toy and the reduction are
ours.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jax import Array

from bowlby._types import FloatArray
from bowlby.published.reproduction import Reproduction, Target

RAYLEIGH = 32.0
MISMATCHED = 28.0
COUPLINGS = (0.0, 2.0, 4.0, 5.0, 8.0)
EXPECTED_SAME = {0: -0.11, 2: 0.11, 4: 0.65, 5: 1.0, 8: 1.0}
EXPECTED_MISMATCHED = {4: 0.49, 5: 0.63, 8: 0.91}
EXPECTED_DISTANCE = 0.0105
STEP = 0.02
STARTS = 800

TRIALS = 4
DUETS = 24
BINS = 128
BIN_S = 1 / 64
STEPS_IN_A_BIN = 64
# The listener's log-precision of hearing, and whether the song of the other reaches it.
CONDITIONS = {"hearing": (True, 2.0), "deaf": (False, 2.0), "nothing to hear": (False, -8.0)}
_PUBLISHED_START = np.array([[1.0, 1.0, 30.0], [1.0, 1.0, 1.0]])
_FIRST, _SECOND, _CAUSE = np.exp(2.0), np.exp(4.0), np.exp(4.0)
# Precision of an error and of its motion, for fluctuations with a smoothness of half a bin.
_ORDERS = (1.0, 0.5)

_TOLERANCE = 0.02
_INDEPENDENT = "independent: a finite run of unknown length, written before this program"


class Synchrony(NamedTuple):
    """How alike two coupled systems are in one run each.

    Attributes:
        correlation: Correlation of the third states over the run.
        distance: Mean Euclidean distance of the states over the run.
    """

    correlation: FloatArray
    distance: FloatArray


class Bird(NamedTuple):
    """Expectations and motor state of a bird, or of several along leading axes.

    Attributes:
        first: First level, its motion and acceleration (order x state; per bin).
        cause: Rayleigh number of the first level, less 8, and its motion (order).
        second: Second level, its motion and acceleration (order x state).
        syrinx: Amplitude and frequency sung.
        action: What drives them (per bin).
    """

    first: Array
    cause: Array
    second: Array
    syrinx: Array
    action: Array


class Duet(NamedTuple):
    """A duet, one row for every bin of 1/64 s.

    Attributes:
        first: Expected first-level states (..., bin, bird, state).
        second: Expected second-level states (same shape).
        song: Amplitude and frequency of the syrinx (..., bin, bird, 2).
    """

    first: FloatArray
    second: FloatArray
    song: FloatArray


def lorenz(state: Array, rayleigh: Array | float) -> Array:
    """Flow of a Lorenz system with Prandtl number 10 and 8/3 (first axis: the three states)."""
    x, y, z = state
    return jnp.stack([10 * (y - x), x * (rayleigh - z) - y, x * y - 8 / 3 * z])


def coupled_flow(states: Array, rayleigh: Array, coupling: Array | float) -> Array:
    """Flow of two Lorenz systems, each drawn to the other's first state.

    Args:
        states: State x system x ...
        rayleigh: Rayleigh number of either system (system x ...).
        coupling: Strength K, broadcast over the last axes.
    """
    flow = lorenz(states, rayleigh)
    return flow.at[0].add(coupling * (states[0, ::-1] - states[0]))


def synchronise(
    begin: FloatArray,
    rayleigh: FloatArray,
    coupling: FloatArray,
    *,
    settle: float = 200.0,
    length: float = 200.0,
) -> Synchrony:
    """Let two coupled Lorenz systems run, and measure them once settled.

    Args:
        begin: States at the start (state x system x case x start).
        rayleigh: Rayleigh number of either system (system x case).
        coupling: Strength K (case).
        settle: Time before measuring (in the systems' own unit).
        length: Time measured.

    Returns:
        Case x start.
    """
    steps = round(length / STEP)
    with jax.enable_x64(True):
        sums = _moments(
            jnp.asarray(begin),
            jnp.asarray(rayleigh)[:, :, None],
            jnp.asarray(coupling)[:, None],
            round(settle / STEP),
            steps,
        )
        a, b, aa, bb, ab, distance = np.asarray(sums) / steps
    return Synchrony((ab - a * b) / np.sqrt((aa - a**2) * (bb - b**2)), distance)


@jax.jit
def _moments(
    states: Array, rayleigh: Array, coupling: Array, settle: int, length: int
) -> Array:
    def step(states: Array) -> Array:
        return _runge_kutta(
            lambda s: coupled_flow(s, rayleigh, coupling), states, STEP, unroll=4
        )

    def measured(_, carry):
        states, sums = carry
        states = step(states)
        a, b = states[2]
        distance = jnp.linalg.norm(states[:, 0] - states[:, 1], axis=0)
        return states, sums + jnp.stack([a, b, a * a, b * b, a * b, distance])

    states = jax.lax.fori_loop(0, settle, lambda _, s: step(s), states)
    sums = jnp.zeros((6, *states.shape[2:]))
    return jax.lax.fori_loop(0, length, measured, (states, sums))[1]


def _runge_kutta(flow, state, dt, *, unroll=1):
    """One step of fourth order, of an array or a tree of arrays."""

    def ahead(base, slope, by):
        return jax.tree.map(lambda s, k: s + by * k, base, slope)

    # A loop, because compiling the birds' flow four times takes longer than running it.
    def stage(carry, times):
        slope, total = carry
        reach, weight = times
        slope = flow(ahead(state, slope, reach * dt))
        return (slope, ahead(total, slope, weight * dt)), None

    times = jnp.array([[0.0, 1 / 6], [0.5, 1 / 3], [0.5, 1 / 3], [1.0, 1 / 6]])
    start = (jax.tree.map(jnp.zeros_like, state), state)
    return jax.lax.scan(stage, start, times, unroll=unroll)[0][1]


def free_energy(first: Array, cause: Array, second: Array, heard: Array, precision: Array):
    """Free energy (nats, up to a constant) of a bird's expectations.

    Args:
        first: First level (order x state).
        cause: Rayleigh number of the first level, less 8 (order).
        second: Second level (order x state).
        heard: Amplitude and frequency heard, and their motion (order x 2).
        precision: Precision of hearing.
    """

    def fast(states: Array, cause: Array) -> Array:
        return lorenz(states, cause - 8) / 16

    def slow(states: Array) -> Array:
        return lorenz(states, RAYLEIGH) / 128

    fast_flows = jax.jvp(fast, (first[0], cause[0]), (first[1], cause[1]))
    slow_flows = jax.jvp(slow, (second[0],), (second[1],))
    energy = jnp.zeros(())
    for order, weight in enumerate(_ORDERS):
        energy += 0.5 * weight * (
            _FIRST * jnp.sum((first[order + 1] - fast_flows[order]) ** 2)
            + _SECOND * jnp.sum((second[order + 1] - slow_flows[order]) ** 2)
            + _CAUSE * (cause[order] - second[order, 2]) ** 2
            + precision * jnp.sum((heard[order] - first[order, 1:]) ** 2)
        )  # fmt: skip
    return energy


def bird_flow(bird: Bird, heard: Array, log_precision: Array, moves: Array) -> Bird:
    """Motion of a bird's expectations and syrinx (per bin).

    Args:
        bird: The bird.
        heard: Amplitude and frequency heard, and their motion (order x 2).
        log_precision: Log-precision of hearing.
        moves: Precision of what the syrinx feels: 1 singing, exp(-8) listening.
    """
    levels = (bird.first, bird.cause, bird.second)
    slopes = jax.grad(free_energy, (0, 1, 2))(*levels, heard, jnp.exp(log_precision))
    first, cause, second = (
        jnp.concatenate([level[1:], jnp.zeros_like(level[:1])]) - slope
        for level, slope in zip(levels, slopes, strict=True)
    )
    motion = bird.action - bird.syrinx / 8
    error = bird.syrinx - bird.first[0, 1:]
    error_motion = motion - bird.first[1, 1:]
    action = -moves * (_ORDERS[0] * error + _ORDERS[1] * error_motion)
    return Bird(first, cause, second, motion, action)


def sing(start: FloatArray, hears: FloatArray, attention: FloatArray, *, trials: int) -> Duet:
    """Duets of two birds, who take turns to sing for two seconds.

    Args:
        start: Second-level expectations at the start (duet x bird x state).
        hears: Whether the birds hear each other; else each hears itself (duet).
        attention: Log-precision of hearing while listening (duet); singing, it is -2.
        trials: How many turns; the first bird begins.
    """
    with jax.enable_x64(True):
        courses = jax.jit(jax.vmap(_duet, (0, 0, 0, None)), static_argnums=3)(
            jnp.asarray(start), jnp.asarray(hears), jnp.asarray(attention), trials
        )
        return Duet(*(np.asarray(course) for course in courses))


def _duet(start: Array, hears: Array, attention: Array, trials: int):
    def flow(birds: Bird, singer: Array) -> Bird:
        sounds = jnp.stack([birds.syrinx, birds.action - birds.syrinx / 8], axis=1)
        sings = jnp.arange(2) == singer
        return jax.vmap(bird_flow)(
            birds,
            jnp.where(hears, sounds[singer], sounds),
            jnp.where(sings, -2.0, attention),
            jnp.where(sings, 1.0, jnp.exp(-8.0)),
        )

    def advance(birds: Bird, now: Array):
        singer = now // BINS % 2
        birds = jax.lax.fori_loop(
            0,
            STEPS_IN_A_BIN,
            lambda _, b: _runge_kutta(lambda s: flow(s, singer), b, 1 / STEPS_IN_A_BIN),
            birds,
        )
        return birds, (birds.first[:, 0], birds.second[:, 0], birds.syrinx)

    birds = Bird(
        first=jnp.zeros((2, 3, 3)).at[:, 0].set(1.0),
        cause=jnp.zeros((2, 2)).at[:, 0].set(start[:, 2]),
        second=jnp.zeros((2, 3, 3)).at[:, 0].set(start),
        syrinx=jnp.ones((2, 2)),
        action=jnp.zeros((2, 2)),
    )
    return jax.lax.scan(advance, birds, jnp.arange(trials * BINS))[1]


def shared_narrative(duet: Duet, bins: slice) -> FloatArray:
    """Correlation of the birds' third second-level expectations over some bins (per duet)."""
    level = duet.second[..., bins, :, 2]
    apart = level - level.mean(-2, keepdims=True)
    scale = np.sqrt(np.sum(apart**2, axis=-2))
    return np.sum(apart[..., 0] * apart[..., 1], axis=-1) / np.prod(scale, axis=-1)


def run(*, seed: int = 0) -> Reproduction:
    """Coupled Lorenz systems, and birds that hear each other or not.

    Args:
        seed: Seed of the starts; the first duet has the published one.
    """
    rng = np.random.default_rng(seed)
    cases = np.array([(k, r) for r in (RAYLEIGH, MISMATCHED) for k in COUPLINGS])
    begin = rng.normal(0.0, 5.0, (3, 2, len(cases), STARTS))
    begin[2] += 25.0
    numbers = np.stack([np.full(len(cases), RAYLEIGH), cases[:, 1]])
    toy = synchronise(begin, numbers, cases[:, 0])

    starts = np.repeat(_PUBLISHED_START[None], DUETS, axis=0)
    starts[1:] += rng.normal(0.0, 3.0, (DUETS - 1, 2, 3))
    hears, attention = (np.repeat(v, DUETS) for v in zip(*CONDITIONS.values(), strict=True))
    sung = sing(np.tile(starts, (len(CONDITIONS), 1, 1)), hears, attention, trials=TRIALS)
    checks, targets = _toy_numbers(toy)
    more, ordering = _duet_numbers(sung)
    return Reproduction(
        name="duet2015",
        title="Hearing each other, two who expect alike come to share one narrative",
        citation="Friston & Frith (2015), Consciousness and Cognition 36, 390-405",
        checks=checks | more,
        targets=targets | ordering,
        curves=_curves(toy, sung),
        readouts=_readouts(cases, toy),
        second_hand=(
            "The birds' equations come from the authors' demonstration code, reduced; the paper was "
            "not read, and no number of it is checked, only the ordering. The toy's numbers "
            "appear to be of one finite run of unknown length and start; averages over many runs "
            "differ by up to .11, about one standard deviation of runs of 200 time units. Its "
            "mismatched system may have had 28 (taken here, as it comes nearer) or 36."
        ),
    )


def _toy_numbers(toy: Synchrony) -> tuple[dict[str, float], dict[str, Target]]:
    checks, targets = {}, {}
    for row, (name, expected) in enumerate(
        {"": EXPECTED_SAME, "mismatch; ": EXPECTED_MISMATCHED}.items()
    ):
        for coupling, value in expected.items():
            found = toy.correlation[row * len(COUPLINGS) + COUPLINGS.index(coupling)]
            checks[f"correlation ({name}K={coupling})"] = float(found.mean())
            checks[f"correlation_spread ({name}K={coupling})"] = float(found.std())
            targets[f"correlation ({name}K={coupling})"] = Target(
                value, _TOLERANCE, _INDEPENDENT
            )
    checks["distance (K=5)"] = float(toy.distance[COUPLINGS.index(5)].mean())
    targets["distance (K=5)"] = Target(EXPECTED_DISTANCE, _TOLERANCE, _INDEPENDENT)
    return checks, targets


def _duet_numbers(sung: Duet) -> tuple[dict[str, float], dict[str, Target]]:
    """Synchrony in the second half, when both have been heard once."""
    found = shared_narrative(sung, slice(TRIALS // 2 * BINS, None)).reshape(-1, DUETS)
    by_condition = dict(zip(CONDITIONS, found, strict=True))
    checks = {f"synchrony ({name})": float(v.mean()) for name, v in by_condition.items()}
    for name in ("deaf", "nothing to hear"):
        checks[f"more_synchrony_hearing (than {name})"] = float(
            np.mean(by_condition["hearing"] > by_condition[name])
        )
    ordering = Target(1.0, 0.25, "published: the ordering, here in three duets of four or more")
    return checks, {"more_synchrony_hearing (than deaf)": ordering}


def _curves(toy: Synchrony, sung: Duet) -> xr.Dataset:
    correlation = toy.correlation.mean(1).reshape(2, -1)
    by_trial = [
        shared_narrative(sung, slice(t * BINS, (t + 1) * BINS)).reshape(-1, DUETS).mean(1)
        for t in range(TRIALS)
    ]
    published = sung.second[::DUETS, :, :, 2]
    time_s = np.arange(1, TRIALS * BINS + 1) * BIN_S
    return xr.Dataset(
        {
            "correlation": (
                ("coupling", "other_system"),
                correlation.T,
                {"long_name": "Correlation of the third states", "units": "1"},
            ),
            "synchrony": (
                ("trial", "condition"),
                np.array(by_trial),
                {"long_name": "Correlation of second-level expectations", "units": "1"},
            ),
            "expectation_hearing": (
                ("time", "bird"),
                published[list(CONDITIONS).index("hearing")],
                {"long_name": "Second-level expectation, hearing each other", "units": "1"},
            ),
            "expectation_deaf": (
                ("time", "bird"),
                published[list(CONDITIONS).index("deaf")],
                {"long_name": "Second-level expectation, out of earshot", "units": "1"},
            ),
        },
        coords={
            "coupling": ("coupling", np.array(COUPLINGS), {"long_name": "Coupling K"}),
            "other_system": [f"rho {RAYLEIGH:g}", f"rho {MISMATCHED:g}"],
            "trial": ("trial", np.arange(1, TRIALS + 1), {"long_name": "Turn"}),
            "condition": list(CONDITIONS),
            "time": ("time", time_s, {"long_name": "Time", "units": "s"}),
            "bird": ["first", "second"],
        },
    )


def _readouts(cases: FloatArray, toy: Synchrony) -> xr.Dataset:
    starts = toy.correlation.shape[1]
    columns = {
        "coupling": np.repeat(cases[:, 0], starts),
        "rayleigh_of_other": np.repeat(cases[:, 1], starts),
        "correlation": toy.correlation.ravel(),
        "distance": toy.distance.ravel(),
    }
    return xr.Dataset({name: ("dyad", values) for name, values in columns.items()})
