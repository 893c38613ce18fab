"""Phases, events, pairs of a family, corrections: from the command line to tables and report."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app

QUICK = ["--surrogates", "19", "--window", "20", "--step", "10", "--max-lag", "2",
         "--workers", "1", "--json"]  # fmt: skip
RATE = 5.0


def _smooth(rng, n):
    return np.abs(np.convolve(rng.normal(size=n + 20), np.hanning(11), "same")[10 : n + 10])


def _table(path, **columns):
    pd.DataFrame(columns).to_csv(path, index=False, float_format="%.4f")
    return path


@pytest.fixture
def session(tmp_path):
    """Ten minutes of two strangers who are together from 200 to 400 s."""
    rng = np.random.default_rng(1)
    n = int(600 * RATE)
    x, y = _smooth(rng, n), _smooth(rng, n)
    a, b = int(200 * RATE), int(400 * RATE)
    y[a:b] = 0.9 * x[a - 5 : b - 5] + 0.1 * y[a:b]
    return _table(tmp_path / "s01.csv", client=x, therapist=y)


def _run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def _measured(*arguments):
    result = _run("measure", *arguments, *QUICK)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().split("\n")[-1])


def test_phases_and_events_of_files_reach_tables_and_report(session, tmp_path):
    (tmp_path / "phases.csv").write_text(
        "recording,phase,begin,end\ns01,apart,0:00,3:20\ns01,together,3:20,6:40\n"
        "s01,brief,8:00,8:20\nother,apart,0:00,9:00\n"
    )
    (tmp_path / "events.csv").write_text(
        "time,label\n" + "".join(f"{t},insight\n" for t in range(100, 560, 60))
    )
    out = tmp_path / "out"
    found = _measured(session, "--rate", RATE, "--phases", tmp_path / "phases.csv",
                      "--events", tmp_path / "events.csv", "--out", out)  # fmt: skip
    main = {r["phase"]: r for r in found["phases"] if r["measure"] in ("wcc_peak", None)}
    assert main["together"]["p"] == 0.05
    assert main["together"]["z"] > main["apart"]["z"]
    assert "Use a shorter --window" in main["brief"]["reason"]
    assert [(r["first"], r["second"]) for r in found["phase_contrasts"]] == [
        ("apart", "together")
    ]
    assert {r["event"] for r in found["events"]} == {"insight"}
    report = (out / "report.html").read_text()
    assert "Phases of the session" in report
    assert "Around events" in report
    again = _run("repeat", out / "run.json", "--out", tmp_path / "again")
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again" / "phases.csv").read_bytes() == (out / "phases.csv").read_bytes()


@pytest.mark.usefixtures("session")
def test_phases_beside_a_recording_are_its_phases(tmp_path):
    (tmp_path / "s01_events.tsv").write_text(
        "onset\tduration\ttrial_type\n0\t200\tapart\n200\t200\ttogether\n450\t0\tbell\n"
    )
    found = _measured(tmp_path, "--rate", RATE, "--events", "recorded", "--out", tmp_path / "o")
    assert {row["phase"] for row in found["phases"]} == {"apart", "together"}
    assert {row["event"] for row in found["events"]} >= {"bell", "all events"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("recording,begin,end,phase\nnobody,0,9,x\n", "no row belongs"),
     ("a,b\n1,2\n2,3\n3,4\n", "no column tells when")],
)  # fmt: skip
def test_phases_that_belong_to_nothing_are_refused(session, tmp_path, text, message):
    path = tmp_path / "phases.csv"
    path.write_text(text)
    result = _run("measure", session, "--rate", RATE, "--phases", path, *QUICK,
                  "--out", tmp_path / "o")  # fmt: skip
    assert result.exit_code == 2
    assert message in result.output


def test_a_family_in_one_file_gives_all_pairs_and_the_group(tmp_path):
    rng = np.random.default_rng(2)
    n = int(400 * RATE)
    common = _smooth(rng, n)
    people = {
        f"{who}_motion": 0.5 * common + 0.5 * _smooth(rng, n)
        for who in ("mother", "father", "child")
    }
    path = _table(tmp_path / "family.csv", **people)
    found = _measured(path, "--rate", RATE, "--out", tmp_path / "o")
    assert len({row["recording"] for row in found["summary"]}) == 3
    group = {r["measure"]: r for r in found["people"] if r["measure"] != "pair"}
    assert set(group) == {"mean_of_pairs", "cluster_phase", "shared_variance"}
    assert group["shared_variance"]["p"] == 0.05
    pairs = [r for r in found["people"] if r["measure"] == "pair"]
    assert all(r["p_pairs"] >= r["p"] for r in pairs)
    one = _measured(path, "--rate", RATE, "--pairs", "father-mother", "--out", tmp_path / "p")
    assert {row["recording"] for row in one["summary"]} == {"family_mother-father"}
    wrong = _run("measure", path, "--rate", RATE, "--pairs", "mother-uncle", *QUICK,
                 "--out", tmp_path / "q")  # fmt: skip
    assert wrong.exit_code == 2
    assert "There are: mother-father" in wrong.output


def test_three_files_of_three_people_are_a_group(tmp_path):
    rng = np.random.default_rng(3)
    paths = [
        _table(
            tmp_path / f"s1_{who}.csv", time=np.arange(1500) / RATE, motion=_smooth(rng, 1500)
        )
        for who in ("mother", "father", "child")
    ]
    found = _measured(*paths, "--out", tmp_path / "o")
    assert {row["recording"] for row in found["summary"]} == {
        "s1_mother-father", "s1_mother-child", "s1_father-child",
    }  # fmt: skip


def test_corrections_are_used_and_told(session, tmp_path):
    path = tmp_path / "corrections.csv"
    path.write_text("person,action,begin,end,why\nclient,leave_out,10,60,cable\n")
    out = tmp_path / "o"
    _measured(session, "--rate", RATE, "--corrections", path, "--out", out)
    assert "251 samples from 10 to 60 s left out (cable)" in (out / "report.html").read_text()


def test_turns_and_codes_have_commands_of_their_own(tmp_path):
    (tmp_path / "t.csv").write_text("start,end,speaker\n" + "".join(
        f"{3 * i},{3 * i + 2.5},{'AB'[i % 2]}\n" for i in range(40)
    ))  # fmt: skip
    done = _run(
        "turns", tmp_path / "t.csv", "--surrogates", 19, "--out", tmp_path / "o", "--json"
    )
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["summary"]
    gap = next(r for r in rows if r["measure"] == "gap_mean_s")
    assert gap["value"] == pytest.approx(0.5)
    (tmp_path / "c.csv").write_text(
        "a,b\n" + "".join(f"{i // 9 % 3},{i // 7 % 3}\n" for i in range(300))
    )
    done = _run("codes", tmp_path / "c.csv", "--rate", 5, "--surrogates", 19, "--out",
                tmp_path / "p", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (tmp_path / "p" / "report.html").is_file()
    refused = _run("measure", tmp_path / "t.csv", "--out", tmp_path / "q")
    assert "bowlby turns t.csv" in refused.output.replace("\n", " ")
