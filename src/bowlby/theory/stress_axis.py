"""Stress axis: CRH, ACTH and cortisol, with glands that grow over weeks.

    x1' = g1 (u MR(x3) GR(x3) - x1)      CRH,       half-life 4 min
    x2' = g2 (P x1 GR(x3) - x2)          ACTH,      half-life 20 min
    x3' = g3 (A x2 - x3)                 cortisol,  half-life 80 min
    P'  = gP P (x1 - 1)                  pituitary, half-life 20 d
    A'  = gA A (x2 - 1)                  adrenal,   half-life 30 d
    GR(x) = 1 / ((x / 4)^3 + 1), MR(x) = 1 / x

    u = 1 + by_arousal (1 - help(age) safety) max(arousal, 0)     from moment to moment
    help = 1 until `child_y`, 0 from `grown_y`, on a line between

u is the drive (1 at rest). A figure one is safe with stops the axis of a child,
whatever it does for arousal, and no longer does when puberty is over. After long stress the
glands are large:
cortisol comes down and ACTH stays blunted for months after safety has returned.

Source: Karin, Raz, Tendler, Bar, Korem Kohanim, Milo & Alon (2020), Molecular Systems Biology
16, e9510; the presence of a secure figure stops the axis of children: Gunnar & Donzella (2002),
Psychoneuroendocrinology 27, 199-220, in words; its equation is ours. Half-lives as in
docs/explanation/mechanisms.md.
"""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.theory.declared import Mechanism, parameter

_LN2 = 0.6931471805599453
_MINUTES_PER_DAY = 1440.0
_AT_ONCE = 1e-3
"""Years of a change that has no years between its ends."""


class StressState(eqx.Module):
    """Hormones and glands, in units of the feedback-free resting state."""

    crh: Float[Array, "*dyads"]
    acth: Float[Array, "*dyads"]
    cortisol: Float[Array, "*dyads"]
    pituitary: Float[Array, "*dyads"]
    adrenal: Float[Array, "*dyads"]


_KARIN = "Karin et al. (2020), Mol Syst Biol 16, e9510"


class StressAxis(Mechanism):
    """Half-lives of the stress axis, what drives it, and what its load does."""

    crh_min: Scalar = parameter(
        4.0, low=0.5, high=60.0, unit="min", meaning="half-life of CRH", source=_KARIN
    )
    acth_min: Scalar = parameter(
        20.0, low=1.0, high=120.0, unit="min", meaning="half-life of ACTH", source=_KARIN
    )
    cortisol_min: Scalar = parameter(
        80.0, low=10.0, high=300.0, unit="min", meaning="half-life of cortisol", source=_KARIN
    )
    pituitary_d: Scalar = parameter(
        20.0,
        low=1.0,
        high=200.0,
        unit="d",
        meaning="turnover of the corticotrophs",
        source=_KARIN,
    )
    adrenal_d: Scalar = parameter(
        30.0,
        low=1.0,
        high=300.0,
        unit="d",
        meaning="turnover of the adrenal cortex",
        source=_KARIN,
    )
    resting_mass: Scalar = parameter(
        0.9853,
        low=0.5,
        high=2.0,
        unit="1",
        meaning="mass of the adrenal cortex at rest",
        source="fixed point of the equations at a drive of 1",
    )
    by_arousal: Scalar = parameter(
        4.0,
        low=0.0,
        high=10.0,
        unit="1/arousal",
        meaning="drive by hyper-arousal from moment to moment",
        source="cortisol of those who are stressed alone rises by d .9 within half an hour "
        "(Dickerson & Kemeny 2004, Psychological Bulletin 130, 355-391: .92)",
    )
    by_strain: Scalar = parameter(
        1.0,
        low=0.0,
        high=10.0,
        unit="1/arousal",
        meaning="drive by the mean hyper-arousal of a week",
        source="ours: a week that overwhelms is a drive of three times rest",
    )
    by_childhood: Scalar = parameter(
        0.5,
        low=0.0,
        high=10.0,
        unit="1/arousal",
        meaning="drive by the arousal with which a child leaves an encounter",
        source="ours: the days between are calmer than their end",
    )
    between_encounters_d: Scalar = parameter(
        10.0,
        low=1.0,
        high=365.0,
        unit="d",
        meaning="days that the glands follow between encounters of childhood",
        source="ours: the part of the months between that is like the encounter",
    )
    stopped: Scalar = parameter(
        1.0,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of a child's drive by arousal that full safety with a figure stops",
        source="ours: all of it; in words, Gunnar & Donzella (2002)",
    )
    child_y: Scalar = parameter(
        10.0,
        low=0.0,
        high=30.0,
        unit="year",
        meaning="age until which a figure stops the axis: puberty begins",
        source="half of girls and boys have begun between 10 and 11 (Susman et al. 2010, "
        "Archives of Pediatrics & Adolescent Medicine 164, 166-173)",
    )
    grown_y: Scalar = parameter(
        15.0,
        low=0.0,
        high=40.0,
        unit="year",
        meaning="age from which no figure does: puberty is nearly over",
        source="as above (Susman et al. 2010)",
    )
    sensitising: Scalar = parameter(
        0.4,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="rise of reactivity when the adrenal cortex has doubled",
        source="ours: long stress sensitises (Holmes & Slade 2019, in words)",
    )
    OFF: ClassVar[Mapping[str, Mapping[str, float]]] = {
        "stress_axis": {"by_arousal": 0.0, "by_strain": 0.0, "by_childhood": 0.0},
        "stress_buffering": {"stopped": 0.0},
    }

    def helps_at(self, age_y: Scalar) -> Float[Array, "*dyads"]:
        """How far a figure stops the axis at an age (0 to 1)."""
        years = jnp.maximum(self.grown_y - self.child_y, _AT_ONCE)
        left = (self.grown_y - age_y) / years
        return self.stopped * jnp.clip(left, 0.0, 1.0)

    def reaching(self, helps: Scalar, safety: Scalar) -> Float[Array, "*dyads"]:
        """Share of arousal that reaches the axis.

        Args:
            helps: How far the figure who is there stops it (0 to 1).
            safety: With that figure (0 to 1).
        """
        return 1.0 - helps * safety

    def load(self, adrenal: Scalar) -> Float[Array, "*dyads"]:
        """Growth of the adrenal cortex above rest: the memory of long stress (0 or more)."""
        return jnp.maximum(adrenal / self.resting_mass - 1.0, 0.0)

    def reactivity(self, adrenal: Scalar) -> Float[Array, "*dyads"]:
        """Factor on reactivity, 1 at rest."""
        return 1.0 + self.sensitising * self.load(adrenal)

    def after(self, state: StressState, arousal: Scalar, *, dt_s: Scalar) -> StressState:
        """State after `dt_s` seconds at an arousal, for steps up to a few minutes."""
        drive = 1.0 + self.by_arousal * jnp.maximum(arousal, 0.0)
        return self.step(state, drive, dt_s=dt_s)

    def after_week(self, state: StressState, strain: Scalar) -> StressState:
        """State after a week of a mean hyper-arousal."""
        return self.days(state, 1.0 + self.by_strain * strain, dt_d=3.5, steps=2)

    def after_childhood_encounter(self, state: StressState, arousal: Scalar) -> StressState:
        """State at the next encounter of childhood."""
        drive = 1.0 + self.by_childhood * jnp.maximum(arousal, 0.0)
        return self.days(state, drive, dt_d=self.between_encounters_d)

    def rest(self, drive: Scalar = 1.0) -> StressState:
        """Fixed point under a constant drive: CRH = ACTH = 1; u MR GR = 1 gives cortisol."""
        drive = jnp.asarray(drive)
        # x^4 / 64 + x = u has one positive root; Newton's steps from u converge from above.
        level = jnp.minimum(drive, (64.0 * drive) ** 0.25)
        for _ in range(8):
            level = level - (level**4 / 64.0 + level - drive) / (level**3 / 16.0 + 1.0)
        one = jnp.ones_like(level)
        return StressState(one, one, level, 1.0 / _feedback(level), level)

    def rates(self, state: StressState, drive: Scalar) -> StressState:
        """Time derivatives (1/d)."""
        crh, acth, cortisol = self._targets(state, drive)
        return StressState(
            self._per_day(self.crh_min) * (crh - state.crh),
            self._per_day(self.acth_min) * (acth - state.acth),
            self._per_day(self.cortisol_min) * (cortisol - state.cortisol),
            _LN2 / self.pituitary_d * state.pituitary * (state.crh - 1.0),
            _LN2 / self.adrenal_d * state.adrenal * (state.acth - 1.0),
        )

    def step(self, state: StressState, drive: Scalar, *, dt_s: Scalar) -> StressState:
        """State after `dt_s` seconds of a constant drive, for steps up to a few minutes.

        Each hormone relaxes exactly towards its target, each gland grows exponentially; first
        order in the step, never negative.
        """
        days = dt_s / 86400.0
        targets = self._targets(state, drive)
        minutes = (self.crh_min, self.acth_min, self.cortisol_min)
        levels = (state.crh, state.acth, state.cortisol)
        crh, acth, cortisol = (
            target + (level - target) * jnp.exp(-self._per_day(half_life) * days)
            for target, level, half_life in zip(targets, levels, minutes, strict=True)
        )
        return StressState(crh, acth, cortisol, *self._glands(state, days))

    def days(
        self, state: StressState, drive: Scalar, *, dt_d: Scalar, steps: int = 1
    ) -> StressState:
        """State after `steps` times `dt_d` days of a constant drive.

        The hormones, fast against days, are at the balance that the glands allow.
        """
        for _ in range(steps):
            state = self._balanced(state, drive)
            state = StressState(
                state.crh, state.acth, state.cortisol, *self._glands(state, dt_d)
            )
        return self._balanced(state, drive)

    def _targets(self, state, drive):
        feedback = _feedback(state.cortisol)
        return (
            drive / state.cortisol * feedback,
            state.pituitary * state.crh * feedback,
            state.adrenal * state.acth,
        )

    def _glands(self, state, days):
        return (
            state.pituitary * jnp.exp(_LN2 / self.pituitary_d * (state.crh - 1.0) * days),
            state.adrenal * jnp.exp(_LN2 / self.adrenal_d * (state.acth - 1.0) * days),
        )

    def _balanced(self, state, drive):
        """Hormones at balance: cortisol^2 (1 + (cortisol / 4)^3)^2 = drive P A."""
        product = jnp.sqrt(drive * state.pituitary * state.adrenal)
        level = jnp.minimum(product, (64.0 * product) ** 0.25)
        for _ in range(6):
            level = level - (level + level**4 / 64.0 - product) / (1.0 + level**3 / 16.0)
        feedback = _feedback(level)
        crh = drive / level * feedback
        return StressState(
            crh, state.pituitary * crh * feedback, level, state.pituitary, state.adrenal
        )

    def _per_day(self, half_life_min):
        return _LN2 * _MINUTES_PER_DAY / half_life_min


def _feedback(cortisol):
    """Glucocorticoid receptor's brake."""
    return 1.0 / ((cortisol / 4.0) ** 3 + 1.0)
