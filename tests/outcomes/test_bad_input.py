"""Sixty ways to be wrong: one message each, with file, place, cause and remedy."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bowlby.outcomes.answers import score_file
from bowlby.outcomes.instruments.registry import read_instrument
from bowlby.outcomes.loading import Question, load
from bowlby.outcomes.mapping import read_mapping
from bowlby.outcomes.service import read_clients
from bowlby.outcomes.tables import pairs

GOOD = "client,session,value\nA,0,18\nA,1,12\nB,0,15\nB,1,9\n"


def question(tmp_path, text, name="s.csv", **how):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Question(path, **({"instrument": "phq9"} | how))


# What is in the file, how it is asked, what the message says.
FILES = [
    ("", {}, "s.csv: the file is empty"),
    ("\n\n", {}, "s.csv: the file is empty"),
    ("client,session,value\n", {}, "column names but no rows"),
    ("id,session,value\nA,0,1\n", {}, "no column is called client. Columns: id, session, value"),
    ("client,session,phq\nA,0,1\n", {}, "no column is called value"),
    ("client,value\nA,1\n", {}, "neither date nor session is there"),
    ("client,session,value,value\nA,0,1,2\n", {}, "two columns are called 'value'"),
    ("client,session,value\nA,0,28\n", {},
     r"row 2, client A: score 28 is outside the range of phq9 \(0 to 27\)"),
    ("client,session,value\nA,0,18\nA,1,-99\n", {}, "row 3, client A: score -99 .*--missing -99"),
    ("client,session,value\nA,0,999\n", {}, "If 999 means missing, say so: --missing 999"),
    ("client,session,value\nA,0,twelve\n", {}, "row 2, column value: 'twelve' is not a number"),
    ("client,session,value\nA,0,1;2\n", {}, "'1;2' is not a number"),
    ("client,session,value\nA,0,inf\n", {}, "'inf' is not a number"),
    ("client,session,value\n,0,12\n", {}, "row 2, column client: the client is missing"),
    ("client,session,value\nA,0,12\nA,0,14\n", {},
     r"rows 2 and 3: client A has two scores at time 0 \(12, 14\).*--keep last"),
    ("client,date,session,value\nA,2024-03-01,1,12\nA,2024-03-01,1,13\n", {},
     "rows 2 and 3: client A has two scores at 2024-03-01"),
    ("client,date,value\nA,2024-03-01,12\nA,2024-03-01,13\n", {},
     "client A has two scores at 2024-03-01"),
    ("client,date,session,value\nA,2024-03-08,0,12\nA,2024-03-01,1,13\n", {},
     "client A has time 0 on 2024-03-08 but time 1 earlier, on 2024-03-01"),
    ("client,session,value\nA,-1,12\n", {}, "row 2, column session: session -1 is below 0"),
    ("client,session,value\nA,Before,12\nA,After,3\n", {},
     r"'Before' is not a session number.*labels = \{ \"Before\" = 0, \"After\" = 1 \}"),
    ("client,session,value\nA,1.5,12\n", {}, "'1.5' is not a session number"),
    ("client,date,value\nA,soon,12\n", {}, "row 2, column date: 'soon' is not a date"),
    ("client,date,value\nA,2024-02-31,12\n", {}, "'2024-02-31' is not a date"),
    ("client,date,value\nA,03/04/2024,12\n", {}, "can be read two ways. Pass --dates day"),
    ("client,session,value\nA,0,\nA,1,NA\n", {}, "every score is missing"),
    ("client,session,value\nA,0,1,7\n", {}, "4 cells for 3 column names. A decimal comma"),
    ("client,session,value\nA,0,12\nB,0\n", {}, "row 3: 2 cells for 3 column names"),
    ("client,instrument,session,value\nA,gad7,0,12\n", {}, "no row is of phq9; instruments: gad7"),
    ("client,scale,session,value\nA,x,0,12\nA,y,0,1\n", {}, "several scales .*--scale x"),
    ("client,scale,session,value\nA,x,0,12\n", {"scale": "z"}, "no scale 'z'; there are x"),
    ("client,respondent,session,value\nA,client,0,12\nA,parent,1,1\n", {}, "several respondents"),
    ("client,phase,session,value\nA,post,0,12\n", {}, "'post' is not one of before, during"),
    ("record_id,redcap_event_name,phq9_total\n1,baseline_arm_1,12\n",
     {"columns": {"value": "phq9_total"}}, r"'baseline_arm_1' is not a session number"),
    ("record_id,redcap_event_name,med___1\n1,baseline_arm_1,1\n",
     {"columns": {"value": "med___1"}}, "checkbox column of REDCap"),
    ("client,session,value\nA,0,1 8\n", {}, "'1 8' is not a number"),
    ('client,session,value\nA,0,"1,800"\n', {}, "can be read as 1.800 or 1800"),
    ("client,session,value\nA,0,18\n\nA,1,x\n", {}, "row 4, column value: 'x'"),
    ("\n\nclient,session,value\nA,0,x\n", {}, "row 4, column value: 'x'"),
    ('client,session,value,note\nA,0,18,"two\nlines"\nA,1,x,\n', {}, "row 4, column value"),
    ('client,session,value\n"A,0,18\nA,1,12\n', {}, "is opened and not closed"),
    ("client;session;value\nA,0,18\n", {}, "names are separated by ';' and the rows by ','"),
    ("client,session,value\nA,99999999,18\n", {}, "99999999 is no number of a session"),
    ("client,date,value\nA,2240-03-01,18\n", {}, "is the year 2240"),
    ("client,date,value\nA,13/04/2024,1\nA,04/14/2024,1\n", {},
     r"row 2 \(13/04/2024\) can only have the day first and row 3"),
    ("Client,Session,Value\nA,0,18\n", {},
     "Perhaps --columns client=Client,session=Session,value=Value"),
    ("<html>login</html>", {}, "this is a web page"),
    ('[{"client": "A"}]', {}, "this is JSON"),
    (b"PK\x03\x04rest", {}, "this is an Excel file. Give it the ending .xlsx"),
    (b"client\x00\x01\x02", {}, "this is not a text file"),
    (GOOD, {"instrument": "phq8"}, "'phq8' is not known. Near: phq9"),
    (GOOD, {"instrument": ""}, "Which instrument"),
    (GOOD, {"direction": "higher"}, "its table says lower is better, you said higher"),
    (GOOD, {"numbers": {"reliability": 1.0}}, "--reliability 1: it must lie between 0 and 1"),
    (GOOD, {"numbers": {"sd": 0.0}}, "--sd 0: it must be positive"),
    (GOOD, {"numbers": {"mean": 3.0}}, "mean is not one of reliability"),
    (GOOD, {"level": "99"}, "'99' is not one of published, 95, 90"),
    (GOOD, {"unit": "month"}, "'month' is not one of session, week"),
    (GOOD, {"unit": "week"}, "without a date it cannot be counted in weeks"),
    (GOOD, {"keep": "best"}, "'best' is not one of last, first"),
    (GOOD, {"dates": "year"}, "say day or month"),
    (GOOD, {"columns": {"value": "phq"}}, "there is no column 'phq' for value"),
    (GOOD, {"columns": {"klient": "id"}}, "klient is not one of client"),
    (GOOD, {"instrument": "rfq8_c"}, "which way is better is not one direction"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "how", "message"), FILES)
def test_a_bad_file_is_told_in_one_message(tmp_path, text, how, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        load(question(tmp_path, text, **how))


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="is a folder"):
        load(Question(tmp_path, "phq9"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"gone\.csv: no such file"):
        load(Question(tmp_path / "gone.csv", "phq9"))


def test_a_damaged_excel_file_is_told(tmp_path):
    with pytest.raises(ValueError, match=r"s\.xlsx"):
        load(question(tmp_path, b"PK\x03\x04damaged", "s.xlsx"))


def test_a_picture_is_no_table(tmp_path):
    with pytest.raises(ValueError, match=r"tables are read from \.csv"):
        load(question(tmp_path, b"x", "s.png"))


MAPPINGS = [
    ("columns = 3 =", "this is not TOML"),
    ("[colums]\nclient='id'", "`colums` is not known. Did you mean `columns`"),
    ("[columns]\nklient='id'", "columns.klient is not known. Did you mean `client`"),
    ("[columns]\nvalue='x'\n[wide]\na=0", "not both"),
    ("[wide]\na=0\nb=0", "two columns of .wide. are the same session"),
    ("[wide]\na=-1", "must be a whole number from 0"),
    ("dates='year'", 'write "day" or "month"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MAPPINGS)
def test_a_bad_mapping_is_told(tmp_path, text, message):
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_mapping(path)


OWN = 'id="x"\nname="X"\ndirection="lower"\n'
INSTRUMENTS = [
    ('name="X"', "`id` is missing"),
    (OWN + "max=3", "`max` is not a field of an instrument. Did you mean `maximum`"),
    (OWN + "minimum=3\nmaximum=1", "minimum 3 is not below maximum 1"),
    (OWN + "[numbers]\nreliability=1.0", "not 1: a perfect measure"),
    (OWN + "[numbers]\nmean=1.0", "numbers.mean is not known"),
    (OWN + "[scales.t]\nitems=[1]\nhow='sum'", "give answers"),
    (OWN + "answers=[0,3]\n[scales.t]\nitems=[1,1]\nhow='sum'", "an item is listed twice"),
    (OWN + "answers=[0,3]\n[scales.t]\nitems=[1]\nhow='max'", 'write "sum" or "mean"'),
    (OWN + "answers=[0,3]\n[scales.t]\nitems=[1]\nhow='sum'\nreversed=[2]", "reversed item 2"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), INSTRUMENTS)
def test_a_bad_instrument_is_told(tmp_path, text, message):
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_instrument(str(path))


NINE = ",".join(f"phq9_{i}" for i in range(1, 10))
ANSWERS = [
    (f"client,date,{NINE}\nA,2024-01-01,0,0,0,0,0,0,0,0,4\n",
     "client A, item 9: 4 is not an answer of phq9; allowed are whole numbers 0 to 3"),
    (f"client,date,{NINE}\nA,2024-01-01,0,0,0,0,0,0,0,0,1.5\n", "1.5 is not an answer"),
    (f"client,date,{NINE}\nA,2024-01-01,0,0,0,0,0,0,0,0,nie\n",
     "'nie' is a word. Answers must be numbers: export codes"),
    (f"client,{NINE}\nA,0,0,0,0,0,0,0,0,0\nA,0,0,0,0,0,0,0,0,0\n",
     "rows 2 and 3: client A filled in two questionnaires at one time"),
    ("client,date,phq9_1,phq9_2\nA,2024-01-01,0,0\n", "no column for item 3 of phq9"),
    ("client,date,a,b\nA,2024-01-01,0,0\n", "no columns of items"),
    ("client,date,item,answer\nA,2024-01-01,12,0\n", r"item 12 is not an item of phq9 \(1 to 9\)"),
    ("client,date,item,answer\nA,2024-01-01,1,0\nA,2024-01-01,1,2\n",
     "Rows 2 and 3: client A answered item 1 twice"),
    ("client,date,item,answer\nA,2024-01-01,x,0\n", "'x' is not a number"),
    (f"client,date,{NINE}\nA,2024-01-01,0,0,0,0,0,0,0,0,-99\n", "goes into --missing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), ANSWERS)
def test_bad_answers_are_told_and_nothing_is_written(tmp_path, text, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        score_file(question(tmp_path, text), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


CLIENTS = [
    ("client,ended_by\nA,client\nA,agreed\n", "rows 2 and 3: client A is there twice"),
    ("client,ended_by\nB,client\n", "client A has scores but no row"),
    ("client,ended_by\nA,moon\n", "row 2, column ended_by: 'moon' is not one of client"),
    ("client,began,ended\nA,2024-05-01,2024-01-01\n", "ended .2024-01-01. before beginning"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), CLIENTS)
def test_a_bad_table_of_clients_is_told(tmp_path, text, message):
    path = tmp_path / "clients.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_clients(path, {"A"})


def fhir(**how):
    item = {"linkId": "/44250-9", "answer": [{"valueInteger": 2}]}
    base = {"resourceType": "QuestionnaireResponse", "status": "completed",
            "subject": {"reference": "Patient/A"}, "authored": "2024-03-01", "item": [item]}  # fmt: skip
    return json.dumps(base | how)


RESPONSES = [
    ("{", "this is not JSON"),
    ('{"resourceType": "Patient"}', "resourceType is 'Patient'"),
    ('{"resourceType": "Bundle", "entry": []}', "holds no QuestionnaireResponse"),
    (fhir(subject={}), "no subject"),
    (fhir(item=[{"linkId": "x1", "answer": [{"valueInteger": 2}]}]), "no item of phq9"),
    (fhir(item=[{"linkId": "44250-9", "answer": [{"valueCoding": {"code": "odd"}}]}]),
     "the answer odd has no number"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), RESPONSES)
def test_bad_fhir_is_told(tmp_path, text, message):
    pytest.importorskip("fhir.resources")
    with pytest.raises(ValueError, match=message):
        score_file(question(tmp_path, text, "r.json"), tmp_path / "out.csv")


def test_a_fhir_response_gives_its_answers(tmp_path):
    pytest.importorskip("fhir.resources")
    codes = read_instrument("phq9").loinc.partition("items ")[2].split()
    items = [{"linkId": c, "answer": [{"valueCoding": {"code": "LA6569-3"}}]} for c in codes]
    made = score_file(question(tmp_path, fhir(item=items), "r.json"), tmp_path / "out.csv")
    assert made.scores["value"].tolist() == [9]


# What looks odd and is read all the same.
def values(tmp_path, text, **how):
    return load(question(tmp_path, text, **how)).scores.table


def test_semicolons_and_decimal_commas_are_read(tmp_path):
    table = values(tmp_path, "client;session;value\nA;0;12,5\n", instrument="core10")
    assert table["value"].tolist() == [12.5]


def test_excel_day_numbers_are_read_as_dates(tmp_path):
    table = values(tmp_path, "client,date,value\nA,45352,12\nA,45359,9\n")
    assert table.date.dt.strftime("%Y-%m-%d").tolist() == ["2024-03-01", "2024-03-08"]


ODD_BUT_READ = {
    "utf-16": GOOD.encode("utf-16"),
    "utf-16 without a mark": GOOD.encode("utf-16-le"),
    "old line ends": GOOD.replace("\n", "\r").encode(),
    "the line Excel wants": ("sep=;\n" + GOOD.replace(",", ";")).encode(),
    "empty columns at the end": GOOD.replace("\n", ",,\n").encode(),
    "a blank line": GOOD.replace("\nB", "\n\nB", 1).encode(),
}


@pytest.mark.parametrize("how", ODD_BUT_READ)
def test_an_odd_file_is_read(tmp_path, how):
    assert values(tmp_path, ODD_BUT_READ[how])["value"].tolist() == [18, 12, 15, 9]


def test_a_semicolon_file_has_decimal_commas_of_any_length(tmp_path):
    table = values(tmp_path, "client;session;value\nA;0;3,125\n", instrument="core10")
    assert table["value"].tolist() == [3.125]


def test_clients_who_may_be_one_are_told(tmp_path):
    found = load(question(tmp_path, "client,session,value\n017,0,1\n17,1,2\nB,0,3\n"))
    assert "Clients 017 and 17 are taken for different ones." in found.scores.notes


def test_a_client_called_na_is_a_client(tmp_path):
    assert values(tmp_path, "client,session,value\nNA,0,12\n").client.tolist() == ["NA"]


def test_leading_zeros_of_clients_stay(tmp_path):
    assert values(tmp_path, "client,session,value\n007,0,12\n").client.tolist() == ["007"]


def test_a_code_for_missing_is_missing_once_said(tmp_path):
    text = "client,session,value\nA,0,12\nA,1,-99\n"
    assert values(tmp_path, text, missing=(-99.0,))["value"].tolist() == [12]


def test_the_last_of_two_scores_is_kept_when_said(tmp_path):
    text = "client,session,value\nA,0,12\nA,0,14\n"
    assert values(tmp_path, text, keep="last")["value"].tolist() == [14]


def test_a_client_with_one_score_stays_in_courses_but_not_in_change(tmp_path):
    table = values(tmp_path, GOOD + "C,0,11\n")
    assert "C" in set(table.client)
    assert "C" not in set(pairs(table).client)


def test_dates_give_the_order_of_rows_out_of_order(tmp_path):
    text = "client,date,value\nA,2024-03-08,9\nA,2024-03-01,12\n"
    assert pairs(values(tmp_path, text))[["before", "after"]].values.tolist() == [[12, 9]]


def test_redcap_events_are_read_once_numbered(tmp_path):
    (tmp_path / "m.toml").write_text(
        "[columns]\nvalue='phq9_total'\n[labels]\nbaseline_arm_1=0\nend_arm_1=1\n"
    )
    text = "record_id,redcap_event_name,phq9_total\n1,baseline_arm_1,12\n1,end_arm_1,6\n"
    table = values(tmp_path, text, mapping=tmp_path / "m.toml")
    assert table["value"].tolist() == [12, 6]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "sav", "dta"])
def test_other_files_give_the_same_scores(tmp_path, kind):
    table = pd.DataFrame({"client": ["A", "A"], "session": [0, 1], "value": [12.0, 9.0]})
    path = tmp_path / f"s.{kind}"
    pyreadstat = pytest.importorskip("pyreadstat")
    pytest.importorskip("openpyxl")  # To write the workbook; calamine reads it.
    write = {"xlsx": lambda: table.to_excel(path, index=False),
             "parquet": lambda: table.to_parquet(path),
             "sav": lambda: pyreadstat.write_sav(table, str(path)),
             "dta": lambda: pyreadstat.write_dta(table, str(path))}  # fmt: skip
    write[kind]()
    assert load(Question(path, "phq9")).scores.table["value"].tolist() == [12, 9]


def test_the_messy_names_of_a_real_file_are_mapped(tmp_path, shared_data):
    source = shared_data / "suddengains" / "sgdata_bad.csv"
    names = pd.read_csv(source, nrows=0).columns[1:14]
    lines = [f'"{name}" = {i}' for i, name in enumerate(names)]
    (tmp_path / "m.toml").write_text("[columns]\nclient='id'\n[wide]\n" + "\n".join(lines))
    table = load(Question(source, name="BDI", direction="lower", mapping=tmp_path / "m.toml"))
    good = pd.read_csv(shared_data / "suddengains" / "sgdata.csv")
    expected = good[[f"bdi_s{i}" for i in range(13)]].to_numpy(float).ravel()
    assert sorted(table.scores.table["value"]) == sorted(expected[np.isfinite(expected)])


def run(*args):
    from bowlby.cli import app

    return CliRunner().invoke(app, ["outcomes", *map(str, args)])


def test_the_command_line_tells_one_message_and_writes_nothing(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("client,session,value\nA,0,28\n")
    made = run(path, "--instrument", "phq9", "--out", tmp_path / "out")
    assert made.exit_code == 2
    assert "row 2, client A: score 28" in made.output
    assert not Path(tmp_path / "out").exists()


OPTIONS = [
    (["--methods", "XX"], "--methods XX: known are all, JT"),
    (["--convention", "r"], "--convention 'r' is not one of"),
    (["--ever", "0.9"], "--ever 0.9"),
    (["--percent", "50"], "give two positive numbers"),
    (["--cutoff", "c"], "needs the clinical mean"),
    (["--before", "9"], "No score is at session 9"),
    (["--numbers", "sd"], "write name=value"),
    (["--also", "srs=gone.csv"], "gone.csv: no such file"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "message"), OPTIONS)
def test_a_bad_option_is_told(tmp_path, options, message):
    path = tmp_path / "s.csv"
    path.write_text("\n".join(["client,session,value", *(
        f"c{i:02d},{t},{max(0, min(27, 15 - t + (i * 7 + t * 5) % 9 - 4))}"
        for i in range(32) for t in range(5))]) + "\n")  # fmt: skip
    made = run(path, "--instrument", "phq9", "--out", tmp_path / "out", *options)
    assert message in made.output
    assert made.exit_code == 2
    assert not (tmp_path / "out").exists()
