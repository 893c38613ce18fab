"""Sensory precision: how well feelings and others are read is itself learnt.

Counts of hits and misses per channel; the accuracy is their mean, and old counts are forgotten
so that the total stays the same. Being helped to name a feeling is a labelled sample: it adds
hits as far as the one who names reads rightly, misses else, and counts as far as the other is
trusted. A misleading cue adds misses.

Source: Dirichlet learning of a likelihood (Friston et al. 2016, Neuroscience & Biobehavioral
Reviews 68, 862-879), reduced to hits and misses; docs/explanation/mechanisms.md.
"""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter


class SensoryPrecision(Mechanism):
    """Learning of a channel's accuracy, and its use."""

    floor: Scalar = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="accuracy of guessing among four",
        source="one in four",
    )
    ceiling: Scalar = parameter(
        0.97,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="best accuracy that can be learnt",
        source="ours: no sense is without error",
    )
    observations: Scalar = parameter(
        40.0,
        low=1.0,
        high=1000.0,
        unit="counts",
        meaning="observations that a newborn's accuracies are worth",
        source="ours: learnt over the encounters of a childhood",
    )
    learning: Scalar = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="factor on all that is learnt of accuracy",
        source="Dirichlet learning of a likelihood (Friston et al. 2016)",
    )
    naming: Scalar = parameter(
        0.002,
        low=0.0,
        high=0.1,
        unit="counts/s",
        meaning="hits by a feeling named in attuned contact at home",
        source="ours: caregivers name feelings now and then",
    )
    naming_in_session: Scalar = parameter(
        0.1,
        low=0.0,
        high=0.5,
        unit="counts/s",
        meaning="hits by an act that names a feeling in full",
        source="ours: therapy is about feelings",
    )
    exploring: Scalar = parameter(
        0.001,
        low=0.0,
        high=0.1,
        unit="counts/s",
        meaning="hits of reading others, while exploring calmly and mentalising",
        source="ours: slow; exploring is for learning (Holmes & Slade 2019, in words)",
    )
    misleading: Scalar = parameter(
        0.002,
        low=0.0,
        high=0.1,
        unit="counts/s",
        meaning="misses of reading others by frightening or looming cues",
        source="ours: as strong as naming",
    )
    unmentalised: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of the accuracy above guessing that needs no mentalising",
        source="ours: faces are read quickly in part (Fonagy & Luyten 2009, in words)",
    )
    full_at: Scalar = parameter(
        0.9,
        low=0.1,
        high=1.0,
        unit="share",
        meaning="mentalising at which it is whole",
        source="ours: the best mentalising of one person",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"precision_learning": {"learning": 0.0}}

    def newborn(self, accuracy: Scalar) -> Float[Array, "2 *dyads"]:
        """Counts (hit, miss) of somebody whose accuracy this is."""
        return self.observations * jnp.stack([accuracy, 1.0 - accuracy])

    def with_mentalising(self, best: Scalar, mentalising: Scalar) -> Float[Array, "*dyads"]:
        """Accuracy of seeing the other now, from what was learnt and mentalising."""
        whole = jnp.minimum(mentalising / self.full_at, 1.0)
        share = self.unmentalised + (1.0 - self.unmentalised) * whole
        return self.floor + (best - self.floor) * share

    def accuracy(self, counts: Float[Array, "2 *dyads"]) -> Float[Array, "*dyads"]:
        """Accuracy of a channel under its counts (hit, miss)."""
        return jnp.clip(counts[0] / (counts[0] + counts[1]), self.floor, self.ceiling)

    def step(
        self, counts: Float[Array, "2 *dyads"], hits: Scalar, misses: Scalar
    ) -> Float[Array, "2 *dyads"]:
        """Counts after a tick's hits and misses, with the total kept."""
        total = counts[0] + counts[1]
        grown = counts + jnp.stack([hits, misses])
        return grown * (total / (grown[0] + grown[1]))
