"""Between encounters: what is left of arousal, hormones and relationships.

Source: ours (docs/explanation/mechanisms.md).
"""

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.relational_models import Memory


class BetweenEncounters(Mechanism):
    """What a person carries from one encounter to the next."""

    arousal: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="arousal that is left at the next",
        source="ours: people come with half of the day's arousal",
    )
    oxytocin: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="oxytocin that is left at the next",
        source="ours: most is cleared",
    )
    childhood_credit: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="relationships",
        meaning="weight of an encounter of childhood for the models in use",
        source="ours: the first relationship is large",
    )
    life_credit: Scalar = parameter(
        0.05,
        low=0.0,
        high=10.0,
        unit="relationships",
        meaning="weight of a week with a partner",
        source="ours: half a year is half a relationship",
    )
    session_credit: Scalar = parameter(
        0.3,
        low=0.0,
        high=10.0,
        unit="relationships",
        meaning="weight of a session",
        source="ours: a session is more than a week of life",
    )
    credit_memory: Scalar = parameter(
        10.0,
        low=1.0,
        high=1000.0,
        unit="relationships",
        meaning="relationships that are remembered",
        source="ours: old ones fade",
    )
    session_share: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of a week's strain that a session colours",
        source="ours: the days after it",
    )

    def week_strain(
        self, life: Scalar, session: Scalar, present: Scalar
    ) -> Float[Array, "*dyads"]:
        """Mean strain of a week, from that of life and of its session, if there was one."""
        return life + self.session_share * present * (session - life)

    def credited(
        self, memory: Memory, belief: Float[Array, "k *dyads"], amount: Scalar
    ) -> Memory:
        """Memory after an encounter of weight `amount` is credited to the models in use."""
        kept = 1.0 - amount / self.credit_memory
        return Memory(memory.counts, memory.weight * kept + amount * belief, memory.habits)
