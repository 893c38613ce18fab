"""The multi-round trust game: an investor, a trustee, and what each thinks of the other.

The investor holds 20 and invests 0, 5, 10, 15 or 20; the sum is tripled; the trustee returns 0 to
4 sixths of it. Both dislike having more than the other as far as they feel guilt:

    U = own - w(g) max(own - other, 0),     w(g) = g (.1 g + .3),  g = 0, 1, 2

Choices are softmax(U / 3). A trustee of level 0 looks at this round only. An investor of level 0
expects every kind of trustee alike; one of level 1 learns from each return which kind it has met,
by exact Bayesian inference over the kinds.

Source: Hula, Montague & Dayan (2015), PLoS Computational Biology 11, e1004254.
"""

import numpy as np
import xarray as xr
from scipy.special import logsumexp, softmax

from bowlby._types import FloatArray, IntArray
from bowlby.published.reproduction import Reproduction, Target

ENDOWMENT = 20
INVESTMENTS = np.arange(0, 21, 5)
SIXTHS = np.arange(5)
GUILT = (0, 1, 2)
TEMPERATURE = 3.0
ROUNDS = 10

EXPECTED_RETURN = (
    (0.110, 0.039, 0.013, 0.006),
    (0.110, 0.150, 0.134, 0.127),
    (0.110, 0.333, 0.447, 0.500),
)
EXPECTED_UTILITY = (20.0, 16.7815, 15.2172, 14.0792, 12.6637)
EXPECTED_INVESTMENT = (4.269, 9.445, 11.572)
_INDEPENDENT = "independent: a numpy program written from the same utilities"


def guilt_weight(guilt: int) -> float:
    """Weight of advantageous inequality for a level of guilt (0, 1 or 2)."""
    return guilt * (0.1 * guilt + 0.3)


def returns() -> FloatArray:
    """Sum returned for each investment and number of sixths, (investment, sixths)."""
    return np.ceil(3 * INVESTMENTS[:, None] * SIXTHS / 6)


def payoffs() -> tuple[FloatArray, FloatArray]:
    """Payoffs of investor and trustee, each (investment, sixths)."""
    back = returns()
    return ENDOWMENT - INVESTMENTS[:, None] + back, 3 * INVESTMENTS[:, None] - back


def utility(own: FloatArray, other: FloatArray, guilt: int) -> FloatArray:
    """Utility of payoffs for someone with this guilt."""
    return own - guilt_weight(guilt) * np.maximum(own - other, 0.0)


def trustee_policy(guilt: int) -> FloatArray:
    """Probability of each return given the investment, (investment, sixths)."""
    investor, trustee = payoffs()
    return softmax(utility(trustee, investor, guilt) / TEMPERATURE, axis=1)


def expected_returned_share(guilt: int) -> FloatArray:
    """Expected sixths (0 to 4) returned on investments of 5 to 20, as a share of the sum."""
    return trustee_policy(guilt)[1:] @ SIXTHS / 6


def investor_utility(guilt: int, belief: FloatArray) -> FloatArray:
    """Expected utility of each investment under a belief about the trustee's guilt.

    Args:
        guilt: The investor's own.
        belief: Probability of each guilt of the trustee, (3,).
    """
    investor, trustee = payoffs()
    policy = np.tensordot(belief, [trustee_policy(g) for g in GUILT], axes=1)
    return (policy * utility(investor, trustee, guilt)).sum(1)


def investor_policy(guilt: int, belief: FloatArray) -> FloatArray:
    """Probability of each investment; see `investor_utility`."""
    return softmax(investor_utility(guilt, belief) / TEMPERATURE)


def updated(belief: FloatArray, investment: int, sixths: int) -> FloatArray:
    """Belief about the trustee's guilt after a return (exact Bayes).

    Args:
        belief: Before, (3,).
        investment: Index into `INVESTMENTS`.
        sixths: What was returned.
    """
    seen = np.array([trustee_policy(g)[investment, sixths] for g in GUILT])
    weight = np.log(belief + 1e-300) + np.log(seen)
    return np.exp(weight - logsumexp(weight))


def play(
    investor_guilt: int, trustee_guilt: int, *, level: int = 1, games: int = 500, seed: int = 0
) -> tuple[IntArray, IntArray, FloatArray]:
    """Play ten rounds many times.

    Args:
        investor_guilt: Of the investor.
        trustee_guilt: Of the trustee.
        level: 0, the investor never learns whom it plays with; 1, it does.
        games: How many games.
        seed: Seed.

    Returns:
        Investments (indices) and sixths returned, (games, rounds), and the investor's belief
        that the trustee has its true guilt after each round.
    """
    rng = np.random.default_rng(seed)
    policies = np.array([trustee_policy(g) for g in GUILT])
    utilities = np.array([investor_utility(investor_guilt, one) for one in np.eye(3)])
    belief = np.full((games, 3), 1 / 3)
    rounds = []
    for _ in range(ROUNDS):
        chosen = _draw(softmax(belief @ utilities / TEMPERATURE, axis=1), rng)
        back = _draw(policies[trustee_guilt, chosen], rng)
        if level:
            belief = belief * policies[:, chosen, back].T
            belief /= belief.sum(1, keepdims=True)
        rounds.append((chosen, back, belief[:, trustee_guilt]))
    invested, returned, known = (
        np.stack(column, axis=1) for column in zip(*rounds, strict=True)
    )
    return invested, returned, known


def _draw(probabilities: FloatArray, rng: np.random.Generator) -> IntArray:
    """One category per row."""
    edges = probabilities.cumsum(1)[:, :-1]
    return (rng.random((len(probabilities), 1)) > edges).sum(1)


def _expected() -> tuple[dict[str, float], dict[str, Target]]:
    """Exact policies of level 0, and what was published of them."""
    uniform = np.full(3, 1 / 3)
    checks: dict[str, float] = {}
    targets: dict[str, Target] = {}
    for guilt in GUILT:
        shares = expected_returned_share(guilt)
        for i, investment in enumerate(INVESTMENTS[1:]):
            name = f"expected_return (guilt={guilt}; investment={investment})"
            checks[name] = float(shares[i])
            targets[name] = Target(EXPECTED_RETURN[guilt][i], 5.01e-4, _INDEPENDENT)
        name = f"mean_investment (guilt={guilt})"
        checks[name] = float(investor_policy(guilt, uniform) @ INVESTMENTS)
        targets[name] = Target(EXPECTED_INVESTMENT[guilt], 5.01e-4, _INDEPENDENT)
    for investment, value, expected in zip(
        INVESTMENTS, investor_utility(0, uniform), EXPECTED_UTILITY, strict=True
    ):
        name = f"investor_utility (guilt=0; investment={investment})"
        checks[name] = float(value)
        targets[name] = Target(expected, 5.01e-5, _INDEPENDENT)
    return checks, targets


def run(*, seed: int = 0) -> Reproduction:
    """Exact policies of level 0, and games of investors who learn.

    Args:
        seed: Seed of the games.
    """
    checks, targets = _expected()
    games = {f"trustee's guilt {g}": play(1, g, seed=seed) for g in GUILT}
    curve = np.stack([INVESTMENTS[invested].mean(0) for invested, _, _ in games.values()], 1)
    known = np.stack([belief.mean(0) for _, _, belief in games.values()], 1)
    return Reproduction(
        name="trustgame",
        title="Guilt makes trust pay; an investor who learns soon knows with whom it plays",
        citation="Hula, Montague & Dayan (2015), PLoS Computational Biology 11, e1004254",
        checks=checks,
        targets=targets,
        curves=xr.Dataset(
            {
                "investment": (
                    ("round", "case"),
                    curve,
                    {
                        "long_name": "Mean investment of an investor with guilt 1",
                        "units": "of 20",
                    },
                ),
                "known": (
                    ("round", "case"),
                    known,
                    {"long_name": "Belief in the trustee's true kind", "units": "probability"},
                ),
            },
            coords={
                "round": ("round", np.arange(1, ROUNDS + 1), {"long_name": "Round"}),
                "case": list(games),
            },
        ),
        readouts=xr.Dataset(
            {
                "trustee_guilt": ("dyad", np.repeat(GUILT, 500)),
                "mean_investment": (
                    "dyad",
                    np.concatenate([INVESTMENTS[i].mean(1) for i, _, _ in games.values()]),
                ),
                "mean_sixths_returned": (
                    "dyad",
                    np.concatenate([r.mean(1) for _, r, _ in games.values()]),
                ),
            }
        ),
        second_hand=(
            "Utilities, temperature and types were read from published code; the paper's planning "
            "over several rounds and its levels of mentalising beyond 1 are not reproduced."
        ),
    )
