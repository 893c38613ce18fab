"""How well own words are heard as one of the nine moves.

    python benchmarks/own_words.py            writes benchmarks/own_words.json (a minute)

Every line of `own_words.toml` is told by a classifier that has not learnt it, five divisions into
five parts. The lines of `own_words_more.toml`, written without sight of the others, are learnt
and never tried.
"""

import json
from pathlib import Path

import numpy as np

from bowlby.practice import own_words
from bowlby.practice.moves import TRAINEES

SEEDS = range(5)


def measured():
    """Accuracy, certainty and who is taken for whom (move, told as; shares)."""
    taken, right, sure, right_if_sure = np.zeros((len(TRAINEES), len(TRAINEES))), [], [], []
    for seed in SEEDS:
        names, moves, shares = own_words.tried(seed=seed)
        told = [moves[i] for i in shares.argmax(1)]
        is_right, is_sure = np.array(told) == names, shares.max(1) >= own_words.SURE
        right.append(is_right.mean())
        sure.append(is_sure.mean())
        right_if_sure.append(is_right[is_sure].mean())
        for name, heard in zip(names, told, strict=True):
            taken[TRAINEES.index(name), TRAINEES.index(heard)] += 1
    return {
        "lines": len(names), "learnt_besides": len(own_words.lines(own_words.MORE)[0]),
        "accuracy": float(np.mean(right)), "accuracy_sd": float(np.std(right, ddof=1)),
        "sure": float(np.mean(sure)), "accuracy_if_sure": float(np.mean(right_if_sure)),
        "moves": list(TRAINEES),
        "confusion": (taken / taken.sum(1, keepdims=True)).round(3).tolist(),
    }  # fmt: skip


def main():
    """Measure and write."""
    found = measured()
    print(json.dumps(found, indent=1))
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
