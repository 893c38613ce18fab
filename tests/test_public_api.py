"""What is public is a decision: adding a name means changing this list."""

import subprocess
import sys
from importlib import import_module

import pytest

PUBLIC = {
    "bowlby": [
        "Course", "ReadOptions", "Settings", "build_course", "calibrate", "evidence_table", "inspect",
        "measure", "measure_pair", "power", "prepare", "read", "read_all", "read_course",
        "simulate", "tables", "trial",
    ],
    "bowlby.agents": [
        "Agent", "Block", "ExpectedFreeEnergy", "GenerativeModel", "Learning", "Perception",
        "PolicyPrecision", "Reduction", "Tick", "adopt_better", "begin", "define_model",
        "enumerate_policies", "expected_free_energy", "infer_states", "initial_belief",
        "learn_habits", "learn_initial", "learn_likelihood", "learn_transition",
        "log_likelihood", "policy_posterior", "predict_states", "reduce_prior", "replay", "run",
        "step", "to_xarray", "update_precision", "with_counts",
    ],
    "bowlby.outcomes": [
        "attachment_change", "change", "classify", "cutoff", "expect", "fit_course", "forecast",
        "off_course", "ruptures", "score", "sudden_gains", "therapist_effects",
    ],
    "bowlby.reports": [
        "ExtraFigure", "Failure", "ReportContent", "write_figures", "write_report",
    ],
    "bowlby.synchrony": ["categorical_recurrence", "cluster_phase"],
    "bowlby.synchrony.measures": ["MEASURES", "Estimate", "Measure"],
}  # fmt: skip


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_are_the_ones_decided_on(package):
    assert sorted(import_module(package).__all__) == sorted(PUBLIC[package])


@pytest.mark.parametrize("name", PUBLIC["bowlby"])
def test_every_public_function_is_documented(name):
    assert getattr(import_module("bowlby"), name).__doc__


@pytest.mark.parametrize(
    "heavy", ["numpy", "pandas", "scipy", "matplotlib", "numba", "jax", "pydantic"]
)
def test_importing_bowlby_loads_no_heavy_library(heavy):
    code = f"import sys, bowlby; assert {heavy!r} not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_misspelt_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="mesure"):
        import_module("bowlby").__getattr__("mesure")
