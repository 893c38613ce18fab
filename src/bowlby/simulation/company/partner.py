"""A partner who seeks care too: people who are each other's figure.

Everybody stands side by side on the axis of dyads, as a care-seeker with a body of their own,
and `other` says who each one is with; those who are alone are with themselves, and told so by
the cue. What the other is met with:

- what one does decides how need is shown (`theory/caregiving.py`) and how near the two are; who
  withdraws answers nobody, which looks dismissive;
- how aroused one is decides how well one reads the other, and how near one is to intruding,
  dismissing and frightening (`theory/figure_arousal.py`, `theory/threat.py`);
- the figure's body is the other's own body. Both are driven once in every second, each from the
  other's own arousal of that second, so that nothing is counted twice and no second body is
  kept: `figure_body` after a tick is the other's `body` after it.

Contact belongs to two people: nearness is sought by the mean of what both do (one who comes
and one who leaves meet half-way), and who intrudes or frightens makes contact for both.
Swapping two people swaps all that happens to them. A body takes over arousal by its contagion
as a care-seeker, and recovers and releases oxytocin as a care-seeker's does.
"""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Int
from bowlby.maths.short_axis import column
from bowlby.simulation import bodies
from bowlby.simulation.bodies import Drives, TwoBodies
from bowlby.simulation.company.caregiver import CAREGIVER, AtHome, offered, stance_taken
from bowlby.simulation.tick import Figure, Offer, Scene, Ticked
from bowlby.theory.vocabulary import DISMISSIVE, STANCES, WITHDRAW


class Together(NamedTuple):
    """What an encounter of people who are each other's figure is like.

    Attributes:
        home: As at home.
        other: Place of the person each one is with; one's own for those who are alone.
    """

    home: AtHome
    other: Int[Array, "*dyads"]


def across(tree: Any, other: Int[Array, "*dyads"]) -> Any:
    """What belongs to each one's other."""
    return jax.tree.map(lambda leaf: leaf[..., other], tree)


def _offer(scene: Scene) -> Offer:
    """What each is offered by the other, in the contact that both make."""
    other = scene.setting.other
    at_home = scene._replace(setting=scene.setting.home)
    action = scene.turn.action
    stance = _as_they_act(stance_taken(at_home), across(action, other))
    near = scene.theory.contact.made(0.5 * (action + across(action, other)), stance)
    offer = offered(at_home, stance, jnp.maximum(near, across(near, other)))
    return offer._replace(misled=offer.misled * (1.0 - scene.cue))


def _as_they_act(stance: Array, action: Array) -> Array:
    """The stance of somebody who does something else besides: who withdraws answers nobody."""
    nothing = column(jnp.arange(len(STANCES)) == DISMISSIVE, stance.ndim - 1)
    return stance + action[WITHDRAW] * (nothing - stance)


def _bodies(scene: Scene, aroused: Array, drives: Drives) -> TwoBodies:
    past, other = scene.pair.body.past, scene.setting.other
    return bodies.side_by_side(aroused, past, other, drives, scene.theory, scene.chance.noise)


def _after(ticked: Ticked, scene: Scene) -> Ticked:
    """The figure of each is the other as it is after the tick."""
    bodies_after = across(ticked.after.body, scene.setting.other)
    return ticked._replace(
        after=eqx.tree_at(lambda pair: pair.figure_body, ticked.after, bodies_after)
    )


PARTNER = Figure(
    "partner", CAREGIVER.mentalising, CAREGIVER.lends, _offer, _after, bodies=_bodies
)
"""Its cue tells how far the other is away (0 to 1): the same for both."""
