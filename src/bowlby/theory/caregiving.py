"""Caregiving: three separate channels, since one scalar cannot carry them.

Each turn the figure takes a stance, drawn from a softmax over what each is worth to it:
contingency r (reward from soothing), mentalising m (how well need is noticed) and threat h
(unresolved fear, `threat.py`).

    shown = visibility(action) (.4 + .6 need)
    noticed = sigmoid(6 (shown + .5 m - .75)),    rejects = sigmoid(-2 r)
    attuned      1 + .35 r + 3 noticed (1 - .8 rejects)
    intrusive    -1.2 + 1.2 alarm + 2.2 (1 - m) (1 - .5 shown)
    dismissive   -.2 + 1.8 (1 - noticed) need + (5 + 1.5 alarm) rejects shown

Sensitivity is not a parameter but a readout.

Source: ours (docs/explanation/mechanisms.md); a good caregiver regulates, neither controlling
nor ignoring: Holmes & Slade (2019), in words.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import weighted
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import ACTIONS

_SHARES = "ours: with the shares of secure, avoidant, resistant and disorganised children"


class Worth(NamedTuple):
    """What a figure's turn rests on.

    Attributes:
        attuned: Log-weight of an attuned answer.
        intrusive: Of an intrusive one.
        dismissive: Of a dismissive one.
        noticed: How far need was noticed (0 to 1).
    """

    attuned: Float[Array, "*dyads"]
    intrusive: Float[Array, "*dyads"]
    dismissive: Float[Array, "*dyads"]
    noticed: Float[Array, "*dyads"]


class Caregiving(Mechanism):
    """Weights of a caregiver's answers."""

    visibility: Scalar = parameter(
        (0.55, 0.12, 0.05, 1.0), low=0.0, high=1.0, unit="share",
        meaning="how far each action shows need",
        source="ours: protest shows all, withdrawal hides",
        over=ACTIONS,
    )  # fmt: skip
    shown_calm: Scalar = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of what an action shows that is shown without need",
        source="ours: bids are seen whatever they are for",
    )
    notice_slope: Scalar = parameter(
        6.0, low=0.5, high=30.0, unit="nat", meaning="sharpness of noticing", source=_SHARES
    )
    notice_mentalising: Scalar = parameter(
        0.5,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="help of mentalising in noticing",
        source=_SHARES,
    )
    notice_threshold: Scalar = parameter(
        0.75,
        low=-1.0,
        high=2.0,
        unit="1",
        meaning="what must be shown or read for need to be noticed half of the time",
        source=_SHARES,
    )
    rejecting_slope: Scalar = parameter(
        2.0,
        low=0.0,
        high=20.0,
        unit="1",
        meaning="sharpness with which low contingency becomes rejection",
        source=_SHARES,
    )
    attuned: Scalar = parameter(
        1.0, low=-5.0, high=5.0, unit="nat", meaning="readiness to be attuned", source=_SHARES
    )
    attuned_contingency: Scalar = parameter(
        0.35, low=0.0, high=5.0, unit="1", meaning="its rise by contingency", source=_SHARES
    )
    attuned_noticed: Scalar = parameter(
        3.0, low=0.0, high=10.0, unit="nat", meaning="its rise by need noticed", source=_SHARES
    )
    attuned_rejecting: Scalar = parameter(
        0.8,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of that rise lost by rejection",
        source=_SHARES,
    )
    intrusive: Scalar = parameter(
        -1.2, low=-10.0, high=5.0, unit="nat", meaning="readiness to intrude", source=_SHARES
    )
    intrusive_alarm: Scalar = parameter(
        1.2,
        low=0.0,
        high=10.0,
        unit="nat/arousal",
        meaning="its rise by own alarm",
        source=_SHARES,
    )
    intrusive_unread: Scalar = parameter(
        2.2,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="its rise where the mind is not read",
        source=_SHARES,
    )
    intrusive_shown: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of that rise lost where need is plain to see",
        source=_SHARES,
    )
    dismissive: Scalar = parameter(
        -0.2, low=-10.0, high=5.0, unit="nat", meaning="readiness to dismiss", source=_SHARES
    )
    dismissive_unnoticed: Scalar = parameter(
        1.8,
        low=0.0,
        high=10.0,
        unit="nat",
        meaning="its rise by need unnoticed",
        source=_SHARES,
    )
    dismissive_rejecting: Scalar = parameter(
        5.0,
        low=0.0,
        high=20.0,
        unit="nat",
        meaning="its rise by rejection of what is shown",
        source=_SHARES,
    )
    dismissive_alarm: Scalar = parameter(
        1.5,
        low=0.0,
        high=10.0,
        unit="nat/arousal",
        meaning="rise of that rejection by own alarm",
        source=_SHARES,
    )

    def shown(self, action: Float[Array, "a *dyads"], need: Scalar) -> Float[Array, "*dyads"]:
        """How far need is shown (0 to 1) by an action, one-hot, at a need (0 to 1)."""
        usual = self.shown_calm + (1.0 - self.shown_calm) * need
        return weighted(self.visibility, action) * usual

    def noticed(self, shown: Scalar, mentalising: Scalar) -> Float[Array, "*dyads"]:
        """How far need is noticed (0 to 1)."""
        read = shown + self.notice_mentalising * mentalising - self.notice_threshold
        return jax.nn.sigmoid(self.notice_slope * read)

    def rejects(self, contingency: Scalar) -> Float[Array, "*dyads"]:
        """How far bids are rejected (0 to 1)."""
        return jax.nn.sigmoid(-self.rejecting_slope * contingency)

    def worth(
        self,
        shown: Scalar,
        need: Scalar,
        contingency: Scalar,
        mentalising: Scalar,
        alarm: Scalar,
    ) -> Worth:
        """What each answer is worth to the figure (nat).

        Args:
            shown: How far need is shown (0 to 1).
            need: The care-seeker's need (0 to 1).
            contingency: Reward from soothing (nat).
            mentalising: The figure's, now (0 to 1).
            alarm: The figure's (arousal).
        """
        noticed, rejects = self.noticed(shown, mentalising), self.rejects(contingency)
        attuned = self.attuned_noticed * noticed * (1.0 - self.attuned_rejecting * rejects)
        unread = (1.0 - mentalising) * (1.0 - self.intrusive_shown * shown)
        rejected = self.dismissive_rejecting + self.dismissive_alarm * alarm
        return Worth(
            self.attuned + self.attuned_contingency * contingency + attuned,
            self.intrusive + self.intrusive_alarm * alarm + self.intrusive_unread * unread,
            self.dismissive
            + self.dismissive_unnoticed * (1.0 - noticed) * need
            + rejected * rejects * shown,
            noticed * jnp.ones_like(need),
        )
