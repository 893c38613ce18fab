"""Who is there in a grown life: the partner of these weeks, or a friend (`partnership`)."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, PRNGKeyArray, Scalar
from bowlby.simulation.lives import Client, Dyads
from bowlby.theory import Theory
from bowlby.theory.bond import Relationship, no_history
from bowlby.theory.illness import Felt
from bowlby.theory.partnership import TRAITS_OF_A_PARTNER, Company
from bowlby.theory.people import AttachmentFigure, CareSeeker


class Acquaintance(NamedTuple):
    """Somebody as they are known.

    Attributes:
        belief: What is believed of them, over relational models.
        bond: What they have shown.
    """

    belief: Array
    bond: Relationship


class Known(NamedTuple):
    """Somebody as the client knows them.

    Attributes:
        figure: The caregiver or partner.
        belief: What is believed of it, over relational models.
        bond: What it has shown.
        helps: How far it stops the stress axis of somebody of the client's age (0 to 1).
    """

    figure: AttachmentFigure
    belief: Float[Array, "k *dyads"]
    bond: Relationship
    helps: Scalar = 0.0


class Companion(NamedTuple):
    """Who is there in a week of life, as the client knows them.

    Attributes:
        figure: The partner, or the friend of somebody who lives alone.
        belief: What is believed of them, over relational models.
        bond: What they have shown.
        absent: How far they are not there (0 to 1).
    """

    figure: AttachmentFigure
    belief: Array
    bond: Relationship
    absent: Array

    @property
    def known(self) -> Known:
        """Who it is, whether there or not."""
        return Known(self.figure, self.belief, self.bond)


@eqx.filter_jit
def who_is_there(client: Client, dyads: Dyads) -> Companion:
    """The partner of these weeks, or the friend of those who live alone."""
    theory, company = dyads.world.theory, client.company
    later = theory.partners.traits(company.standing, dyads.partner_quality)
    partner = eqx.tree_at(
        lambda figure: [getattr(figure, name) for name in later],
        dyads.partner,
        [
            jnp.where(company.later > 0.0, trait, getattr(dyads.partner, name))
            for name, trait in later.items()
        ],
    )
    absent = theory.partnership.absence(company.together)
    with_partner = partner, client.life_model, client.life_bond
    alone = dyads.friend, company.friend_model, company.friend_bond
    figure, belief, bond = where(company.together > 0.5, with_partner, alone)
    return Companion(figure, belief, bond, absent)


def company_after(
    client: Client,
    other: Acquaintance,
    theory: Theory,
    seeker: CareSeeker,
    beyond: Felt,
    uniform: Array,
    standing: Array,
) -> tuple[Client, Array]:
    """Who is there after a week that was felt so, and whether a couple parted.

    Args:
        client: After the week.
        other: Partner or friend, as known after it.
        theory: The theory that holds.
        seeker: Who the client is.
        beyond: How the week was felt, beyond ordinary times.
        uniform: Random number.
        standing: Of somebody who may be met, among partners.
    """
    company, mind = client.company, seeker.mind
    was_together = company.together > 0.5
    partner = where(was_together, other, Acquaintance(client.life_model, client.life_bond))
    friend = where(was_together, Acquaintance(company.friend_model, company.friend_bond), other)
    parted, met = theory.partnership.changes(company.together, *beyond, uniform)
    # Who is met for the first time is with a partner or alone, as such a life makes likely.
    alone = 1.0 * (uniform < theory.partnership.lives_alone(*beyond))
    is_new = client.weeks == 0.0
    together = jnp.where(is_new, 1.0 - alone, company.together - parted + met)
    stranger = theory.relational_models.restaurant_prior(
        client.experience.memory, mind.openness
    )
    n = together.shape[0]
    partner = where(met > 0.5, Acquaintance(stranger, no_history(n)), partner)
    return client._replace(
        life_model=partner.belief,
        life_bond=partner.bond,
        company=Company(
            together,
            company.later + met,
            jnp.where(met > 0.5, standing, company.standing),
            *friend,
        ),
    ), parted * (1.0 - is_new)


def standings(keys: PRNGKeyArray, number: Array) -> Array:
    """Standing of somebody who may be met, among partners (trait, dyads)."""
    shape = (TRAITS_OF_A_PARTNER,)
    draw = jax.vmap(lambda key: jax.random.normal(jax.random.fold_in(key, number), shape))
    return draw(keys).T


def where(condition: Array, one: Any, other: Any) -> Any:
    """One of two trees, for each dyad."""
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), one, other)
