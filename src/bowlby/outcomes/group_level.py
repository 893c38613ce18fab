"""Change of a group against the smallest difference that matters.

Source:
    The five classes are those of R clinicalsignificance 3.0 (anchor-based, group level), which
    gives a higher-is-better comparison without effect no class at all; here every interval has
    one.
"""

from dataclasses import dataclass

from bowlby._types import FloatArray
from bowlby.statistics.intervals import mean_half_width


@dataclass(frozen=True)
class GroupChange:
    """A difference of means.

    Attributes:
        difference: After minus before, or comparison minus reference.
        low: Lower end of its interval.
        high: Upper end.
        category: One of the five classes.
        n: Clients (of both groups).
    """

    difference: float
    low: float
    high: float
    category: str
    n: int


def within_group(
    pre: FloatArray, post: FloatArray, *, important: float, sign: int, level: float = 0.95
) -> GroupChange:
    """Mean change of one group (paired t interval).

    Args:
        pre: Scores before.
        post: Scores after.
        important: Smallest important difference (> 0).
        sign: +1 if higher is better, else -1.
        level: Level of the interval.
    """
    change = post - pre
    _enough(len(change))
    half = mean_half_width(change, alpha=1.0 - level)
    return _said(float(change.mean()), float(half), important, sign, len(change))


def _enough(n: int) -> None:
    if n < 2:
        raise ValueError(f"A group's interval needs 2 clients or more; there are {n}.")


def _said(mean: float, half: float, important: float, sign: int, n: int) -> GroupChange:
    if not important > 0:
        raise ValueError(f"important={important:g}: the smallest important difference is > 0.")
    gain, worst, best = sign * mean, sign * mean - half, sign * mean + half
    if worst <= 0.0:
        kind = "no effect"
    elif best < important:
        kind = "effect below the important difference"
    elif worst >= important:
        kind = "clearly above the important difference"
    elif gain >= important:
        kind = "probably above the important difference"
    else:
        kind = "not clearly below the important difference"
    if best < 0.0:
        kind = "worse"
    return GroupChange(mean, mean - half, mean + half, kind, n)
