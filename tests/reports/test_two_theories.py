"""The tables of two theories side by side."""

from bowlby.reports.trial.tables import theories_arms_table, theories_table

FOUND = {"difference": -0.4, "low": -0.7, "high": -0.1, "g": -0.45, "p": 0.01, "p_holm": 0.02}
THEORIES = {
    "names": ["default", "mine"], "outcome": "internalising_after", "assessed": [20, 24],
    "contrasts": [{"first": "a", "second": "b", "decides": True, "default": FOUND,
                   "own": FOUND | {"g": -0.05, "p_holm": 0.81}}],
    "arms": [{"arm": "a", "default": 0.5, "own": 0.9}],
    "improved": [{"arm": "a", "default": 0.4, "own": 0.1}],
}  # fmt: skip


def texts(row):
    return [getattr(cell, "text", cell) for cell in row]


def test_a_contrast_has_one_row_with_both_theories():
    table = theories_table(THEORIES)
    (row,) = table.rows
    assert len(table.header) == len(row) == 7
    assert ".810" in " ".join(map(str, texts(row)))


def test_an_arm_has_a_row_for_each_theory():
    rows = [texts(row) for row in theories_arms_table(THEORIES).rows]
    assert [str(row[0]) for row in rows] == ["a", "a (mine)"]
