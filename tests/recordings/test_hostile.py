"""Files as they come: each is read rightly, or refused with a remedy that works as typed."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.plausible import checked
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError, Signal

RATE, N = 25.0, 1500
HEAD = "time,client_motion,therapist_motion"


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(1)
    return np.round(rng.gamma(2, 5, (2, N)), 3)


@pytest.fixture(scope="module")
def rows(values):
    return [f"{i / RATE:.2f},{a:.3f},{b:.3f}" for i, (a, b) in enumerate(values.T)]


def written(tmp_path, lines, name="s.csv"):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def is_read(path, values, **options):
    recording = read(path, ReadOptions(**options))
    for partner, expected in zip((recording.first, recording.second), values, strict=True):
        signal = partner.signals["motion"]
        assert signal.rate_hz == pytest.approx(RATE)
        np.testing.assert_allclose(signal.values, expected, atol=5e-4)
    return " ".join(
        [*recording.notes, *(n for p in (recording.first, recording.second)
                             for s in p.signals.values() for n in s.notes)]
    )  # fmt: skip


def test_packets_that_were_sent_twice_are_left_out(tmp_path, rows, values):
    lines = [HEAD, *rows[:300], *rows[285:600], *rows[570:]]
    assert "45 rows repeat an earlier row" in is_read(written(tmp_path, lines), values)


def test_a_packet_that_came_late_goes_where_its_times_say(tmp_path, rows, values):
    lines = [HEAD, *rows[:300], *rows[315:340], *rows[300:315], *rows[340:]]
    assert "15 rows came late" in is_read(written(tmp_path, lines), values)


def test_two_files_glued_together_are_refused(tmp_path, rows):
    other = [f"{row}1" for row in rows]
    with pytest.raises(RecordingError, match=r"line 1502.*goes back"):
        read(written(tmp_path, [HEAD, *rows, *other]))
    with pytest.raises(RecordingError, match=r"line 1502.*two tables stand in one file"):
        read(written(tmp_path, [HEAD, *rows, HEAD, *other]))


def test_a_header_on_every_page_is_no_second_table(tmp_path, rows, values):
    lines = [line for k in range(0, N, 250) for line in (HEAD, *rows[k : k + 250])]
    assert "stands again in 5 lines" in is_read(written(tmp_path, lines), values)


@pytest.mark.parametrize("ends", [["Mean,1.5,2.5", "SD,1,1"], [",900.5,899.5"]])
def test_sums_at_the_end_are_no_samples(tmp_path, rows, values, ends):
    assert "at the end" in is_read(written(tmp_path, [HEAD, *rows, *ends]), values) or (
        "are no samples (Mean, SD)" in is_read(written(tmp_path, [HEAD, *rows, *ends]), values)
    )


def test_a_device_counter_that_begins_again_is_carried_on(tmp_path, rows, values):
    ms = (np.arange(N) * 40) % 2**16
    lines = [f"{t},{row.split(',', 1)[1]}" for t, row in zip(ms, rows, strict=True)]
    lines = [HEAD.replace("time", "time_ms"), *lines, *[]]
    assert "begins again" not in is_read(written(tmp_path, lines[:1501]), values)
    later = (np.arange(N) * 40 + 60_000) % 2**16
    lines = [f"{t},{row.split(',', 1)[1]}" for t, row in zip(later, rows, strict=True)]
    path = written(tmp_path, [HEAD.replace("time", "time_ms"), *lines])
    assert "begins again at 65536" in is_read(path, values)


def test_times_that_run_backwards_are_told_as_such(tmp_path, rows):
    with pytest.raises(RecordingError, match=r"run backwards. Sort the rows by time"):
        read(written(tmp_path, [HEAD, *rows[::-1]]))


def test_each_persons_own_time_column_is_used(tmp_path, values):
    """By rows the two would lie 3 s apart from where their times put them."""
    lines = ["t_client,client_motion,t_therapist,therapist_motion"]
    for i in range(N - 75):
        lines.append(
            f"{i / RATE:.2f},{values[0, i]:.3f},{i / RATE + 3:.2f},{values[1, i + 75]:.3f}"
        )
    recording = read(written(tmp_path, lines))
    first, second = (p.signals["motion"] for p in (recording.first, recording.second))
    assert recording.roles == ("client", "therapist")
    assert (first.start_s, second.start_s) == (0.0, 3.0)
    np.testing.assert_allclose(second.values, values[1, 75:], atol=5e-4)


def test_a_clock_under_a_persons_name_is_nobodys_signal(tmp_path, values):
    lines = [f"{i / RATE:.2f},{a:.3f},{i * 0.04:.2f}" for i, a in enumerate(values[0])]
    with pytest.raises(RecordingError, match="runs as evenly as a clock"):
        read(written(tmp_path, [HEAD, *lines]))


def test_minus_one_is_a_code_in_motion_however_often(values):
    spoilt = values[0].copy()
    spoilt[200:400] = -1
    found = checked(Signal("motion", spoilt, RATE), label="m", where="m")
    assert np.isnan(found.values[200:400]).all()
    assert np.isfinite(found.values).sum() == N - 200
    standard = (values[0] - values[0].mean()) / values[0].std()
    kept = checked(Signal("motion", standard, RATE), label="m", where="m")
    np.testing.assert_array_equal(kept.values, standard)


def test_separators_of_thousands_are_read_or_named(tmp_path, values):
    english = [
        f'{i / RATE:.2f},"{a * 1000:,.1f}","{b * 1000:,.1f}"'
        for i, (a, b) in enumerate(values.T)
    ]
    with pytest.raises(RecordingError, match="without a separator of thousands"):
        read(written(tmp_path, [HEAD, *english]))
    swap = str.maketrans(".,", ",.")
    german = [
        f"{i / RATE:.2f};{a * 1000:,.1f};{b * 1000:,.1f}".translate(swap)
        for i, (a, b) in enumerate(values.T)
    ]
    path = written(tmp_path, [HEAD.replace(",", ";"), *german])
    is_read(path, values * 1000)
    unclear = [german[0].rsplit(";", 1)[0] + ";1.327", *german[1:]]
    with pytest.raises(RecordingError, match=r"line 2, column therapist_motion: '1.327'"):
        read(written(tmp_path, [HEAD.replace(",", ";"), *unclear]))


@pytest.mark.parametrize("begin", [(2024, 10, 27, 0, 50), (2024, 3, 31, 0, 50)])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_night_in_which_the_clocks_change_has_no_jump(tmp_path, values, begin, zone):
    start = datetime(*begin, tzinfo=UTC)
    lines = [
        (start + timedelta(seconds=i)).astimezone(ZoneInfo("Europe/Berlin")).strftime(
            "%Y-%m-%dT%H:%M:%S"
        ) + f",{a:.3f},{b:.3f}"
        for i, (a, b) in enumerate(values.T)
    ]  # fmt: skip
    recording = read(written(tmp_path, [HEAD, *lines]), ReadOptions(zone=zone))
    np.testing.assert_allclose(recording.first.signals["motion"].values, values[0], atol=5e-4)
    assert "daylight saving" in " ".join(recording.notes)
    if zone:
        assert recording.unix_start_s == start.timestamp()


def test_a_pause_of_an_hour_is_no_daylight_saving(tmp_path, values):
    start = datetime(2024, 5, 31, 10, tzinfo=UTC)
    lines = [
        (start + timedelta(seconds=i + 3600 * (i >= 700))).strftime("%Y-%m-%dT%H:%M:%S")
        + f",{a:.3f},{b:.3f}"
        for i, (a, b) in enumerate(values.T)
    ]
    recording = read(written(tmp_path, [HEAD, *lines]))
    assert len(recording.first.signals["motion"].values) == N + 3600


# ------------------------------------------------------------------------- archives, sizes
def test_a_zip_of_a_mac_holds_one_table(tmp_path, rows, values):
    path = tmp_path / "session.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data/s.csv", "\n".join([HEAD, *rows]))
        archive.writestr("__MACOSX/data/._s.csv", b"\0junk")
        archive.writestr("data/.DS_Store", b"\0junk")
    is_read(path, values)


@pytest.mark.parametrize(
    ("members", "told"),
    [(("inner.zip",), "holds another archive .inner.zip.. Unpack both"),
     (("a.csv", "b.csv"), "holds 2 files .a.csv, b.csv.. Unpack it"), ((), "holds 0 files")],
)  # fmt: skip
def test_other_zips_say_what_to_do(tmp_path, members, told):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    with pytest.raises(RecordingError, match=told):
        read(tmp_path / "x.zip")


def test_a_file_too_large_is_refused_before_a_byte_of_it_is_read(tmp_path, monkeypatch):
    from bowlby.recordings.pairing import RecordingFiles
    from bowlby.runs.errors import RunError
    from bowlby.studies import measuring_files
    from bowlby.studies.plan import Plan
    from bowlby.studies.run import run_study

    path = written(tmp_path, [HEAD])
    with path.open("r+b") as file:
        file.truncate(5 * 10**9)
    monkeypatch.setattr(
        measuring_files, "checksum", lambda _: pytest.fail("its bytes were read")
    )
    with pytest.raises(RunError, match=r"5.0 GB of text.*Cut it into sessions"):
        run_study(Plan((RecordingFiles("s", (path,)),)), tmp_path / "out")


def test_many_columns_are_asked_about_at_once(tmp_path):
    rng = np.random.default_rng(1)
    names = [f"c{i}" for i in range(1500)]
    lines = [",".join(f"{v:.2f}" for v in row) for row in rng.random((40, 1500))]
    with pytest.raises(
        RecordingError, match=r"1500 columns .*--first c0 --second c1499"
    ) as told:
        read(written(tmp_path, [",".join(names), *lines]), ReadOptions(rate_hz=25))
    assert len(str(told.value)) < 400


# ------------------------------------------------------------------------------- mapping
@pytest.mark.parametrize(
    ("lines", "told"),
    [('[table]\nmissing = "none"', r"\[table\] missing = 'none' is not a list of numbers"),
     ('[[phases]]\nname = "a"\nbegin = "x"\nend = 3', "begin = 'x' is not a number"),
     ("[table]\nrate_hz = true", "rate_hz = True is not a number"),
     ("sync = 3", "sync = 3 is not the label of events"),
     ("[[sync]]\nclient = 3\nmother = 4", "unknown key 'mother'"),
     ('leave_out = "all"', "leave_out = 'all' is not a list"),
     ('[people.x]\nfile = "s.csv"\nsignals = [{ kind = "eda" }]', "signals need column")],
)  # fmt: skip
def test_lines_of_the_wrong_type_are_named(tmp_path, rows, lines, told):
    written(tmp_path, [HEAD, *rows[:50]])
    people = "\n".join(f'[people.{r}]\nfile = "s.csv"' for r in ("client", "therapist"))
    top = (
        lines + "\n" + people if lines.startswith(("sync", "leave")) else people + "\n" + lines
    )
    (tmp_path / "m.toml").write_text(top)
    with pytest.raises(RecordingError, match=told):
        read(tmp_path / "m.toml")


def test_a_single_code_for_missing_values_needs_no_brackets(tmp_path, rows):
    lines = [*rows[:20], "0.80,-999,-999", *rows[21:]]
    written(tmp_path, [HEAD, *lines])
    people = "\n".join(f'[people.{r}]\nfile = "s.csv"' for r in ("client", "therapist"))
    (tmp_path / "m.toml").write_text(people + "\n[table]\nmissing = -999\n")
    assert np.isnan(read(tmp_path / "m.toml").first.signals["motion"].values[20])


def test_a_rate_that_contradicts_the_stamps_is_refused(tmp_path, rows):
    written(tmp_path, [HEAD, *rows])
    people = "\n".join(f'[people.{r}]\nfile = "s.csv"' for r in ("client", "therapist"))
    (tmp_path / "m.toml").write_text(people + "\n[table]\nrate_hz = 50\n")
    with pytest.raises(RecordingError, match=r"times say 25 Hz .* says 50 Hz. Leave it out"):
        read(tmp_path / "m.toml")


def test_points_part_thousands_where_the_decimal_sign_is_a_comma(tmp_path, values):
    def german(number, digits):
        text = f"{number:,.{digits}f}"
        return text.replace(",", " ").replace(".", ",").replace(" ", ".")

    lines = ["Zeit [ms];Klient Bewegung;Therapeut Bewegung"] + [
        f"{german(i * 40, 0)};{german(a, 3)};{german(b, 3)}"
        for i, (a, b) in enumerate(values.T)
    ]
    is_read(written(tmp_path, lines), values)


def test_decimal_commas_in_quotation_marks_between_commas(tmp_path, rows, values):
    quoted = [
        ",".join(f'"{cell.replace(".", ",")}"' for cell in row.split(",")) for row in rows
    ]
    is_read(written(tmp_path, [HEAD, *quoted]), values)


def test_quoted_thousands_are_no_decimals(tmp_path, values):
    lines = [HEAD] + [
        f'{i / RATE:.2f},"{1000 + round(a * 10):,d}","{1000 + round(b * 10):,d}"'
        for i, (a, b) in enumerate(values.T)
    ]
    with pytest.raises(RecordingError, match="separator of thousands"):
        read(written(tmp_path, lines))


def test_milliseconds_behind_a_colon(tmp_path, values):
    def clock(i):
        ms = 35_880_000 + i * 40
        return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}:{ms % 1000:03d}"

    lines = [HEAD] + [f"{clock(i)},{a:.3f},{b:.3f}" for i, (a, b) in enumerate(values.T)]
    is_read(written(tmp_path, lines), values)


def test_a_clock_that_begins_behind_midnight_belongs_to_the_same_night(tmp_path, values):
    def clock(seconds):
        seconds %= 86_400
        return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:06.3f}"

    files = []
    for who, own, begin in zip(
        ("client", "therapist"), values, (86_390.0, 86_410.0), strict=True
    ):
        rows = [f"{clock(begin + i / RATE)},{v:.3f}" for i, v in enumerate(own)]
        files.append(written(tmp_path, ["Time,motion", *rows], f"{who}.csv"))
    recording = read(files)
    starts = [p.signals["motion"].start_s for p in (recording.first, recording.second)]
    assert starts == pytest.approx([0.0, 20.0])


def test_blanks_around_a_word_for_no_value(tmp_path, rows, values):
    lines = [HEAD.replace(",", " ; "), *(row.replace(",", " ;  ") + " " for row in rows)]
    lines[101] = f" {100 / RATE:.2f} ;  null ; * "
    expected = values.copy()
    expected[:, 100] = np.nan
    is_read(written(tmp_path, lines), expected)


def test_words_of_programs_for_no_value(tmp_path, rows, values):
    lines = [HEAD, *rows[:200], *["{},FIT_FAILED,FIND_FAILED".format(r.split(",")[0])
                                  for r in rows[200:260]], *rows[260:]]  # fmt: skip
    expected = values.copy()
    expected[:, 200:260] = np.nan
    is_read(written(tmp_path, lines), expected)


@pytest.mark.parametrize("unit", ["°F", "degF", ""])
def test_fahrenheit_becomes_celsius(unit):
    signal = Signal("temperature", np.linspace(90, 95, 500), 4.0, unit)
    found = checked(signal, label="skin temp", where="s.csv")
    np.testing.assert_allclose(found.values, (np.linspace(90, 95, 500) - 32) / 1.8)
    assert found.unit == "degC"


def test_a_spreadsheet_with_a_title_and_an_empty_row_above_its_header(tmp_path, values):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Session 4"], [], HEAD.split(","), ["s", "a.u.", "a.u."]):
        sheet.append(row)
    for i, (a, b) in enumerate(values.T):
        sheet.append([i / RATE, float(a), float(b)])
    book.save(tmp_path / "s.xlsx")
    is_read(tmp_path / "s.xlsx", values)


def test_a_signal_that_cannot_be_prepared_does_not_stop_the_others(tmp_path, values):
    from bowlby.recordings.preparation import prepare

    flat = np.random.default_rng(6).normal(0, 1e-3, (2, N))
    lines = [f"{HEAD},client_ppg,therapist_ppg"] + [
        f"{i / RATE:.2f},{a:.3f},{b:.3f},{p:.5f},{q:.5f}"
        for i, (a, b, p, q) in enumerate(np.vstack([values, flat]).T)
    ]
    recording = read(written(tmp_path, lines))
    quiet = replace(recording, first=_without_beats(recording.first))
    (pair,) = prepare(quiet)
    assert pair.signal == "motion"
    assert any("Left out" in step and "no heartbeats" in step for step in pair.steps)
    with pytest.raises(RecordingError, match="no heartbeats"):
        prepare(quiet, signals=["ppg"])


def _without_beats(partner):
    still = Signal("ppg", np.r_[np.nan, np.full(N - 1, np.nan)], RATE)
    return replace(partner, signals={**partner.signals, "ppg": still})


def test_dates_by_day_are_read_as_fast_as_they_are_right(tmp_path, values):
    begin = datetime(2024, 5, 31, 9, 58, tzinfo=UTC)
    moments = [begin + timedelta(milliseconds=40 * i) for i in range(N)]
    # Whole seconds lose their fraction in some programs.
    stamps = [
        f"{m:%d/%m/%Y %H:%M:%S}" + (f".{m.microsecond // 1000:03d}" if m.microsecond else "")
        for m in moments
    ]
    lines = [HEAD] + [
        f"{t},{a:.3f},{b:.3f}" for t, (a, b) in zip(stamps, values.T, strict=True)
    ]
    path = written(tmp_path, lines)
    is_read(path, values)
    assert read(path).unix_start_s == begin.timestamp()
