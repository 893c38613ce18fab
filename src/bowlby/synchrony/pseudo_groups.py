"""Real groups against pseudo-groups: does it matter who sits with whom?

A pseudo-group takes the person of each role from another group: one family's mother, another's
father, a third's child. What all groups have in common, such as a timetable or a task, is in
the pseudo-groups too; what people do because of one another is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bowlby._types import FloatArray, IntArray
from bowlby.statistics.effect_sizes import average_sd, cohens_d
from bowlby.synchrony.group_measures import MEASURES, GroupMeasures, GroupSignal
from bowlby.synchrony.significance import Comparison, compare

_FEWEST_GROUPS = 3
# A group shorter than this share of the usual length would shorten all others to its own.
_SHORTEST = 0.5


@dataclass(frozen=True)
class PseudoGroups:
    """One measure of real groups against pseudo-groups.

    Attributes:
        measure: Its name.
        comparison: Mean over the real groups against means of as many re-made groups.
        d: Cohen's d, real less pseudo, in the root of the mean of both variances.
        groups: Groups compared.
        length_s: Length that every group was cut to (s).
        left_out: Groups left out, with the reason.
    """

    measure: str
    comparison: Comparison
    d: float
    groups: tuple[str, ...]
    length_s: float
    left_out: tuple[str, ...] = ()


def pseudo_groups(
    groups: Sequence[GroupSignal],
    *,
    window_s: float,
    step_s: float,
    permutations: int = 199,
    seed: int = 1,
) -> tuple[PseudoGroups, ...]:
    """Test whether groups are more synchronised than groups of the same people, re-made.

    Null hypothesis: who sits with whom does not matter. The people of each role are permuted
    over the groups, the real groups among what can be drawn; people keep their role. All groups
    are cut to one length, so that nothing but their members differs.

    Args:
        groups: The study's groups, one signal.
        window_s: Length of a window (s).
        step_s: Time between windows (s).
        permutations: Random re-makings, 0 for none.
        seed: Seed of the re-makings.

    Raises:
        ValueError: If fewer than three groups have the same roles and one rate.
    """
    kept, left_out = _comparable(groups)
    people = kept[0].people
    length = min(group.values.shape[1] for group in kept)
    rate_hz = kept[0].rate_hz
    rows = np.concatenate([group.values[:, :length] for group in kept])
    of_role = np.arange(len(rows)).reshape(len(kept), len(people))
    measures = GroupMeasures(rows, rate_hz, window_s, step_s)
    known: dict[tuple[int, ...], FloatArray] = {}

    def of(members: IntArray) -> FloatArray:
        key = tuple(int(i) for i in members)
        if key not in known:
            known[key] = measures.of(np.zeros(len(key), dtype=int), members)
        return known[key]

    real = np.array([of(members) for members in of_role])
    rng = np.random.default_rng(seed)
    means, strangers = [], [np.full((1, real.shape[1]), np.nan)]
    for _ in range(permutations):
        order = np.stack([rng.permutation(len(kept)) for _ in people], axis=1)
        made = np.array([of(of_role[row, np.arange(len(people))]) for row in order])
        means.append(np.nanmean(made, axis=0) if np.isfinite(made).any() else made[0])
        never_met = [len(set(row)) == len(row) for row in order.tolist()]
        strangers.append(made[never_met])
    apart = np.concatenate(strangers)
    null = np.array(means).reshape(permutations, real.shape[1])
    names = tuple(group.name for group in kept)
    return tuple(
        PseudoGroups(
            name, compare(float(np.nanmean(real[:, i])), null[:, i]),
            _d(real[:, i], apart[:, i]), names, length / rate_hz, left_out,
        )
        for i, name in enumerate(MEASURES)
        if np.isfinite(real[:, i]).any()
    )  # fmt: skip


def _d(real: FloatArray, pseudo: FloatArray) -> float:
    real, pseudo = real[np.isfinite(real)], pseudo[np.isfinite(pseudo)]
    if min(len(real), len(pseudo)) < 2:
        return float("nan")
    return cohens_d(real, pseudo, sd=average_sd)


def _comparable(
    groups: Sequence[GroupSignal],
) -> tuple[list[GroupSignal], tuple[str, ...]]:
    """Groups of the same roles, rate and about the same length; the others with the reason."""
    kinds = [(tuple(sorted(group.people)), group.rate_hz) for group in groups]
    usual = max(kinds, key=kinds.count) if kinds else ((), 0.0)
    kept = [g for g, kind in zip(groups, kinds, strict=True) if kind == usual]
    left_out = [
        f"{g.name}: other people ({', '.join(g.people)}) or another rate than most groups"
        for g, kind in zip(groups, kinds, strict=True)
        if kind != usual
    ]
    if kept:
        least = _SHORTEST * float(np.median([g.values.shape[1] for g in kept]))
        short = [g for g in kept if g.values.shape[1] < least]
        left_out += [f"{g.name}: less than half as long as most groups" for g in short]
        kept = [g for g in kept if g.values.shape[1] >= least]
    if len(kept) < _FEWEST_GROUPS:
        raise ValueError(
            f"{len(kept)} groups of the same roles make no pseudo-groups; at least three are "
            "needed."
        )
    people = kept[0].people
    ordered = [
        GroupSignal(g.name, g.signal, people,
                    g.values[[g.people.index(role) for role in people]], g.rate_hz)
        for g in kept
    ]  # fmt: skip
    return ordered, tuple(left_out)
