"""Sentences of the theory that hold, and are lost with their mechanism (few people, two seeds).

The effects are those of `benchmarks/theory.py`, whose five seeds `docs/explanation/claims.md` tells.
"""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "theory.py"
HELD = {
    "bodies are entrained: arousal": (0.25, 0.1),
    "negative affect evokes rejection": (0.05, 0.001),
    "frightening care spoils self-soothing": (0.1, 0.001),
    "perception is learnt": (0.03, 0.001),
    "exploration sharpens perception": (0.03, 0.025),
    "therapy makes models more complex": (0.1, 0.1),
    "ruptures are mended": (0.6, 0.05),
    "contact falls in ruptures": (0.1, 0.05),
    "two brains bind energy better than one": (0.07, 0.01),
}
"""Sentence to the least effect of the full model and the most that may be left without."""


@pytest.fixture(scope="module")
def rows():
    spec = importlib.util.spec_from_file_location("theory_table", SCRIPT)
    theory = importlib.util.module_from_spec(spec)
    sys.modules["theory_table"] = theory
    spec.loader.exec_module(theory)
    theory.DYADS = 96
    return {row.says: row for row in theory.ROWS}


@pytest.mark.slow
@pytest.mark.parametrize("sentence", HELD)
def test_a_sentence_holds_and_is_lost_with_its_mechanism(rows, sentence):
    row, (least, most) = rows[sentence], HELD[sentence]
    full, without = (
        sum(row.effect(seed, ablated) for seed in (31, 32)) / 2.0
        for ablated in ((), row.without)
    )
    assert full > least
    assert without <= most
