"""Published findings are read whole, with bands, mechanisms and clear errors."""

import pytest

from bowlby.courses.course import MECHANISMS
from bowlby.evidence.findings import (
    FITTED,
    FindingError,
    find,
    packaged_findings,
    read_findings,
)
from bowlby.evidence.measures import MEASURES, REASONS

FINDINGS = packaged_findings()


def test_every_packaged_finding_has_a_source_and_a_group():
    assert len(FINDINGS) == 105
    assert all(f.source and f.group and f.claim for f in FINDINGS)


def test_every_finding_is_either_computed_or_given_a_reason():
    slugs = {f.slug for f in FINDINGS}
    assert set(MEASURES) | set(REASONS) >= slugs
    assert not set(MEASURES) & set(REASONS)


def test_every_computed_and_scored_finding_names_a_mechanism_that_can_be_switched_off():
    scored = [f for f in FINDINGS if f.slug in MEASURES and f.is_scored]
    assert {f.slug for f in scored if f.ablation not in MECHANISMS} == set()


def test_findings_that_set_a_cut_off_are_not_scored():
    assert {f.slug for f in FINDINGS if not f.is_scored} == FITTED


def test_every_measure_says_how_it_is_computed():
    assert all(len(measure.how) > 20 for measure in MEASURES.values())


def test_a_misspelt_finding_names_the_nearest():
    with pytest.raises(FindingError, match="sens-security"):
        find(FINDINGS, "sens-securty")


def test_a_table_of_findings_without_a_column_names_it(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("slug,area,claim,statistic,value\na,b,c,r,.2\n")
    with pytest.raises(FindingError, match="source"):
        read_findings(path)


def test_a_band_that_is_no_number_names_file_and_line(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("slug,area,claim,statistic,value,source,band_low\na,b,c,r,.2,me,low\n")
    with pytest.raises(FindingError, match=r"own.csv, line 2"):
        read_findings(path)


def test_findings_of_ones_own_are_read(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "slug,area,claim,statistic,value,source,band_low,band_high\na,b,c,r,.2,me,.1,.3\n"
    )
    (own,) = read_findings(path)
    assert (own.low, own.high, own.group) == (0.1, 0.3, "a")
