"""The first years with a caregiver, then the Strange Situation."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from bowlby.agents.relational import credit_relationship, restaurant_prior
from bowlby.mechanisms.sensitive_period import SensitivePeriod
from bowlby.mechanisms.stress_axis import StressAxis
from bowlby.simulation.bodies import contact_table
from bowlby.simulation.course import (
    Assessment,
    Childhood,
    Client,
    Dyads,
    Progress,
    Rows,
    Schedule,
    added,
    care_encounter,
    effective,
    rested,
    setting_of,
    strong,
)
from bowlby.simulation.dyad import MODELS, Seeker, new_body, new_experience
from bowlby.simulation.encounter import BLOCK, Pair, People, Totals, meet, no_totals
from bowlby.simulation.strange_situation import strange_situation
from bowlby.simulation.variables import childhood_variables

_FIRST_ASSESSED = 2**20
"""Block of each dyad's random stream at which an earlier assessment begins."""


def grow_up(
    dyads: Dyads,
    schedule: Schedule,
    *,
    keeps_ticks: bool = False,
    on_step: Progress = lambda: None,
) -> Childhood:
    """A childhood with one caregiver, or placed after many, then the Strange Situation.

    Plasticity falls with age, and every caregiver before a placement is a stranger at first.
    An earlier Strange Situation changes nothing; after it the caregiver is as `dyads.changed`.

    Args:
        dyads: Who takes part.
        schedule: How many encounters, how long.
        keeps_ticks: Whether to keep every tick.
        on_step: Called after each encounter.
    """
    dyads = effective(dyads)
    n = len(dyads.keys)
    people = People(dyads.seeker, dyads.caregiver, dyads.switches)
    table, gate = contact_table(), dyads.switches.plasticity
    pair = _newborn(dyads.seeker)
    blocks = schedule.childhood_ticks // BLOCK
    rows, ticks, number = [], [], 0
    home, home_at_first, first_assessed = no_totals(n, MODELS), no_totals(n, MODELS), None
    years = 4.0 / schedule.childhood_encounters
    present = people
    for encounter in range(schedule.childhood_encounters):
        if 0 < encounter <= schedule.placed_after:
            pair = _placed(pair, dyads.seeker)
        figure = dyads.caregiver
        if encounter < len(dyads.earlier):
            figure = dyads.earlier[encounter]
        elif dyads.changed is not None and encounter >= schedule.assessed_after:
            figure = dyads.changed
        present = people._replace(figure=figure)
        learning = 1.0 - gate * (1.0 - SensitivePeriod().plasticity(encounter * years))
        pair, totals, kept, number = care_encounter(
            pair,
            dyads.keys,
            number,
            blocks,
            present,
            table,
            setting_of(1.0, learning),
            depth=schedule.depth,
            keeps_ticks=keeps_ticks,
        )
        pair = _credit(pair, 1.0, days=10.0)
        if encounter >= schedule.childhood_encounters // 2:
            home = added(home, totals)
        if schedule.assessed_after // 2 <= encounter < schedule.assessed_after:
            home_at_first = added(home_at_first, totals)
        if encounter + 1 == schedule.assessed_after:
            first_assessed = Assessment(
                _assess(pair, dyads, _FIRST_ASSESSED, present, table, schedule), home_at_first
            )
        rows.append(_childhood_row(totals, pair, age=(encounter + 1) * years))
        ticks.append(kept)
        on_step()
    assessed = Assessment(_assess(pair, dyads, number, present, table, schedule), home)
    return Childhood(_grown(pair, dyads.seeker), assessed, first_assessed, rows, ticks)


def _newborn(seeker: Seeker) -> Pair:
    """A newborn with somebody it has not met."""
    n = seeker.reactivity.shape[0]
    first = strong(jnp.zeros((MODELS, n)).at[0].set(1.0))
    experience = strong(new_experience(seeker, MODELS, n))
    return strong(meet(first, experience, new_body(n), new_body(n), jnp.full(n, 0.3)))


def _assess(pair, dyads, number, present, table, schedule) -> Totals:
    return strange_situation(
        pair, dyads.keys, number, present, table, setting_of(1.0, 0.0), depth=schedule.depth
    )


@eqx.filter_jit
def _credit(pair: Pair, amount: float, *, days: float) -> Pair:
    memory = credit_relationship(pair.experience.memory, pair.belief.sum(0), amount)
    stress = StressAxis().days(
        pair.body.stress, 1.0 + 0.5 * pair.body.arousal.clip(0), dt_d=days
    )
    return eqx.tree_at(lambda p: (p.experience.memory, p.body.stress), pair, (memory, stress))


@eqx.filter_jit
def _grown(pair: Pair, seeker: Seeker) -> Client:
    """A grown person, who has met neither partner nor therapist."""
    old = pair.belief.sum(0)
    stranger = restaurant_prior(pair.experience.memory, seeker.mind.openness)
    one = jnp.ones_like(pair.trust)
    return Client(pair.experience, pair.body, old, stranger, stranger, 0.3 * one, one)


@eqx.filter_jit
def _placed(pair: Pair, seeker: Seeker) -> Pair:
    """A child who meets a new caregiver: whom it meets is not yet known."""
    prior = restaurant_prior(pair.experience.memory, seeker.mind.openness)
    n = pair.trust.shape[0]
    return meet(prior, pair.experience, rested(pair.body), new_body(n), pair.reading)


def _childhood_row(totals: Totals, pair: Pair, *, age: float) -> Rows:
    row = {k: np.asarray(v) for k, v in childhood_variables(totals, pair).items()}
    return row | {"phase": "childhood", "week": np.nan, "age_years": age, "session": 0}
