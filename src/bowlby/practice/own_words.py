"""Which of the nine moves a trainee's own words sound like: a small classifier.

Words, pieces of words and how the text begins, weighted by how rare they are; the mean of two
classifiers that err differently (a linear support vector machine and complement naive Bayes),
learnt in a second from lines written for this room (`own_words.toml`, `own_words_more.toml`).
It says that it is not sure rather than guess; nothing is generated, and nothing is sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bowlby._extras import require
from bowlby._types import FloatArray
from bowlby.practice.language import SOURCE_LANGUAGE, catalogue
from bowlby.practice.messages import HeardAs
from bowlby.practice.moves import TRAINEES, label

SURE = 0.4
"""Share of the likeliest move below which it is not sure."""

TRIED, MORE = "own_words", "own_words_more"
"""Lines on which the classifier is tried as well (`tried`), and lines that it only learns."""

# Who is meant says nothing about what is done.
_PERSONS = (
    (r"\b(he|she|they)\b", "pers"),
    (r"\b(him|her|them|his|their)\b", "pers_o"),
    (r"\b(mother|father|mum|dad|wife|husband|brother|sister|boss|daughter|son|child|partner"
     r"|doctor)\b", "someone"),
    (r"\b(\w+)n't\b", r"\1 not"),
    (r"'(m|re|s|ve|d|ll)\b", r" '\1"),
)  # fmt: skip
_TOKENS = r"(?u)'?\w+|\.\.\.|[?]"


@dataclass(frozen=True)
class Learnt:
    """A classifier that has learnt.

    Attributes:
        moves: Names of the moves, in the order of the shares.
        features: What is looked at (scikit-learn).
        bayes: Complement naive Bayes.
        margin: Linear support vector machine.
    """

    moves: tuple[str, ...]
    features: Any
    bayes: Any
    margin: Any

    def shares(self, texts: Sequence[str]) -> FloatArray:
        """How much each text sounds like each move (text, move); a text's shares sum to 1."""
        seen = self.features.transform([_plain(text) for text in texts])
        likely = _softmax(self.bayes.predict_joint_log_proba(seen))
        # Distances to a margin are of the order of 1; this spreads them as far as the others.
        far = _softmax(4.0 * self.margin.decision_function(seen))
        return (likely + far) / 2.0


def lines(*files: str, language: str = SOURCE_LANGUAGE) -> tuple[list[str], list[str]]:
    """The lines to learn from, and what each does.

    Args:
        files: Which of `TRIED` and `MORE`; both by default.
        language: Of the lines.
    """
    told = [catalogue(language, file) for file in files or (TRIED, MORE)]
    found = [(text, name) for one in told for name in TRAINEES for text in one[name]]
    return [text for text, _ in found], [name for _, name in found]


def learn(texts: Sequence[str], names: Sequence[str]) -> Learnt:
    """A classifier that has learnt these lines.

    Args:
        texts: What was said.
        names: What each of them does.

    Raises:
        MissingExtraError: If scikit-learn is not installed.
    """
    require("words")
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import ComplementNB
    from sklearn.pipeline import make_union
    from sklearn.svm import LinearSVC

    features = make_union(
        TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, token_pattern=_TOKENS),
        TfidfVectorizer(analyzer=_begins),  # pyright: ignore[reportArgumentType]
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    seen = features.fit_transform([_plain(text) for text in texts])
    margin = LinearSVC(C=0.5, random_state=0).fit(seen, names)
    bayes = ComplementNB(alpha=0.3).fit(seen, names)
    return Learnt(tuple(map(str, margin.classes_)), features, bayes, margin)


def tried(*, folds: int = 5, seed: int = 0) -> tuple[list[str], list[str], FloatArray]:
    """Every line of `TRIED`, told by a classifier that has not learnt it.

    Args:
        folds: In how many parts the lines are held out in turn.
        seed: What the parts follow from.

    Returns:
        What each line does, the moves, and the shares told (line, move).
    """
    from sklearn.model_selection import StratifiedKFold

    texts, names = lines(TRIED)
    more, does = lines(MORE)
    moves, shares = [], np.empty((len(texts), len(TRAINEES)))
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for known, held_out in parts.split(texts, names):
        learnt = learn([*(texts[i] for i in known), *more], [*(names[i] for i in known), *does])
        moves = list(learnt.moves)
        shares[held_out] = learnt.shares([texts[i] for i in held_out])
    return names, moves, shares


def _plain(text: str) -> str:
    text = text.lower().replace("’", "'")
    for pattern, instead in _PERSONS:
        text = re.sub(pattern, instead, text)
    return text


def _begins(text: str) -> list[str]:
    """How a text begins, whether it asks, and how long it is."""
    words = re.findall(_TOKENS, text)
    asks = "?" if "?" in text else "says"
    return [
        *(f"^{' '.join(words[:n])}" for n in (1, 2, 3)),
        asks,
        f"len{min(len(words) // 4, 4)}",
    ]


def _softmax(values: FloatArray) -> FloatArray:
    raised = np.exp(values - values.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


@cache
def _learnt() -> Learnt:
    return learn(*lines())


def heard(text: str) -> HeardAs:
    """Which move a text sounds like.

    Args:
        text: What the trainee would say, in the source language.

    Raises:
        MissingExtraError: If scikit-learn is not installed.
    """
    learnt = _learnt()
    return chosen(learnt.moves, learnt.shares([text])[0])


def chosen(names: Sequence[str], shares: FloatArray) -> HeardAs:
    """The likeliest move, or that it is not sure.

    Args:
        names: Moves.
        shares: How much the text sounds like each (move).
    """
    first, second = (names[int(i)] for i in np.argsort(-shares)[:2])
    sure = float(shares.max())
    is_sure = sure >= SURE
    return HeardAs(
        move=first if is_sure else None, label=label(first) if is_sure else "",
        sure=min(sure, 1.0), second=second if is_sure else first,
    )  # fmt: skip
