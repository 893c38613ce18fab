"""From files to folders: the tutorial, the report, a client's page, a service."""

import numpy as np
import pytest

from bowlby.outcomes.analysis import Options, analyse
from bowlby.outcomes.client_content import client_content
from bowlby.outcomes.loading import Question, load, load_beside
from bowlby.outcomes.run import Request, write_client, write_run, write_service_run
from bowlby.outcomes.service import analyse_service, read_clients
from bowlby.outcomes.simulated import simulate_service, write_service

COUNTS = {
    "JT": (26, 3, 10, 1, 0), "GLN": (26, 3, 10, 1, 0), "HLL": (12, 0, 16, 11, 1),
    "EN": (26, 6, 5, 3, 0), "NK": (26, 2, 11, 1, 0), "HA": (23, 9, 7, 1, 0),
    "HLM": (10, 1, 20, 9, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def tutorial(shared_data):
    asked = Question(
        shared_data / "clinicalsignificance" / "claus_2020.csv", name="HAM-D",
        direction="lower", columns={"client": "id", "session": "time", "value": "hamd"},
        numbers={"reliability": 0.8, "functional_mean": 8, "functional_sd": 8},
    )  # fmt: skip
    loaded = load(asked)
    how = Options(
        ("all",), "clinicalsignificance", "sample", "c", important=8.0, reliability_post=0.5,
        before=1, after=4,
    )  # fmt: skip
    return analyse(loaded.scores, loaded.yard, how)


@pytest.mark.parametrize("method", COUNTS)
def test_the_tutorial_of_the_r_package_gives_its_counts(tutorial, method):
    found = next(m for m in tutorial.methods if m.method == method)
    assert tuple(found.counts.values()) == COUNTS[method]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("service")
    write_service(path, simulate_service(clients=60, therapists=6, seed=3))
    return path


@pytest.fixture(scope="module")
def asked(folder):
    return Question(folder / "scores.csv", "phq9")


@pytest.fixture(scope="module")
def analysis(asked):
    loaded = load(asked)
    return analyse(loaded.scores, loaded.yard, Options(planned=12))


@pytest.fixture(scope="module")
def beside(asked):
    return load_beside(asked, ["srs"], planned=12, criterion="predictive")


REQUEST = Request([], "bowlby outcomes scores.csv", {}, label="Simulated clients", pages=1)


@pytest.fixture(scope="module")
def run(analysis, beside, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    write_run(out, analysis, REQUEST, beside=beside)
    return out


def test_a_run_is_one_folder(run):
    names = {p.name for p in run.iterdir()}
    assert {"report.html", "run.json", "changes.csv", "signals.csv", "courses.parquet",
            "gains.csv", "ruptures.csv", "methods.csv", "clients"} <= names  # fmt: skip


def test_the_same_run_gives_the_same_bytes(run, analysis, beside):
    before = {p.name: p.read_bytes() for p in run.iterdir() if p.is_file()}
    write_run(run, analysis, REQUEST, beside=beside)
    assert {p.name: p.read_bytes() for p in run.iterdir() if p.is_file()} == before


def test_the_report_tells_how_often_its_alarms_are_false(run):
    text = " ".join((run / "report.html").read_text().split())
    assert "Of clients on course, about one in ten would be marked red" in text
    assert "by chance alone" in text


def test_the_clients_page_tells_how_often_its_alarms_are_false(run):
    page = next((run / "clients").iterdir())
    text = " ".join(page.read_text().split())
    assert "would be marked red at some point of 12 sessions" in text
    assert "Simulated clients" in text


def test_a_clients_name_is_in_no_file_name(run):
    assert [p.name for p in (run / "clients").iterdir()] == ["0001.html"]


def test_a_client_has_a_page_alone(analysis, tmp_path):
    write_client(tmp_path / "one", client_content(analysis, "S001"), REQUEST)
    assert "Client S001" in (tmp_path / "one" / "report.html").read_text()


def test_an_unknown_client_is_told_with_near_ones(analysis):
    with pytest.raises(ValueError, match=r"Client 'S0O1' has no score\. Near: S0"):
        client_content(analysis, "S0O1")


@pytest.fixture(scope="module")
def service(folder, analysis):
    people = read_clients(folder / "clients.csv", set(analysis.scores.table.client))
    return analyse_service(analysis, people)


def test_a_service_report_names_no_therapist(service, tmp_path):
    write_service_run(tmp_path / "out", service, REQUEST)
    text = "".join(p.read_text() for p in (tmp_path / "out").glob("*.[hc]*"))
    assert not any(f"T{i:02d}" in text for i in range(1, 7))


def test_unseen_scores_shifted_to_worse_make_the_outcome_worse(service):
    assert (np.diff(service.outcome.shifted) > 0).all()
