"""How an encounter of grown people opens: with what both have lived, together and before."""

from bowlby.maths._arrays import Scalar
from bowlby.simulation.dyad import rested
from bowlby.simulation.tick import Pair, meet
from bowlby.theory.relational_models import expected_stance
from bowlby.theory.vocabulary import ATTUNED


def opened(
    client, stored, bond, figure_body, seeker, world, drive, insight, openness: Scalar = 1.0
) -> Pair:
    """Two people at the start of an encounter, with what is brought to it.

    Args:
        client: Who seeks care.
        stored: What is believed of the other, over relational models.
        bond: What the other has shown.
        figure_body: The other's body.
        seeker: Who the client is.
        world: The theory that holds.
        drive: Strength of the pull to the old model (0 to 1).
        insight: How far the old model is known as old here (0 to 1).
        openness: Factor on openness to a new relational model.
    """
    theory, memory = world.theory, client.experience.memory
    openness = openness * seeker.mind.openness * theory.hope.openness(bond.hope)
    belief = theory.transference.belief(
        stored,
        theory.relational_models.restaurant_prior(memory, openness),
        client.old,
        memory.weight,
        hazard=theory.relational_models.change * seeker.mind.hazard,
        return_hazard=seeker.mind.return_hazard,
        drive=drive,
        insight=insight,
        promise=theory.interpretation.promised(
            client.old, memory.weight, expected_stance(memory.counts)[ATTUNED].mean(0)
        ),
    )
    body = rested(client.body, theory)
    return meet(belief, client.experience, body, figure_body, client.reading, bond, theory)
