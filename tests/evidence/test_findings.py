"""Published findings are read whole, with bands, mechanisms and clear errors."""

import pandas as pd
import pytest

from bowlby.evidence.findings import (
    FITTED,
    FindingError,
    find,
    packaged_findings,
    read_findings,
)
from bowlby.evidence.measures import MEASURES, REASONS, Measure
from bowlby.evidence.own_functions import computed, load_functions
from bowlby.evidence.samples import Samples
from bowlby.runs.kept import Kept
from bowlby.theory import Theory

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
    assert {f.slug for f in scored if f.ablation not in Theory().ablations()} == set()


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


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,b,c,r,much,me,.1,.3", r"own.csv, line 2: value 'much' is no number"),
        ("a,b,c,r,.2,me,.3,.1", r"turned round: band_low 0.3 is not below band_high 0.1"),
        ("a,b,c,r,.2,me,.2,.2", r"the band is empty or turned round"),
        ("a,b,c,r,.4,me,.1,.3", r"value 0.4 lies outside its own band 0.1 to 0.3"),
        ("a,b,c,r,2,me,,", r"value 2: r is -1 to 1"),
        ("a,b,c,r,nan,me,,", r"value 'nan' is no number"),
        ("a,b,c,r,,me,,", r"value is empty; a finding needs it"),
        ("a,b,c,r,.2,,,", r"source is empty"),
        ("a,b,c,r,.2,me", r"not as many cells as the first line has columns"),
        ("a,b,c,r,.2,me,.1,.3,more", r"not as many cells as the first line has columns"),
        ("a,b,c,r,.2,me,.1,", r"a band has two ends"),
        ("a,b,c,r,.2,me,nan,.3", r"band_low 'nan' is no number"),
        ("taken,b,c,r,.2,me,.1,.3", r"slug 'taken' is taken"),
        (",b,c,r,.2,me,.1,.3", r"slug is empty"),
    ],
)
def test_a_row_that_cannot_be_scored_names_its_line(tmp_path, row, said):
    path = tmp_path / "own.csv"
    path.write_text(f"slug,area,claim,statistic,value,source,band_low,band_high\n{row}\n")
    with pytest.raises(FindingError, match=said):
        read_findings(path, {"taken"})


def test_an_ablation_that_is_unknown_names_the_nearest(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "slug,area,claim,statistic,value,source,ablation\na,b,c,sign,>0,me,oxytocn\n"
    )
    with pytest.raises(FindingError, match=r"no mechanism; did you mean 'oxytocin'\?"):
        read_findings(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("slug;area;claim\n", r"divided by semicolons; use commas"),
        ("slug,area,claim,statistic,value,source\n", r"no finding below the first line"),
    ],
)
def test_a_table_that_holds_no_finding_says_why(tmp_path, text, said):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(FindingError, match=said):
        read_findings(tmp_path / "own.csv")


def test_a_slug_that_stands_there_twice_names_its_line(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("slug,area,claim,statistic,value,source\n" + "a,b,c,sign,>0,me\n" * 2)
    with pytest.raises(FindingError, match=r"line 3: slug 'a' is taken"):
        read_findings(path)


def test_a_byte_order_mark_before_a_table_is_understood(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "slug,area,claim,statistic,value,source\na,b,c,sign,>0,me\n", encoding="utf-8-sig"
    )
    assert read_findings(path)[0].slug == "a"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def (:\n", r"own.py, line 1: not Python"),
        ("x = 1\n1 / 0\n", r"own.py, line 2: raised ZeroDivisionError"),
        ("x = 1\n", r"own.py: registers no measure"),
        ("import sys\nsys.exit(3)\n", r"own.py, line 2: raised SystemExit"),
        (
            "from bowlby.evidence.measures import measures\nmeasures('min')(len)\n",
            r"there is no finding 'min' to compute; did you mean 'mine'\?",
        ),
    ],
)
def test_functions_that_cannot_be_loaded_name_the_line(tmp_path, text, said):
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(FindingError, match=said):
        load_functions(tmp_path / "own.py", ["mine"])
    MEASURES.pop("min", None)


class _Families(Samples):
    """Samples that are there already."""

    def readouts(self, name):
        """One readout."""
        self._held[name] = pd.DataFrame({"sensitivity_observed": [0.5], "pattern": ["B"]})
        return self._held[name]


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("agency", "the column 'agency' is now called 'controllability'"),
        ("agency_before", "is now called 'controllability_before'"),
        ("sensitivity_observd", "did you mean 'sensitivity_observed'"),
    ],
)
def test_a_column_that_is_not_there_is_told(tmp_path, column, said):
    families = _Families(1, (), Kept(tmp_path))
    by_name = Measure("mine", lambda samples: getattr(samples.readouts("families"), column))
    by_key = Measure("mine", lambda samples: samples.readouts("families")[column])
    for measure in (by_name, by_key):
        with pytest.raises(FindingError, match=said):
            computed(measure, families)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("1 / 0", r"The function of 'mine' fails, line 4: ZeroDivisionError"),
        ("samples.readouts('famlies').nothing", r"fails, line 4: KeyError: 'famlies'"),
        ("None", r"The function of 'mine' gives None; a number is expected"),
        ("'x'", r"The function of 'mine' gives 'x'; a number is expected"),
    ],
)
def test_a_function_of_ones_own_that_fails_is_named_with_its_line(tmp_path, body, said):
    (tmp_path / "own.py").write_text(
        "from bowlby.evidence.measures import measures\n"
        f"@measures('mine')\ndef mine(samples):\n    return {body}\n"
    )
    load_functions(tmp_path / "own.py", ["mine"])
    with pytest.raises(FindingError, match=said):
        computed(MEASURES.pop("mine"), Samples(1, (), Kept(tmp_path)))


def test_findings_of_ones_own_are_read(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(
        "slug,area,claim,statistic,value,source,band_low,band_high\na,b,c,r,.2,me,.1,.3\n"
    )
    (own,) = read_findings(path)
    assert (own.low, own.high, own.group) == (0.1, 0.3, "a")
