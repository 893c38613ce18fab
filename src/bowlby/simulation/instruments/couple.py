"""Couples and groups of three: how each one's life with the others is, and how two bodies go.

Trust and safety are means over the others of the household. Synchrony is the correlation of two
people's arousal (means of ticks) over an encounter, `couple_follows` that of one's own arousal
with the other's a tick before; both are to be compared with people who never met.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bowlby.simulation.instruments import attachment_self_report, symptoms
from bowlby.simulation.instruments.codebook import Codebook, Readout, Scores, mean_of
from bowlby.simulation.lives import Rows
from bowlby.simulation.measuring import Observer
from bowlby.simulation.observables import Sums

if TYPE_CHECKING:
    from bowlby.simulation.couple import Meeting

WEEKS = 4
"""Last weeks together that are scored."""

KEPT = ("arousal", "action", "contact", "trust", "mentalising")
"""What is kept of ticks."""

_ROWS = {
    "distress": "life_distress", "body": "life_body", "arousal": "life_arousal",
    "trust": "life_trust", "safety": "life_safety", "contact": "contact",
    "synchrony": "synchrony", "follows": "follows",
}  # fmt: skip

CODEBOOK: Codebook = {
    "couple_distress": Readout("distress with the others, as it is felt", "0 to 3"),
    "couple_body": Readout("the same in the body", "0 to 3"),
    "couple_arousal": Readout("hyper-arousal", "arousal"),
    "couple_trust": Readout("trust in the others: P(attuned)", "0 to 1"),
    "couple_safety": Readout("safety with the others", "0 to 1"),
    "couple_contact": Readout("proximity", "0 to 1"),
    "couple_synchrony": Readout("correlation of one's arousal with the other's", "r"),
    "couple_follows": Readout("the same with the other's a tick before", "r"),
    "couple_contingency": Readout("as a caregiver: reward from soothing", "nat"),
    "couple_mentalising": Readout("as a caregiver: reading the other", "0 to 1"),
    "couple_threat": Readout("as a caregiver: unresolved fear", "1"),
}

OF_WEEK = {
    "trust_in": ("trust in each other: P(attuned)", "0 to 1"),
    "safety_with": ("safety with each other", "0 to 1"),
    "synchrony": ("correlation of one's arousal with the other's", "r"),
    "follows": ("the same with the other's a tick before", "r"),
    "contact": ("proximity", "0 to 1"),
    "action_share": ("what each one does", "share"),
}
"""Variables of a week besides those of every life."""


class Met(NamedTuple):
    """An encounter of a week that is over.

    Attributes:
        meeting: Who was with whom.
        sums: Sums over its ticks.
        arousal: Everybody's own arousal (tick, people).
    """

    meeting: "Meeting"
    sums: Sums
    arousal: np.ndarray


def of_week(met: Sequence[Met], *, is_apart: bool) -> Rows:
    """Variables of a week.

    Trust and safety are of the encounters with somebody; in a week apart, of those in which
    somebody is missed.

    Args:
        met: Its encounters.
        is_apart: Whether nobody met.
    """
    with_somebody = np.stack([1.0 - one.meeting.alone for one in met])
    mean = {name: np.stack([_mean(one.sums, name) for one in met]) for name in _MEANS}
    often = np.maximum(with_somebody.sum(0), 1.0)
    trust, safety, contact = (
        (mean[name] * with_somebody).sum(0) / often for name in ("trust", "safety", "contact")
    )
    actions = np.sum([np.asarray(one.sums["action"]) for one in met], axis=0)
    row: Rows = {
        "life_trust": trust, "life_safety": safety, "contact": contact,
        "action_share": actions / actions.sum(0),
    }  # fmt: skip
    missing = np.full_like(with_somebody, np.nan)
    moved = {"synchrony": missing.copy(), "follows": missing.copy()}
    if not is_apart:
        for number, one in enumerate(met):
            there, other = one.meeting.alone == 0.0, one.arousal[:, one.meeting.other]
            moved["synchrony"][number, there] = correlation(one.arousal, other)[there]
            moved["follows"][number, there] = correlation(one.arousal[1:], other[:-1])[there]
    for name, values in moved.items():
        row[name] = np.where(
            np.isfinite(values).any(0),
            np.nansum(values, 0) / np.maximum(np.isfinite(values).sum(0), 1),
            np.nan,
        )
    return row | {
        "trust_in": np.where(with_somebody > 0.0, mean["trust"], np.nan),
        "safety_with": np.where(with_somebody > 0.0, mean["safety"], np.nan),
    }


_MEANS = ("trust", "safety", "contact")


def _mean(sums: Sums, name: str) -> np.ndarray:
    return np.asarray(sums[name] / sums["ticks"])


def correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Correlation along the first axis; missing where somebody does not move at all."""
    a, b = one - one.mean(0), other - other.mean(0)
    size = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    return np.where(size > 0.0, (a * b).sum(0) / np.where(size > 0.0, size, 1.0), np.nan)


def score(rows: list[Rows], observer: Observer) -> Scores:
    """Scores of the last weeks together, attachment of the first and symptoms of the last.

    Args:
        rows: The weeks.
        observer: Who scores them.
    """
    together = [row for row in rows if row["phase"] == "together"] or rows
    last = together[-WEEKS:]
    found = {
        f"couple_{name}": observer.score(f"couple_{name}", mean_of(last, of), occasion="last")
        for name, of in _ROWS.items()
    }
    return (
        found
        | attachment_self_report.score(rows, observer)
        | symptoms.score(rows, 0, 0, observer)
    )
