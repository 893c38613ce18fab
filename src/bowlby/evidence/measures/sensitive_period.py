"""Sensitive periods: institutions and adoption."""

import numpy as np

from bowlby.evidence.measures._registry import measures
from bowlby.evidence.samples import Samples
from bowlby.statistics.effect_sizes import difference_of_shares


@measures("inst-secure")
def institution_secure(samples: Samples) -> float:
    """Share of B with caregivers of institutions."""
    return float((samples.readouts("institution").pattern == "B").mean())


@measures("inst-dis", "beip-base-dis")
def institution_disorganised(samples: Samples) -> float:
    """Share of D with caregivers of institutions."""
    return float((samples.readouts("institution").pattern == "D").mean())


def turns_to_anyone(samples: Samples, name: str) -> float:
    """Share who turn to a stranger under stress at least as much as to their caregiver."""
    table = samples.readouts(name)
    return float((table.lab_approach_stranger >= table.lab_approach_figure).mean())


@measures("era-dse-ratio")
def disinhibited(samples: Samples) -> float:
    """Share who turn to a stranger at least as much as to their caregiver: adopted over others.

    As children; the study asked of adults.
    """
    late, home = (
        turns_to_anyone(samples, name)
        for name in ("adopted_in_laboratory", "stressed_children")
    )
    return late / home


def _pattern(samples: Samples, name: str):
    return samples.readouts(name).pattern.to_numpy()


@measures("adopt-late")
def adopted_late(samples: Samples) -> float:
    """Insecure or not, adopted after two years in an institution against raised at home (d)."""
    late, home = _pattern(samples, "adopted_late"), _pattern(samples, "families")
    return difference_of_shares(late != "B", home != "B")


@measures("adopt-early-null")
def adopted_early(samples: Samples) -> float:
    """Insecure or not, adopted within the first year against raised at home (d)."""
    early, home = _pattern(samples, "adopted_early"), _pattern(samples, "families")
    return difference_of_shares(early != "B", home != "B")


@measures("adopt-dis")
def adopted_disorganised(samples: Samples) -> float:
    """Disorganised or not, adopted early or late against raised at home (d)."""
    adopted = [_pattern(samples, name) for name in ("adopted_early", "adopted_late")]
    return difference_of_shares(
        np.concatenate(adopted) == "D", _pattern(samples, "families") == "D"
    )
