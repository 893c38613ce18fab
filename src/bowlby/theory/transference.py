"""Transference: old models are brought to new encounters.

A relationship may have changed (hazard), stress or absence brings the old model back
(reinstatement), insight sets part of it aside in life.

    belief' = (1 - h) stored + h prior
    belief'' = belief' - aside insight promise q(old) (old - others)
    pull = return_hazard drive share(old) (1 - insight)
    strain(load) = 1 / (1 + exp(-(load - overwhelming) / width))

Source: rigid priors as transference and regression under stress: Holmes & Slade (2019), in
words; return of what was learnt first: renewal and reinstatement in conditioning (Bouton 2004,
Learning & Memory 11, 485-494), in words; the equations are ours
(docs/explanation/relational_models.md).
"""

from collections.abc import Mapping
from typing import ClassVar

import jax

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import summed
from bowlby.theory.declared import Mechanism, parameter

_TINY = 1e-6


class Transference(Mechanism):
    """Return of the childhood model, and what sets it aside."""

    reinstatement: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="1",
        meaning="factor on every person's return to the childhood model",
        source="ours: how readily one returns differs between people, not here",
    )
    set_aside: Scalar = parameter(
        0.9,
        low=0.0,
        high=0.99,
        unit="share",
        meaning="belief in the old model that full insight sets aside at each meeting in life",
        source="ours: what is known as old and has a better alternative is hardly expected",
    )
    overwhelming: Scalar = parameter(
        2.0, low=0.0, high=10.0, unit="1",
        meaning="stress of a week, in ordinary weeks, that strains half of what it can",
        source="ours: twice as much as usual",
    )  # fmt: skip
    strain_width: Scalar = parameter(
        0.3,
        low=0.01,
        high=5.0,
        unit="1",
        meaning="width of that edge",
        source="ours: ordinary weeks strain hardly",
    )
    insight: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far insight matters in life",
        source="Holmes & Slade (2019), in words: the old is known as old",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "reinstatement": {"reinstatement": 0.0},
        "several_models": {"insight": 0.0},
    }

    def belief(
        self,
        stored: Float[Array, "k *dyads"],
        prior: Float[Array, "k *dyads"],
        old: Float[Array, "k *dyads"],
        weight: Float[Array, "k *dyads"],
        *,
        hazard: Scalar,
        return_hazard: Scalar,
        drive: Scalar,
        insight: Scalar,
        promise: Scalar,
    ) -> Float[Array, "k *dyads"]:
        """Belief about which model applies at the start of an encounter.

        Args:
            stored: Belief at the end of the last encounter with this other.
            prior: Belief about somebody new.
            old: The model of childhood, as a distribution over models.
            weight: Prior weight of each model.
            hazard: Chance that the relationship has changed.
            return_hazard: The person's return to the old model.
            drive: Strength of the pull to it (0 to 1).
            insight: How far the old model is known as old (0 to 1): part of its belief is then
                set aside in favour of the others, and the pull to it weakens.
            promise: How much better the others are (0 to 1): insight sets the old aside only
                for something better.
        """
        belief = (1.0 - hazard) * stored + hazard * prior
        others = prior * (1.0 - old) + _TINY * (1.0 - old)
        aside = self.set_aside * insight * promise * summed(belief * old, 0)
        belief = belief - aside * old + aside * others / summed(others, 0)
        share = summed(weight * old, 0) / (summed(weight, 0) + _TINY)
        pull = self.reinstatement * return_hazard * drive * share * (1.0 - insight)
        return (1.0 - pull) * belief + pull * old

    def strain(self, load: Scalar) -> Float[Array, "*dyads"]:
        """Drive to the old model by the stress of a week (0 to 1)."""
        return jax.nn.sigmoid((load - self.overwhelming) / self.strain_width)
