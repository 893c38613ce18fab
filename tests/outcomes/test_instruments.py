"""The table of instruments checks itself; answers become scores."""

import csv

import numpy as np
import pandas as pd
import pytest

from bowlby.outcomes.cutoffs import cutoff
from bowlby.outcomes.instruments.registry import instrument_names, read_instrument
from bowlby.outcomes.instruments.scoring import score
from bowlby.outcomes.instruments.table import all_tomls, grades, item_numbers
from bowlby.outcomes.yardstick import critical, yardstick


@pytest.fixture(scope="module")
def table(shared_data):
    with (shared_data / "instruments.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_every_instrument_of_the_table_is_there(table):
    assert instrument_names() == sorted(table)


def test_the_tomls_are_what_the_table_gives(shared_data):
    from importlib.resources import files

    folder = files("bowlby.outcomes.instruments") / "keys"
    made = all_tomls(shared_data / "instruments.csv")
    assert {k: (folder / f"{k}.toml").read_text(encoding="utf-8") for k in made} == made


@pytest.mark.parametrize("name", instrument_names())
def test_every_toml_can_be_read(name):
    assert read_instrument(name).id == name


def test_grades_are_read_from_the_tables_words():
    found = grades("norms B; alpha B; cutoff B,C; RC M,C (6 is the 90 % level); licence A")
    assert (found["moments"], found["cutoff"], found["reliable_change"], found["key"]) == (
        "B", "B", "M", "M",
    )  # fmt: skip


def test_items_are_read_from_lists_and_ranges():
    assert item_numbers("1-3;7") == [1, 2, 3, 7]


# What the moments and reliability give, beside what is published, each within rounding.
PUBLISHED_CUTOFFS = [("coreom", 9.89, 9.9), ("core10", 10.46, 11), ("oq45", 62.5, 63),
                     ("ors", 24.3, 25)]  # fmt: skip


@pytest.mark.parametrize(("name", "computed", "published"), PUBLISHED_CUTOFFS)
def test_published_cutoffs_follow_from_the_moments(name, computed, published):
    n = read_instrument(name).numbers
    sign = 1 if read_instrument(name).direction == "higher" else -1
    at = cutoff(
        "c", sign=sign, clinical=(n["clinical_mean"].value, n["clinical_sd"].value),
        functional=(n["norm_mean"].value, n["norm_sd"].value),
    )  # fmt: skip
    assert at == pytest.approx(computed, abs=0.05)
    assert abs(at - published) < 0.8


# Level at which the published reliable change comes out, and what it is there.
PUBLISHED_CHANGES = [("phq9", 0.95, 5.61, 6), ("gad7", 0.95, 3.68, 4), ("coreom", 0.95, 4.82, 5),
                     ("core10", 0.90, 5.66, 6), ("oq45", 0.90, 13.66, 14),
                     ("ors", 0.90, 5.35, 5)]  # fmt: skip


@pytest.mark.parametrize(("name", "level", "computed", "published"), PUBLISHED_CHANGES)
def test_published_reliable_changes_follow_at_their_level(name, level, computed, published):
    n = read_instrument(name).numbers
    error = n["clinical_sd"].value * np.sqrt(2 * (1 - n["reliability"].value))
    assert critical(level) * error == pytest.approx(computed, abs=0.01)
    assert n["published_rc"].value == published
    assert n["published_rc"].level == level


def test_the_tables_own_computed_constants_are_ours(table):
    for name, row in table.items():
        n = read_instrument(name).numbers
        sd = n.get("clinical_sd", n.get("norm_sd"))
        if row["computed_rc95"]:
            r = n["reliability"].value
            value = 1.959964 * sd.value * np.sqrt(2 * (1 - r))
            assert value == pytest.approx(float(row["computed_rc95"]), abs=0.011)


def test_a_number_from_memory_is_not_used():
    yard = yardstick(read_instrument("phq9"))
    assert np.isnan(yard.reliability)
    assert "memory" in yard.missing["reliability"]


def test_a_number_from_memory_is_used_when_accepted():
    assert yardstick(read_instrument("phq9"), accept_unverified=True).reliability == 0.89


def test_the_published_reliable_change_gives_the_standard_error():
    yard = yardstick(read_instrument("phq9"))
    assert yard.sem == pytest.approx(6 / 1.959964 / np.sqrt(2), rel=1e-6)


def test_core10s_memory_of_6_gives_way_to_the_computed_95_level():
    yard = yardstick(read_instrument("core10"))
    assert (round(yard.reliable_change, 2), yard.level) == (6.75, 0.95)


def answers_of(values, client="A"):
    return pd.DataFrame({"client": client, "session": 0, "item": range(1, len(values) + 1),
                         "answer": values})  # fmt: skip


def one_score(name, values, **how):
    made = score(answers_of(values), read_instrument(name), **how)
    return made.scores.set_index("scale")


def test_phq9_is_the_sum_of_its_items():
    assert one_score("phq9", [1, 2, 3, 0, 1, 2, 3, 0, 0])["value"]["total"] == 12


def test_core10_is_ten_times_the_mean_with_items_2_and_3_reversed():
    assert one_score("core10", [4, 0, 0, 4, 4, 4, 4, 4, 4, 4])["value"]["total"] == 40


def test_dass_item_21_is_depression():
    values = [0.0] * 20 + [3.0]
    table = answers_of(values)
    made = score(
        table[table.item.isin([3, 5, 10, 13, 16, 17, 21])], read_instrument("dass21_d"),
        accept_unverified=True,
    )  # fmt: skip
    assert made.scores["value"].tolist() == [6]


def test_ecrr_avoidance_counts_reversed_items_backward():
    table = answers_of([7.0] * 36)
    made = score(table[table.item > 18], read_instrument("ecrr_avoidance"))
    assert made.scores["value"].iloc[0] == pytest.approx((6 * 7 + 12 * 1) / 18)


def test_rfq8_certainty_counts_strong_disagreement_only():
    made = one_score("rfq8_c", [1, 2, 3, 4, 5, 7], accept_unverified=True)
    assert made["value"]["certainty"] == pytest.approx(1.0)


def test_a_missing_rule_from_memory_gives_no_score_and_says_so():
    made = one_score("phq9", [1, 2, 3, 0, 1, 2, 3, 0, np.nan])
    assert np.isnan(made["value"]["total"])
    assert "from memory" in made.reason["total"]


def test_an_accepted_missing_rule_takes_the_mean_of_the_rest():
    made = one_score("phq9", [1, 1, 1, 1, 1, 1, 1, 1, np.nan], accept_unverified=True)
    assert made["value"]["total"] == 9
    assert made.reason["total"] == "1 missing: mean of the rest"


def test_three_missing_answers_of_phq9_give_no_score():
    made = one_score("phq9", [1, 1, 1, 1, 1, 1, *[np.nan] * 3], accept_unverified=True)
    assert made.reason["total"].startswith("no score: 3 missing, at most 2 may be")


def test_an_answer_about_danger_is_told():
    made = score(answers_of([0, 0, 0, 0, 0, 0, 0, 0, 1]), read_instrument("phq9"))
    assert made.risk[["client", "item", "answer"]].values.tolist() == [["A", 9, 1]]


def test_a_key_from_memory_must_be_accepted():
    with pytest.raises(ValueError, match="known from memory only"):
        score(answers_of([1] * 15), read_instrument("etmcq"))
