"""Nobody: the same tick without a figure.

An absent figure offers nothing. Where it was expected and has left, its absence is felt.
"""

from bowlby.maths._arrays import Scalar
from bowlby.simulation.tick import Offer


def without(offer: Offer, absent: Scalar, separation: Scalar) -> Offer:
    """An offer as far as the figure is there.

    Args:
        offer: What it would offer.
        absent: 1 where the figure is away.
        separation: Arousal that its absence makes (1/s).
    """
    present = 1.0 - absent
    contact = offer.contact * present
    return offer._replace(
        contact=contact,
        kick=offer.kick * present + separation * absent,
        is_seen=offer.is_seen * present,
        information=offer.information * present,
        evidence=offer.evidence * present,
        plasticity=offer.plasticity * present,
        named=offer.named * present,
        misled=offer.misled * present,
        mentalising=offer.mentalising * present,
    )
