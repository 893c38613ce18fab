"""How effects agree as a whole, and inputs against findings."""

import numpy as np
import pytest

from bowlby.evidence.agreement import agreement
from bowlby.evidence.findings import Finding, packaged_findings
from bowlby.evidence.inputs import packaged_inputs, shared_sources, told
from bowlby.evidence.scoring import estimate


def finding(i, statistic="d", published=0.3, kind="assoc", **more):
    low, high = (-0.1, 0.1) if kind == "null" else (published - 0.1, published + 0.1)
    values = {
        "slug": f"f{i}", "area": "a", "claim": "", "statistic": statistic,
        "published": str(published), "low": low, "high": high, "kind": kind, "group": f"g{i}",
        "source": "Smith 2001",
    } | more  # fmt: skip
    return Finding(**values)


def test_a_model_that_says_everything_twice_as_large_needs_a_factor_of_one_half():
    sizes = [0.2, 0.3, 0.4, 0.6, 0.1, -0.3]
    findings = [finding(i, published=d) for i, d in enumerate(sizes)]
    found = {f"f{i}": estimate([2.0 * d]) for i, d in enumerate(sizes)}
    seen = agreement(findings, found)
    assert seen.factor == pytest.approx(0.5)
    assert seen.factor_low == pytest.approx(0.5)
    assert seen.correlation == pytest.approx(1.0)
    assert seen.error_d == pytest.approx(np.mean(np.abs(sizes)))


def test_correlations_are_compared_as_differences():
    r = 0.3
    d = 2.0 * r / np.sqrt(1.0 - r * r)
    findings = [finding(i, published=p) for i, p in enumerate((d, 0.2, 0.4, 0.5))]
    found = {f"f{i}": estimate([p]) for i, p in enumerate((d, 0.2, 0.4, 0.5))}
    mixed = [finding(0, "r", r), *findings[1:]]
    assert agreement(mixed, found | {"f0": estimate([r])}).factor == pytest.approx(
        agreement(findings, found).factor
    )


def test_the_two_largest_are_left_out():
    sizes = [0.1, 0.2, 0.3, 0.4, 3.0, 4.0]
    findings = [finding(i, published=d) for i, d in enumerate(sizes)]
    found = {f"f{i}": estimate([d]) for i, d in enumerate([0.4, 0.3, 0.2, 0.1, 3.0, 4.0])}
    seen = agreement(findings, found)
    assert seen.correlation > 0.9
    assert seen.without_two == pytest.approx(-1.0)


def test_nulls_and_levels_are_counted_apart():
    findings = [
        finding(0, kind="null", published=0.0), finding(1, kind="null", published=0.0),
        finding(2, "proportion", 0.5, kind="level"),
    ]  # fmt: skip
    found = {
        "f0": estimate([0.01, 0.02, 0.0]), "f1": estimate([0.5, 0.6, 0.4]),
        "f2": estimate([0.5, 0.52]),
    }  # fmt: skip
    seen = agreement(findings, found)
    assert (seen.nulls_met, seen.nulls, seen.others_met, seen.others) == (1, 2, 1, 1)


def test_an_input_that_is_scored_is_named():
    inputs = {"theory.a.b": "share .4 (Smith 2001)", "theory.a.c": "ours: as Smith did"}
    shared = shared_sources([finding(1), finding(2, source="Jones 2001 J Psy 1")], inputs)
    assert [(s.source, s.inputs, s.findings) for s in shared] == [
        ("Smith 2001", ("theory.a.b",), ("f1",))
    ]
    assert "Smith 2001" in told(shared)
    assert told([]).startswith("No input")


def test_inputs_with_a_source_are_found_in_theory_and_instruments():
    inputs = packaged_inputs()
    assert "theory.illness.kindling" in inputs
    assert any(name.startswith("measures.") for name in inputs)


def test_what_the_package_shares_is_known():
    """Sources that are inputs and findings at once; a new one has to be decided upon."""
    assert [s.source for s in shared_sources(packaged_findings())] == [
        "Feldman 2011", "Pinquart 2013",
    ]  # fmt: skip
