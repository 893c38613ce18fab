"""Populations: how people differ from each other.

Each draws traits from standard normal numbers; who gets which numbers is the engine's affair.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

Normals = Float[Array, "trait *dyads"]

_ORDINARY = "ours: ordinary good-enough others"
_SKILL = "ours: skill moves all of a therapist, each thing in part"


class CaregiverPopulation(eqx.Module):
    """Distribution of caregivers: three channels, two of them correlated with mentalising."""

    contingency: Scalar = parameter(
        0.6,
        low=-4.0,
        high=4.0,
        unit="nat",
        meaning="mean reward from soothing",
        source="ours: with the shares of A, B, C and D",
    )
    mentalising: Scalar = parameter(
        0.7,
        low=-4.0,
        high=4.0,
        unit="logit",
        meaning="mean mentalising",
        source="ours: with the shares of A, B, C and D",
    )
    threat: Scalar = parameter(
        -1.0,
        low=-6.0,
        high=2.0,
        unit="ln",
        meaning="mean unresolved fear",
        source="ours: with the shares of A, B, C and D",
    )
    contingency_sd: Scalar = parameter(
        1.1,
        low=0.0,
        high=3.0,
        unit="nat",
        meaning="SD of reward from soothing",
        source="ours: with the shares of A, B, C and D",
    )
    mentalising_sd: Scalar = parameter(
        1.2,
        low=0.0,
        high=3.0,
        unit="logit",
        meaning="SD of mentalising",
        source="ours: with the shares of A, B, C and D",
    )
    threat_sd: Scalar = parameter(
        1.1,
        low=0.0,
        high=3.0,
        unit="ln",
        meaning="SD of unresolved fear",
        source="ours: with the shares of A, B, C and D",
    )
    contingency_mentalising: Scalar = parameter(
        0.3,
        low=-0.6,
        high=0.6,
        unit="r",
        meaning="correlation of reward from soothing with mentalising",
        source="ours: who is rewarded looks more closely",
    )
    mentalising_threat: Scalar = parameter(
        -0.2,
        low=-0.6,
        high=0.6,
        unit="r",
        meaning="correlation of mentalising with unresolved fear",
        source="ours: fear makes reading harder",
    )

    def correlated(self, z: Normals) -> Normals:
        """Independent normal numbers as correlated ones (Cholesky's factor, written out)."""
        a, b = self.contingency_mentalising, self.mentalising_threat
        rest = jnp.sqrt(1.0 - a**2)
        c = b / rest
        return jnp.stack([z[0], a * z[0] + rest * z[1], c * z[1] + jnp.sqrt(1.0 - c**2) * z[2]])

    def traits(self, z: Normals) -> dict[str, Array]:
        """Traits of one caregiver per dyad."""
        r, m, h = self.correlated(z)
        return {
            "contingency": self.contingency + self.contingency_sd * r,
            "mentalising": jax.nn.sigmoid(self.mentalising + self.mentalising_sd * m),
            "threat": jnp.exp(self.threat + self.threat_sd * h),
        }


class Partners(Mechanism):
    """Partners in life."""

    contingency: Scalar = parameter(
        0.7,
        low=-4.0,
        high=4.0,
        unit="nat",
        meaning="mean reward from soothing",
        source=_ORDINARY,
    )
    contingency_sd: Scalar = parameter(
        0.525, low=0.0, high=3.0, unit="nat", meaning="SD of it", source=_ORDINARY
    )
    mentalising: Scalar = parameter(
        0.6, low=-4.0, high=4.0, unit="logit", meaning="mean mentalising", source=_ORDINARY
    )
    mentalising_sd: Scalar = parameter(
        0.6, low=0.0, high=3.0, unit="logit", meaning="SD of it", source=_ORDINARY
    )
    threat: Scalar = parameter(
        -2.0, low=-6.0, high=2.0, unit="ln", meaning="mean unresolved fear", source=_ORDINARY
    )
    threat_sd: Scalar = parameter(
        0.9, low=0.0, high=3.0, unit="ln", meaning="SD of it", source=_ORDINARY
    )

    def traits(self, z: Normals, quality: Scalar = 0.0) -> dict[str, Array]:
        """Traits of one partner per dyad, all better by `quality` standard deviations."""
        return {
            "contingency": self.contingency + self.contingency_sd * (z[0] + quality),
            "mentalising": jax.nn.sigmoid(
                self.mentalising + self.mentalising_sd * (z[1] + quality)
            ),
            "threat": jnp.exp(self.threat + self.threat_sd * (z[2] - quality)),
        }


TRAINED = ("mentalising", "latency_s", "repair", "recovery")
"""Skills of therapists that can be trained: thinking, timing, repair, calming down oneself."""


class Therapists(Mechanism):
    """Therapists: skill, of a standard deviation that a course sets, and skills of their own.

    Skill in each thing is `common` skill in general, and the rest its own.
    """

    common: Scalar = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of the variance of each skill that is skill in general",
        source="ours: therapists are good at some things",
    )
    mentalising: Scalar = parameter(
        1.0, low=-4.0, high=4.0, unit="logit", meaning="mean mentalising", source=_SKILL
    )
    latency_s: Scalar = parameter(
        2.2, low=0.0, high=5.0, unit="s", meaning="mean latency", source=_SKILL
    )
    latency_fall_s: Scalar = parameter(
        0.8,
        low=0.0,
        high=5.0,
        unit="s",
        meaning="its fall by a standard deviation of skill",
        source=_SKILL,
    )
    latency_least_s: Scalar = parameter(
        0.5, low=0.0, high=5.0, unit="s", meaning="shortest latency", source=_SKILL
    )
    latency_most_s: Scalar = parameter(
        5.0, low=0.0, high=5.0, unit="s", meaning="longest latency", source=_SKILL
    )
    repair: Scalar = parameter(
        0.55,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="mean readiness to repair",
        source=_SKILL,
    )
    repair_rise: Scalar = parameter(
        0.25, low=0.0, high=1.0, unit="share", meaning="its rise by skill", source=_SKILL
    )
    repair_least: Scalar = parameter(
        0.05, low=0.0, high=1.0, unit="share", meaning="least readiness", source=_SKILL
    )
    repair_most: Scalar = parameter(
        0.95, low=0.0, high=1.0, unit="share", meaning="greatest readiness", source=_SKILL
    )
    insecurity: Scalar = parameter(
        -1.5,
        low=-6.0,
        high=0.0,
        unit="ln",
        meaning="mean own anxiety and avoidance",
        source=_SKILL,
    )
    insecurity_fall: Scalar = parameter(
        0.4, low=0.0, high=3.0, unit="ln", meaning="their fall by skill", source=_SKILL
    )
    insecurity_sd: Scalar = parameter(
        0.3, low=0.0, high=3.0, unit="ln", meaning="SD of each at equal skill", source=_SKILL
    )
    contagion: Scalar = parameter(
        0.03, low=0.0, high=0.3, unit="1/s", meaning="median contagion", source=_SKILL
    )
    contagion_fall: Scalar = parameter(
        0.2, low=0.0, high=3.0, unit="ln", meaning="its fall by skill", source=_SKILL
    )
    recovery_fall: Scalar = parameter(
        0.4,
        low=0.0,
        high=3.0,
        unit="ln",
        meaning="fall by skill of the time to calm down oneself",
        source="ours: half as long by one and a half standard deviations; managing one's own "
        "anxiety is part of managing countertransference (Hayes et al. 2018, in words)",
    )
    style: Scalar = parameter(
        0.5,
        low=0.0,
        high=2.0,
        unit="ln",
        meaning="SD of how readily a therapist makes each act of a protocol, of one's own",
        source="ours: one in six does a thing half as often again; therapists differ in what "
        "they do within one treatment (Webb, DeRubeis & Barber 2010, in words)",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {"therapists_style": {"style": 0.0}}

    def readiness(self, own: Normals) -> Float[Array, "act *dyads"]:
        """Factor on how readily therapists make each act, of mean 1, from normal numbers."""
        return jnp.exp(self.style * own - 0.5 * self.style**2)

    def traits(
        self, skill: Normals, training: Mapping[str, float] = MappingProxyType({})
    ) -> dict[str, Array]:
        """Traits of therapists.

        Args:
            skill: Normal numbers (7, dyads): skill in general; own in thinking, in timing, in
                repair and in calming down; own anxiety, own avoidance.
            training: What they were trained in: skills of `TRAINED` to standard deviations of
                therapists that were gained.
        """
        general, others = jnp.sqrt(self.common), jnp.sqrt(1.0 - self.common)
        thinks, times, repairs, calms = (
            general * skill[0] + others * own + training.get(name, 0.0)
            for name, own in zip(TRAINED, skill[1:5], strict=True)
        )
        secure = self.insecurity - self.insecurity_fall * skill[0]
        latency = self.latency_s - self.latency_fall_s * times
        repair = self.repair + self.repair_rise * repairs
        return {
            "mentalising": jax.nn.sigmoid(self.mentalising + thinks),
            "latency_s": jnp.clip(latency, self.latency_least_s, self.latency_most_s),
            "repair": jnp.clip(repair, self.repair_least, self.repair_most),
            "anxiety": jnp.clip(jnp.exp(secure + self.insecurity_sd * skill[5]), 0.0, 1.0),
            "avoidance": jnp.clip(jnp.exp(secure + self.insecurity_sd * skill[6]), 0.0, 1.0),
            "contagion": self.contagion * jnp.exp(-self.contagion_fall * thinks),
            "recovery": jnp.exp(-self.recovery_fall * calms),
        }
