"""Recruiting: of those who have waited, whom a study takes."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.course import Course, CourseError
from bowlby.courses.sections import RecruitingSection
from bowlby.simulation.instruments import Scores
from bowlby.simulation.lives import Childhood, Dyads, Rows, Therapy


class Met(NamedTuple):
    """People before their first session.

    Attributes:
        numbers: Number of each dyad.
        places: Place of each among those who take part, by which they share therapists.
        dyads: Who takes part.
        childhood: What their childhood left.
        waited: Their adult life until then.
        read: Readouts of their childhood.
    """

    numbers: np.ndarray
    places: np.ndarray
    dyads: Dyads
    childhood: Childhood
    waited: Therapy
    read: Scores


def who_is_taken(recruiting: RecruitingSection, met: Met, scores: Scores) -> np.ndarray:
    """Places of those whom a study takes.

    Args:
        recruiting: Whom it takes.
        met: Everybody who was met.
        scores: Readouts of their life so far.
    """
    taken = np.ones(len(met.numbers), bool)
    if recruiting.severity is not None:
        taken &= scores["internalising_before"] >= recruiting.severity
    if recruiting.ill:
        taken &= np.asarray(met.waited.client.illness.ill) > 0.0
    return np.flatnonzero(taken)


def check_taken(course: Course, taken: int) -> None:
    """Somebody takes part.

    Args:
        course: What was run.
        taken: How many take part.

    Raises:
        CourseError: If a study takes nobody.
    """
    if taken == 0:
        raise CourseError(
            f"recruiting takes nobody of the {course.dyads} people who were met: raise dyads, "
            "lower recruiting.severity, or leave out recruiting.ill"
        )


def only(met: Met, at: np.ndarray) -> Met:
    """Some of them, in an order of one's own."""
    observer = met.dyads.observer.of(at)
    # What holds for everybody has no axis of dyads; where there is one, it is the last.
    dyads = _taken(met.dyads._replace(observer=None, world=None), at)
    return Met(
        met.numbers[at],
        met.places[at[0]] + np.arange(len(at)),
        dyads._replace(observer=observer, world=met.dyads.world),
        _taken(met.childhood._replace(rows=[], ticks=[]), at)._replace(
            rows=_rows(met.childhood.rows, at), ticks=_rows(met.childhood.ticks, at)
        ),
        Therapy(
            _taken(met.waited.client, at),
            _rows(met.waited.rows, at),
            _rows(met.waited.ticks, at),
            met.waited.named[at],
        ),
        {name: np.asarray(values)[at] for name, values in met.read.items()},
    )


def together(parts: Sequence[Met], *, place: int) -> Met:
    """People who were met apart, beside each other; their places begin with this one."""
    first, waited = parts[0], [part.waited for part in parts]
    childhoods = [part.childhood for part in parts]
    dyads = _beside([part.dyads._replace(observer=None, world=None) for part in parts])
    return Met(
        np.concatenate([part.numbers for part in parts]),
        place + np.arange(sum(len(part.numbers) for part in parts)),
        dyads._replace(
            observer=first.dyads.observer.with_others([p.dyads.observer for p in parts[1:]]),
            world=first.dyads.world,
        ),
        _beside([c._replace(rows=[], ticks=[]) for c in childhoods])._replace(
            rows=_rows_beside([c.rows for c in childhoods]),
            ticks=_rows_beside([c.ticks for c in childhoods]),
        ),
        Therapy(
            _beside([w.client for w in waited]),
            _rows_beside([w.rows for w in waited]),
            _rows_beside([w.ticks for w in waited]),
            jnp.concatenate([w.named for w in waited]),
        ),
        {n: np.concatenate([part.read[n] for part in parts]) for n in first.read},
    )


def _beside(trees):
    """People beside each other; what holds for everybody is the same in each."""
    return jax.tree.map(
        lambda *leaves: _concatenated(leaves) if np.ndim(leaves[0]) else leaves[0], *trees
    )


def _concatenated(leaves):
    module = jnp if _are_keys(leaves[0]) else np
    return jnp.asarray(module.concatenate(leaves, axis=-1))


def _rows_beside(found: Sequence[list[Rows]]) -> list[Rows]:
    return [
        {
            k: np.concatenate([row[k] for row in rows], axis=-1)
            if isinstance(v, np.ndarray) and v.ndim
            else v
            for k, v in rows[0].items()
        }
        for rows in zip(*found, strict=True)
    ]


def _taken(tree, at: np.ndarray):
    return jax.tree.map(lambda leaf: _picked(leaf, at) if np.ndim(leaf) else leaf, tree)


def _picked(leaf, at: np.ndarray):
    return leaf[..., at] if _are_keys(leaf) else jnp.asarray(np.asarray(leaf)[..., at])


def _are_keys(leaf) -> bool:
    """Random keys, which stay with JAX; the rest is done by numpy, which compiles nothing."""
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _rows(rows: list[Rows], at: np.ndarray) -> list[Rows]:
    return [
        {k: v[..., at] if isinstance(v, np.ndarray) and v.ndim else v for k, v in row.items()}
        for row in rows
    ]
