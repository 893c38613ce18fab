"""Pages of the evidence and of the calibration, from made-up tables."""

from types import SimpleNamespace

import numpy as np
import pytest

from bowlby.figures.calibration_region import Marginal, Near
from bowlby.figures.evidence import Mark
from bowlby.reports.evidence import (
    CalibrationContent,
    EffectsMap,
    EvidenceContent,
    write_calibration_report,
    write_evidence_report,
)

ROW = {
    "slug": "ssp-secure", "claim": "Half are <secure>", "source": "Someone (1999)", "doi": "10.1/x",
    "how": "Share of B.", "reason": "", "published": "0.5", "band": "0.4 to 0.6",
    "model": "0.52", "ablated": "", "verdict": "met",
}  # fmt: skip


@pytest.fixture(scope="module")
def evidence(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("evidence") / "report.html"
    content = EvidenceContent(
        summary=("The model agrees with 1 of 1.",), counts={"met": 1},
        marks=[Mark("ssp-secure", 0.2, 0.0, 0.4, np.nan, True)], areas={"Attachment": [ROW]},
        missed=[{"claim": "Nobody looked", "reason": "no output"}],
    )  # fmt: skip
    write_evidence_report(path, content)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def calibration(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("calibration") / "report.html"
    moved = EffectsMap(np.array([[0.5, -0.2]]), ["made-0"], ["gain", "loss"], "Half-bands")
    against = {"model": 0.5, "guess": 0.9, "advantage": 0.4, "low": 0.1, "high": 0.7}
    parameter = {
        "parameter": "client.gain", "meaning": "gain", "unit": "1/s", "prior_low": 0,
        "prior_high": 1, "default": 0.5, "region_low": 0.2, "region_high": 0.4,
        "calibrated": 0.3, "width": 0.2, "is_identified": False, "most_correlated": "loss",
        "r": -0.3,
    }  # fmt: skip
    numbers = ("published", "half_band", "guess", "default", "in_fold", "out_of_fold",
               "emulator_q2", "emulator_best_q2", "emulator_coverage")  # fmt: skip
    finding = dict.fromkeys(numbers, 0.5) | {
        "slug": "made-0", "is_met_out_of_fold": False, "is_out_of_reach": True,
    }  # fmt: skip
    content = CalibrationContent(
        summary=["One finding."], cards=[("guess", 0.9)],
        comparisons=[("calibrated", SimpleNamespace(**against, groups=1))],
        near=[Near("made-0", 1.0, 0.8, 0.2, 0.4)],
        marginals=[Marginal("gain", 0.2, 0.3, 0.4, 0.3, 0.5, is_identified=False)],
        parameters=[parameter], pulls=(), moved_findings=moved, moved_readouts=None,
        trust="Well.", findings=[finding],
    )  # fmt: skip
    write_calibration_report(path, content)
    return path.read_text(encoding="utf-8")


def test_a_finding_unfolds_to_its_source(evidence):
    assert "<summary>Half are &lt;secure&gt;</summary>" in evidence
    assert "ssp-secure. Someone (1999), doi 10.1/x. Share of B.</p>" in evidence


def test_a_verdict_is_marked_by_its_word(evidence):
    assert '<td class="met">met</td>' in evidence


def test_findings_without_an_output_are_listed_with_the_reason(evidence):
    assert '<td class="reason">no output</td>' in evidence


@pytest.mark.parametrize("page", ["evidence", "calibration"])
def test_the_page_says_once_that_it_is_of_a_model(page, request):
    assert request.getfixturevalue(page).count("not evidence about patients") == 1


def test_a_parameter_that_is_not_identified_says_so(calibration):
    assert "0.20: not identified" in calibration


def test_a_finding_out_of_reach_is_missed_in_that_word(calibration):
    assert '<td class="missed">out of reach</td>' in calibration


def test_pairs_that_pull_are_left_out_where_there_are_none(calibration):
    assert "pull against each other" not in calibration
