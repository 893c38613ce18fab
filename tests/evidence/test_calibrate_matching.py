"""What findings rule out, what they leave, and what no parameters reach."""

import numpy as np
import pytest

from bowlby.evidence.calibration.emulator import fit_emulators
from bowlby.evidence.calibration.folds import (
    fit_folds,
    forecasts,
    make_folds,
    missed_by_guess,
)
from bowlby.evidence.calibration.matching import (
    LIMIT,
    Targets,
    expected_score,
    find_region,
    implausibility,
    is_target,
    pulls,
    spread_out,
)
from bowlby.evidence.calibration.runs import design
from bowlby.evidence.findings import Finding

CUBE = design(2**11, 2, seed=3)
POINTS = design(64, 2, seed=1)


def finding(slug, published, half=0.2, group="", kind="assoc"):
    return Finding(
        slug=slug, area="attachment", claim=slug, statistic="r", published=str(published),
        low=published - half, high=published + half, kind=kind, group=group or slug, source="me",
    )  # fmt: skip


def targets(*findings, **outputs):
    return Targets(findings, fit_emulators(POINTS, outputs))


X, Y = POINTS.T
BOTH = targets(finding("a", 0.5), finding("b", -0.4), a=X, b=Y)


def test_the_region_holds_the_parameters_that_gave_the_findings():
    region = find_region(BOTH, CUBE, seed=1)
    np.testing.assert_allclose(region.points.mean(0), [0.5, -0.4], atol=0.05)
    np.testing.assert_allclose(region.best, [0.5, -0.4], atol=0.02)
    assert region.allowed == 0


def test_the_region_reaches_three_standard_errors_from_the_published_number():
    region = find_region(BOTH, CUBE, seed=1)
    reach = np.abs(region.points - [0.5, -0.4]).max(0)
    np.testing.assert_allclose(reach, LIMIT * 0.1, atol=0.02)


def test_a_finding_beyond_reach_is_named_and_rules_nothing_out():
    far = targets(finding("a", 0.5), finding("far", 9.0), a=X, far=Y)
    region = find_region(far, CUBE, seed=1)
    assert region.out_of_reach == ("far",)
    assert np.ptp(region.points[:, 1]) > 1.9


def test_findings_that_cannot_both_be_are_counted_and_named():
    torn = targets(finding("low", -0.5), finding("high", 0.5), low=X, high=X)
    region = find_region(torn, CUBE, seed=1)
    assert region.allowed == 1
    assert region.strict_volume == 0.0
    (pull,) = pulls(torn, CUBE)
    assert {pull.first, pull.second} == {"low", "high"}
    assert pull.both < 0.01


def test_rows_of_one_group_rule_a_point_out_once():
    one = targets(
        finding("low", -0.5, group="g"), finding("high", 0.5, group="g"), finding("b", 0.0),
        low=X, high=X, b=Y,
    )  # fmt: skip
    assert find_region(one, CUBE, seed=1).allowed == 1


def test_what_the_emulator_does_not_know_makes_a_point_less_implausible_but_no_nearer():
    mean, published = np.array([[1.0, -0.4]]), BOTH
    sure, unsure = np.zeros((1, 2)), np.full((1, 2), 0.25)
    assert (
        implausibility(mean, unsure, published)[0, 0]
        < implausibility(mean, sure, published)[0, 0]
    )
    assert expected_score(mean, unsure, published) > expected_score(mean, sure, published)


def test_a_sure_prediction_is_scored_by_its_distance_in_half_bands():
    score = expected_score(np.array([[0.9, -0.4]]), np.zeros((1, 2)), BOTH)
    assert score[0] == pytest.approx(0.5 * (0.4 / 0.2))


def test_rows_that_set_a_cut_off_are_no_targets():
    assert not is_target(finding("ssp-secure", 0.5))
    assert is_target(finding("other", 0.5))


def test_signs_without_a_number_are_no_targets():
    sign = Finding("s", "a", "c", "sign", ">0", None, None, "shape", "s", "me")
    assert not is_target(sign)


def test_spread_out_points_are_farther_apart_than_the_first_ones():
    def nearest(points):
        apart = np.linalg.norm(points[:, None] - points[None], axis=2)
        return apart[np.triu_indices(len(points), 1)].min()

    assert nearest(spread_out(CUBE, 20)) > 2 * nearest(CUBE[:20])


def test_every_group_is_left_out_once():
    dealt = make_folds([f"g{i}" for i in range(11)], 4, seed=1)
    assert sorted(group for fold in dealt for group in fold) == sorted(
        f"g{i}" for i in range(11)
    )
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_a_forecast_does_not_use_the_finding_it_predicts():
    moved = targets(finding("a", 0.5), finding("b", -0.9), a=X, b=Y)
    first, second = (
        forecasts(t, fit_folds(t, CUBE, count=2, seed=1))["b"] for t in (BOTH, moved)
    )
    assert first == second


def test_a_forecast_uses_what_other_groups_say():
    told = targets(finding("a", 0.5), finding("twin", 0.5), a=X, twin=X)
    twin = forecasts(told, fit_folds(told, CUBE, count=2, seed=1))["twin"]
    assert twin.value == pytest.approx(0.5, abs=0.03)
    assert twin.low < 0.5 < twin.high


def test_the_guess_misses_what_lies_beyond_its_twenty_hundredths():
    found = missed_by_guess([finding("near", 0.25), finding("far", 0.6)])
    assert [f.slug for f in found] == ["far"]
