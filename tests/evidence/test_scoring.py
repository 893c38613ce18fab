"""Verdicts, and the comparison with a guess."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from bowlby.evidence.findings import Finding
from bowlby.evidence.scoring import against_guess, agrees, distance, estimate, guess, verdict
from bowlby.evidence.table import breaks_others


def finding(**changes):
    values = {
        "slug": "a", "area": "x", "claim": "c", "statistic": "r", "published": "0.3",
        "low": 0.2, "high": 0.4, "kind": "assoc", "group": "a", "source": "s",
    }  # fmt: skip
    return Finding(**(values | changes))


def test_the_interval_is_that_of_students_t():
    values = [0.1, 0.4, 0.2, 0.5]
    found = estimate(values)
    expected = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(expected)


def test_an_effect_agrees_by_its_mean():
    assert agrees(finding(), estimate([0.1, 0.5]))
    assert not agrees(finding(), estimate([0.5, 0.6]))


def test_a_null_agrees_only_with_its_whole_interval():
    null = finding(kind="null", low=-0.25, high=0.25)
    assert agrees(null, estimate([0.0, 0.01, -0.01]))
    assert not agrees(null, estimate([0.2, -0.2, 0.0]))


def test_a_sign_agrees_only_when_the_interval_excludes_zero():
    sign = finding(low=None, high=None)
    assert agrees(sign, estimate([0.30, 0.31, 0.32]))
    assert not agrees(sign, estimate([0.3, -0.1, 0.5]))


def test_a_finding_is_explained_when_it_is_lost_without_the_mechanism():
    inside, outside = estimate([0.30, 0.31]), estimate([0.0, 0.01])
    assert verdict(finding(), inside, outside) == "explained"
    assert verdict(finding(), inside, inside) == "compatible"
    assert verdict(finding(), inside, None) == "met"
    assert verdict(finding(), outside, inside) == "missed"
    assert verdict(finding(), None, None) == "not addressed"


def test_a_row_that_set_a_cut_off_is_never_scored():
    assert verdict(finding(slug="ssp-secure"), estimate([0.3, 0.3]), None) == "fitted"


def test_the_guess_has_the_sign_of_the_band():
    assert guess(finding()) == 0.2
    assert guess(finding(low=-0.4, high=-0.2, statistic="d")) == -0.3
    assert guess(finding(kind="null", low=-0.2, high=0.2)) == 0.0


def test_no_effect_is_0_and_1_for_a_ratio():
    ratio = finding(kind="null", statistic="sign/null", published="~0", low=0.7, high=1.3)
    assert guess(ratio) == pytest.approx(1.0)
    assert distance(ratio, 1.0) == pytest.approx(0.0)
    assert distance(ratio, 0.7) == pytest.approx(1.0)
    assert agrees(ratio, estimate([0.9, 1.0, 1.1]))
    assert not agrees(ratio, estimate([0.0, 0.01, 0.02]))
    difference = finding(kind="null", published="~0", low=-0.25, high=0.25)
    assert guess(difference) == distance(difference, 0.0) == 0.0
    assert guess(finding(kind="null", published="no", low=None, high=None)) == 0.0


def test_findings_apart_keep_their_kind(tmp_path):
    (tmp_path / "validation.csv").write_text("slug,claim\na,Nothing happens\nb,It happens\n")
    (tmp_path / "validation-scoring.csv").write_text("slug,kind\na,null\nb,contrast\n")
    script = Path(__file__).parents[2] / "benchmarks" / "validation.py"
    spec = importlib.util.spec_from_file_location("validation_looks", script)
    looks = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(looks)
    assert list(looks.joined(tmp_path).kind) == ["null", "contrast"]
    assert guess(finding(kind="level")) is None


def test_distance_is_in_half_bands():
    assert distance(finding(), 0.5) == pytest.approx(2.0)


def test_a_model_that_is_right_beats_the_guess_and_one_that_is_noise_does_not():
    rng = np.random.default_rng(0)
    published = rng.uniform(0.3, 0.6, 40)
    table = [
        finding(slug=str(i), group=str(i), published=str(p), low=p - 0.1, high=p + 0.1)
        for i, p in enumerate(published)
    ]
    right = {str(i): estimate([p, p]) for i, p in enumerate(published)}
    assert against_guess(table, right).low > 0.0
    wrong = {str(i): estimate([p, p]) for i, p in enumerate(rng.uniform(-1, 1, 40))}
    assert against_guess(table, wrong).high < 0.0


def test_rows_of_one_group_count_once():
    table = [finding(slug=str(i), group="one") for i in range(5)]
    found = {str(i): estimate([0.3, 0.3]) for i in range(5)}
    assert against_guess(table, found).groups == 1


def test_an_ablation_that_breaks_the_rows_of_other_mechanisms_explains_nothing():
    findings = [finding(slug=s, ablation=a) for s, a in zip("abcd", "xxyz", strict=True)]
    inside, outside = estimate([0.30, 0.31]), estimate([0.0, 0.01])
    full = dict.fromkeys("abcd", inside)
    spares = dict.fromkeys("ab", outside) | {"c": inside, "d": outside}
    assert not breaks_others(findings, full, spares, "x")
    assert breaks_others(findings, full, dict.fromkeys("abcd", outside), "x")
    missed_anyway = full | {"d": outside}
    assert not breaks_others(findings, missed_anyway, spares, "x")
