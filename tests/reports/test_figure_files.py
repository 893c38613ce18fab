from pathlib import Path

import pytest

from bowlby.reports import write_figures
from bowlby.reports.figure_files import file_names


def test_names_are_safe_for_any_file_system():
    assert file_names(["a/b\\c: d?", "../../etc", "Ünal 01"]) == ["a_b_c_d", "etc", "Ünal_01"]


def test_names_that_become_alike_are_told_apart():
    assert file_names(["a b", "A/b", "a?b"]) == ["a_b", "A_b_2", "a_b_3"]


def test_a_name_of_signs_only_still_has_a_file():
    assert file_names(["???"]) == ["recording"]


def test_every_figure_is_written_as_svg_and_png(one, tmp_path):
    names = [path.name for path in write_figures(tmp_path, one)]
    kinds = ("traces", "map", "profile", "surrogates")
    assert names == [f"s01_motion_{k}.{e}" for k in kinds for e in ("svg", "png")]


@pytest.fixture(scope="module")
def written(study, tmp_path_factory) -> tuple[Path, tuple[Path, ...]]:
    folder = tmp_path_factory.mktemp("study") / "figures"
    return folder, write_figures(folder, study)


def test_a_study_adds_its_own_figures(written):
    assert {
        "study_overview", "study_lead_lag_motion", "study_pseudo_dyads", "false_positives",
        "specification_curve",
    } <= {path.stem for path in written[1]}  # fmt: skip


def test_figures_stay_inside_the_folder(written):
    assert {path.parent for path in written[1]} == {written[0]}


def test_nothing_measured_draws_nothing(failed_only, tmp_path):
    assert write_figures(tmp_path, failed_only) == ()


def test_writing_twice_gives_the_same_bytes(one, tmp_path):
    first = [path.read_bytes() for path in write_figures(tmp_path / "a", one)]
    assert first == [path.read_bytes() for path in write_figures(tmp_path / "b", one)]
