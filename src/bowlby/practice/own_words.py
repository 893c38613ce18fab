"""Which of the nine moves a trainee's own words sound like: a small classifier.

Words and pieces of words, weighted by how rare they are, and a logistic regression: learnt from
lines written for this room (`own_words.toml`), in a second. It says that it is not sure rather
than guess; nothing is generated, and nothing is sent.
"""

from functools import cache
from typing import Any

import numpy as np

from bowlby._extras import require
from bowlby._types import FloatArray
from bowlby.practice.language import SOURCE_LANGUAGE, catalogue
from bowlby.practice.messages import HeardAs
from bowlby.practice.moves import TRAINEES, label

SURE, AHEAD = 0.34, 0.12
"""Probability of the likeliest move, and its lead on the second, below which it is not sure."""


def lines(language: str = SOURCE_LANGUAGE) -> tuple[list[str], list[str]]:
    """The lines to learn from, and what each does."""
    told = catalogue(language, "own_words")
    found = [(text, name) for name in TRAINEES for text in told[name]]
    return [text for text, _ in found], [name for _, name in found]


def model() -> Any:
    """A classifier that has learnt nothing yet (scikit-learn).

    Raises:
        MissingExtraError: If scikit-learn is not installed.
    """
    require("words")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    pieces = make_union(
        TfidfVectorizer(
            ngram_range=(1, 3), sublinear_tf=True, token_pattern=r"(?u)[\w']+|\.\.\.|\?"
        ),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    return make_pipeline(pieces, LogisticRegression(C=12.0, max_iter=2000))


@cache
def _learnt() -> Any:
    return model().fit(*lines())


def heard(text: str) -> HeardAs:
    """Which move a text sounds like.

    Args:
        text: What the trainee would say, in the source language.

    Raises:
        MissingExtraError: If scikit-learn is not installed.
    """
    learnt = _learnt()
    return chosen([*learnt.classes_], learnt.predict_proba([text])[0])


def chosen(names: list[str], shares: FloatArray) -> HeardAs:
    """The likeliest move, or that it is not sure."""
    order = np.argsort(-shares)
    first, second = (names[i] for i in order[:2])
    lead = float(shares[order[0]] - shares[order[1]])
    sure = float(shares[order[0]])
    is_sure = sure >= SURE and lead >= AHEAD
    return HeardAs(
        move=first if is_sure else None, label=label(first) if is_sure else "",
        sure=min(sure, 1.0), second=second if is_sure else first,
    )  # fmt: skip
