"""How often signals, bands, ruptures, gains and intervals are wrong: slow, and quoted in docs."""

import importlib.util
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "outcomes_calibration.py"


@pytest.fixture(scope="module")
def studies():
    spec = importlib.util.spec_from_file_location("outcomes_calibration", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_red_marks_8_to_12_of_100_clients_on_course(studies):
    assert 0.08 <= studies.signal_study(None)["red"] <= 0.12


@pytest.fixture(scope="module")
def bands(studies, shared_data):
    return studies.bands_study(shared_data)


@pytest.mark.parametrize("name", ["sgdata", "anxiety", "simulated"])
def test_80_bands_hold_76_to_84_of_100_later_scores(bands, name):
    assert 0.76 <= bands[name]["all"]["in80"] <= 0.84


@pytest.mark.parametrize("name", ["sgdata", "anxiety", "simulated"])
def test_95_bands_hold_92_to_97_of_100_later_scores(bands, name):
    assert 0.92 <= bands[name]["all"]["in95"] <= 0.97


@pytest.mark.parametrize("correlation", ["0.0", "0.2", "0.4"])
def test_3_to_7_of_100_steady_alliances_are_called_ruptured(studies, correlation):
    found = studies.ruptures_study(None)[correlation]
    assert 0.03 <= found["predictive"] <= 0.07
    assert found["found"] >= 0.65


@pytest.mark.parametrize("course", ["linear", "correlated"])
def test_the_chance_share_of_gains_is_what_smooth_courses_show(studies, course):
    found = studies.gains_study(None)[course]
    assert abs(found["found"] - found["chance"]) <= 0.02


@pytest.fixture(scope="module")
def therapists(studies):
    return studies.therapists_study(None)


@pytest.mark.parametrize("icc", ["0.05", "0.1"])
def test_the_iccs_interval_holds_it_in_93_to_97_of_100_services(therapists, icc):
    assert 0.92 <= therapists[icc]["cover"] <= 0.98  # 200 services: standard error .015.


def test_without_differences_hardly_a_therapist_is_apart(therapists):
    assert therapists["0.0"]["apart"] <= 0.01


def test_the_fall_of_all_who_began_comes_back_when_the_well_end_early(studies):
    found = studies.leaving_study(None)
    assert abs(found["everyone"] - found["truth"]) < 3 * found["error"]
    assert abs(found["completers"] - found["truth"]) > 3 * found["error"]
