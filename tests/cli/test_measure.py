"""The command line as a user calls it: within this process, or in one of its own where told."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.recordings.emit import emit_dyad, write_mea
from bowlby.studies import measuring_files as running
from bowlby.synchrony import measuring

SHORT = ("--surrogates", 19, "--window", 20, "--step", 10, "--max-lag", 2)
QUICK = (*SHORT, "--workers", 1)


# Compiled modules are kept, as on a user's machine.
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "COLUMNS": "80"}


def bowlby(*arguments, cwd="."):
    with contextlib.chdir(cwd):
        return CliRunner(env={"COLUMNS": "80"}).invoke(app, [str(a) for a in arguments])


def started(*arguments, cwd, **streams):
    """The command as a process of its own."""
    command = [sys.executable, "-m", "bowlby", *map(str, arguments)]
    return subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, text=True, **streams)


def _exact(path):
    return pd.read_csv(path, float_precision="round_trip")


def session(path, seed=1, duration_s=120.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    dyad = emit_dyad(
        duration_s=duration_s, lag_s=1.2, correlation=0.8, kinds=("motion",), gap=None,
        rng=np.random.default_rng(seed), roles=("pat", "th"), name=path.stem,
    )  # fmt: skip
    return write_mea(dyad, path)


COMMAND = ("measure", "s01.txt", "--rate", 25, "--csv", *QUICK)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """One recording measured in a process of its own."""
    folder = tmp_path_factory.mktemp("one")
    session(folder / "s01.txt")
    pipe = subprocess.PIPE
    command = (*COMMAND, "--json", "--out", "out")
    process = started(*command, cwd=folder, stdout=pipe, stderr=pipe)
    told, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    return folder, told


@pytest.fixture
def undrawn(monkeypatch):
    """Runs without their figures and report, which most of their time goes into."""
    monkeypatch.setattr("bowlby.reports.write_figures", lambda folder, _: folder.mkdir())
    monkeypatch.setattr("bowlby.reports.write_report", lambda path, _: path.touch())


STUDY = ("measure", "study", "--rate", 25, *SHORT, "--false-positives", "--by", "outcome")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Four recordings and three bad files measured by one worker, and what was said."""
    folder = tmp_path_factory.mktemp("study")
    rows = ["recording\tdyad\toutcome"]
    for i in range(4):
        session(folder / "study" / f"s{i}.txt", seed=i)
        rows.append(f"s{i}\td{i}\t{i}")
    rows += [f"{name}\t{name}\t9" for name in ("empty", "noise", "words")]
    (folder / "study" / "participants.tsv").write_text("\n".join(rows) + "\n")
    (folder / "study" / "empty.txt").write_text("")
    (folder / "study" / "noise.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "study" / "words.txt").write_text("pat th\n1 2\n3 four\n")
    return folder, bowlby(*STUDY, "--workers", 1, "--out", "out", cwd=folder)


@pytest.mark.usefixtures("undrawn")
def test_who_follows_whom_and_what_cannot_be_compared_are_told(tmp_path):
    session(tmp_path / "s01.txt", duration_s=240.0)
    session(tmp_path / "s02.txt", seed=2, duration_s=60.0)
    given = ("--rate", 25, *QUICK, "--regression", "--regression-step", 1, "--by", "diagnosis")
    told = bowlby("measure", "s01.txt", *given, "--out", "out", cwd=tmp_path)
    assert told.exit_code == 0, told.output
    assert "actor–partner: th follows pat by" in told.output
    assert "--by diagnosis, motion: no recording has a value" in " ".join(told.output.split())
    effects = pd.read_csv(tmp_path / "out" / "regression.csv")
    assert set(effects.model) == {"actor_partner", "coregulation"}
    follows = effects.query("outcome == 'th' and effect == 'partner' and lag_s.isna()")
    assert follows.low.item() > 0
    assert follows.p.item() == 0.05
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    assert run["regression"] == {"step_s": 1.0, "lags": 3}
    short = bowlby("measure", "s02.txt", *given, "--out", "short", cwd=tmp_path)
    assert "are needed. Use a shorter step" in " ".join(short.output.split())


def test_one_file_gives_one_folder_and_exit_code_0(done):
    folder, _ = done
    assert {p.name for p in (folder / "out").iterdir()} >= {
        "report.html", "summary.csv", "summary.parquet", "wcc.parquet", "wcc.csv", "run.json",
        "figures",
    }  # fmt: skip


def test_the_summary_has_the_columns_of_the_contract(done):
    summary = pd.read_csv(done[0] / "out" / "summary.csv")
    contract = ["recording", "signal", "measure", "estimate", "null_mean", "null_sd", "z",
                "p", "leader", "peak_lag_s", "coverage"]  # fmt: skip
    assert list(summary.columns[:11]) == contract
    assert summary.loc[0, ["recording", "measure", "leader"]].tolist() == [
        "s01",
        "wcc_combined",
        "pat",
    ]
    assert abs(summary.peak_lag_s[0] - 1.2) <= 0.3


def test_the_matrix_is_the_same_in_parquet_and_csv_to_the_last_digit(done):
    out = done[0] / "out"
    parquet, csv = pd.read_parquet(out / "wcc.parquet"), _exact(out / "wcc.csv")
    assert list(parquet.columns) == ["recording", "signal", "window_start_s", "lag_s", "value"]
    np.testing.assert_array_equal(parquet.value, csv.value)


@pytest.mark.usefixtures("undrawn")
def test_the_same_command_gives_the_same_bytes(done):
    folder, _ = done
    assert bowlby(*COMMAND, "--out", "again", cwd=folder).exit_code == 0
    for name in ("summary.csv", "wcc.parquet", "wcc.csv", "lags.parquet", "null.parquet"):
        assert (folder / "out" / name).read_bytes() == (folder / "again" / name).read_bytes()


def test_a_run_is_repeated_from_its_run_json(done):
    folder, _ = done
    result = bowlby("repeat", "out/run.json", "--out", "repeated", cwd=folder)
    assert result.exit_code == 0, result.stderr
    for name in ("summary.csv", "wcc.parquet"):
        assert (folder / "out" / name).read_bytes() == (folder / "repeated" / name).read_bytes()


def test_a_changed_input_is_not_repeated(done, tmp_path):
    shutil.copytree(done[0], tmp_path, dirs_exist_ok=True)
    run = tmp_path / "out" / "run.json"
    run.write_text(run.read_text().replace(str(done[0]), str(tmp_path)))
    with (tmp_path / "s01.txt").open("a") as file:
        file.write("1 2\n")
    result = bowlby("repeat", "out/run.json", "--out", "changed", cwd=tmp_path)
    assert result.exit_code == 2
    assert "Changed or missing" in result.stderr


def test_json_on_stdout_is_for_programs(done):
    assert json.loads(done[1])["summary"][0]["recording"] == "s01"


def test_a_study_with_bad_files_measures_the_others_and_lists_the_bad(study):
    folder, result = study
    assert result.exit_code == 1, result.stderr
    assert isinstance(result.exception, SystemExit)
    assert pd.read_csv(folder / "out" / "summary.csv").recording.nunique() == 4
    failed = json.loads((folder / "out" / "run.json").read_text())["failed"]
    assert {f["recording"] for f in failed} == {"empty", "noise", "words"}
    assert "line 3" in next(f["message"] for f in failed if f["recording"] == "words")


def test_the_rate_of_false_positives_is_written_with_its_interval(study):
    check = json.loads((study[0] / "out" / "false_positives.json").read_text())
    assert check["pairs"] == 12
    assert check["low"] <= check["rate"] == check["rejected"] / 12 <= check["high"]


def test_an_outcome_is_related_to_synchrony(study):
    (row,) = pd.read_csv(study[0] / "out" / "groups.csv").to_dict("records")
    assert (row["column"], row["contrast"], row["dyads"]) == ("outcome", "per unit", 4)


def test_a_study_is_drawn_and_told(study):
    out = study[0] / "out"
    assert len(list((out / "figures").glob("s0_*.svg"))) >= 4
    assert len(list((out / "figures").glob("*.png"))) > 4 * 4
    assert (out / "report.html").read_text().count("<svg") > 4 * 4


@pytest.mark.usefixtures("undrawn")
def test_workers_do_not_change_the_numbers(study):
    folder, _ = study
    result = bowlby(*STUDY, "--workers", 2, "--out", "two", cwd=folder)
    assert result.exit_code == 1, result.stderr
    for name in ("summary.csv", "wcc.parquet", "false_positives.json", "groups.csv"):
        assert (folder / "out" / name).read_bytes() == (folder / "two" / name).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.txt", "--rate", "25"], "no such file"),
        (["s.txt"], "--rate 25"),
        (["s.txt", "--rate", "-25"], "must be a positive number"),
        (["s.txt", "--rate", "25", "--convention", "rmae"], "is not one of"),
        (["s.txt", "--rate", "25", "--window", "600"], "shorter --window"),
        (["s.txt", "--rate", "25", "--roles", "client"], "--roles"),
        (["s.txt", "--rate", "25", "--first", "pat"], "belong together"),
        (["s.txt", "--rate", "25", "--first", "pat", "--second", "nobody"], "nobody"),
        (["s.txt", "--rate", "25", "--false-positives"], "at least two dyads"),
        (["s.txt", "--rate", "25", "--format", "nonsense"], "not one of"),
        (["empty", "--rate", "25"], "no recordings found"),
        (["s.xyz"], "not known"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why_and_leaves_nothing(tmp_path, arguments, message):
    session(tmp_path / "s.txt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "s.xyz").write_text("1 2\n")
    result = bowlby("measure", *arguments, "--out", "out", "--surrogates", 19, cwd=tmp_path)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.glob("*out*")) + list(tmp_path.glob(".*out*"))


def test_a_folder_that_is_not_ours_is_never_replaced(tmp_path):
    session(tmp_path / "s.txt")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("years of work")
    result = bowlby("measure", "s.txt", "--rate", 25, *QUICK, "--out", "out", cwd=tmp_path)
    assert result.exit_code == 2
    assert (tmp_path / "out" / "thesis.docx").read_text() == "years of work"


def test_an_output_that_cannot_be_written_is_one_message(tmp_path):
    session(tmp_path / "s.txt")
    (tmp_path / "file").write_text("")
    result = bowlby("measure", "s.txt", "--rate", 25, *QUICK, "--out", "file/out", cwd=tmp_path)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


@pytest.mark.usefixtures("undrawn")
def test_a_killed_study_goes_on_where_it_stopped_with_the_same_numbers(tmp_path, monkeypatch):
    for i in range(6):
        session(tmp_path / "study" / f"{i}.txt", seed=i)
    command = ("measure", "study", "--rate", 25, *QUICK)
    quiet = subprocess.DEVNULL
    process = started(*command, "--out", "out", cwd=tmp_path, stdout=quiet, stderr=quiet)
    pieces = tmp_path / ".out.partial"
    deadline = time.monotonic() + 120
    while not list(pieces.glob("*/*.npz")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = len(list(pieces.glob("*/*.npz")))
    assert kept
    assert not (tmp_path / "out").exists()
    measured, measure_pair = [], running.measure_pair

    def counted(pair, settings, *, name):
        measured.append(name)
        return measure_pair(pair, settings, name=name)

    monkeypatch.setattr(running, "measure_pair", counted)
    assert bowlby(*command, "--out", "out", cwd=tmp_path).exit_code == 0
    assert len(set(measured)) == len(measured) == 6 - kept
    assert bowlby(*command, "--out", "fresh", cwd=tmp_path).exit_code == 0
    assert len(measured) == 12 - kept
    for name in ("summary.csv", "wcc.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (
            tmp_path / "fresh" / name
        ).read_bytes()


@pytest.mark.usefixtures("undrawn")
def test_two_files_of_one_person_each_are_one_dyad(tmp_path):
    rng = np.random.default_rng(1)
    for name in ("client", "therapist"):
        ibi = 800 + 60 * np.convolve(rng.normal(size=404), np.ones(5) / 2, "valid")
        (tmp_path / f"{name}.rr").write_text("\n".join(f"{v:.0f}" for v in ibi) + "\n")
    result = bowlby(
        "measure", "client.rr", "therapist.rr", "--surrogates", 19, "--signals", "ibi",
        "--workers", 1, "--out", "out", cwd=tmp_path,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    content = json.loads((tmp_path / "out" / "run.json").read_text())
    assert len(content["inputs"]) == 2


def test_a_multiverse_lists_every_specification(tmp_path):
    for i in range(3):
        session(tmp_path / "study" / f"{i}.txt", seed=i)
    result = bowlby(
        "multiverse", "study", "--rate", 25, "--windows", "10,20", "--steps", "0.5",
        "--max-lags", "2", "--smoothings", "0.5", "--surrogate-kinds", "segments",
        "--surrogates", 19, "--workers", 1, "--out", "out", cwd=tmp_path,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    table = pd.read_csv(tmp_path / "out" / "specifications.csv")
    assert len(table) == 2 * 3 * 2
    assert table.p.between(0, 1).all()
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.fixture(scope="module")
def loaded_by_help():
    code = (
        "import sys\nfrom bowlby.cli import app\n"
        "try:\n    app(['measure', '--help'])\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return set(found.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "heavy", ["numpy", "pandas", "scipy", "matplotlib", "numba", "neurokit2"]
)
def test_help_loads_no_heavy_library(heavy, loaded_by_help):
    assert "bowlby.cli" in loaded_by_help
    assert heavy not in loaded_by_help


def test_formats_lists_what_can_be_read():
    result = bowlby("formats")
    assert all(name in result.stdout for name in ("table", "edf", "xdf", "bids", "empatica"))


def demonstrated(folder, **result):
    assert result == {"code": 0}
    assert "SIMULATED" in (folder / "recordings" / "README.txt").read_text()
    summary = pd.read_csv(folder / "results" / "summary.csv")
    assert {"ibi", "eda_phasic", "motion", "dial"} <= set(summary.signal)


@pytest.mark.usefixtures("undrawn")
def test_the_demo_runs_on_a_simulated_study(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "Settings", partial(measuring.Settings, surrogates=19))
    result = bowlby("demo", "--workers", 1, "--out", "demo", cwd=tmp_path)
    demonstrated(tmp_path / "demo", code=result.exit_code)


@pytest.mark.slow
def test_the_demo_runs_the_whole_job_as_a_process_of_its_own(tmp_path):
    process = started("demo", "--out", "demo", cwd=tmp_path)
    demonstrated(tmp_path / "demo", code=process.wait(timeout=300))


@pytest.mark.usefixtures("undrawn")
def test_one_therapist_with_all_clients_is_measured_without_pseudo_dyads(tmp_path):
    rows = ["recording\tdyad\tth"]
    for i in range(3):
        session(tmp_path / "study" / f"s{i}.txt", seed=i)
        rows.append(f"s{i}\td{i}\tDr A")
    (tmp_path / "study" / "participants.tsv").write_text("\n".join(rows) + "\n")
    result = bowlby("measure", "study", "--rate", 25, *QUICK, "--out", "o", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "Left out: Real dyads against pseudo-dyads" in result.stderr
    assert not (tmp_path / "o" / "pseudo_dyads.json").exists()


@pytest.mark.usefixtures("undrawn")
def test_recordings_of_two_tables_keep_their_own_names(tmp_path):
    time, rng = np.arange(1500) / 25, np.random.default_rng(1)
    for name in ("monday", "tuesday"):
        table = pd.concat(
            pd.DataFrame({"couple": c, "person": p, "time": time, "motion": rng.random(1500)})
            for c in (1, 2)
            for p in ("a", "b")
        )
        (tmp_path / "study").mkdir(exist_ok=True)
        table.to_csv(tmp_path / "study" / f"{name}.csv", index=False)
    result = bowlby("measure", "study", *QUICK, "--out", "o", cwd=tmp_path)
    assert result.exit_code == 0, result.stderr
    names = set(pd.read_csv(tmp_path / "o" / "summary.csv").recording)
    assert names == {"monday_1", "monday_2", "tuesday_1", "tuesday_2"}


def test_false_positives_of_one_dyad_are_refused_before_anything_is_measured(tmp_path):
    session(tmp_path / "s01.txt")
    result = bowlby("measure", "s01.txt", "--rate", 25, *QUICK, "--false-positives",
                    "--out", "o", cwd=tmp_path)  # fmt: skip
    assert result.exit_code == 2
    assert "at least two dyads" in result.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s01.txt"]
