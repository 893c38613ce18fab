import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.recordings.empatica import FORMAT
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Beats, RecordingError

START = 1700000000.0


def sampled(rate, values, start=START):
    return f"{start:.6f}\n{rate:.6f}\n" + "".join(f"{value}\n" for value in values)


def session():
    return {
        "ACC.csv": f"{START}, {START}, {START}\n32.0, 32.0, 32.0\n0,0,64\n38,51,64\n38,51,64\n",
        "BVP.csv": sampled(64, [0.0, 1.5, -1.5]),
        "EDA.csv": sampled(4, [0.1, 0.2, 0.3, 0.4], START + 0.5),
        "HR.csv": sampled(1, [70, 71], START + 10),
        "TEMP.csv": sampled(4, [33.1, 33.2]),
        "IBI.csv": f"{START + 1}, IBI\n2.0,0.8\n2.75,0.75\n",
        "tags.csv": f"{START + 3:.2f}\n{START + 7.5:.2f}\n",
    }


def pack(members, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("e4")


def read(folder, data, name="session.zip", **options):
    path = folder / name
    path.write_bytes(pack(data) if isinstance(data, dict) else data)
    return FORMAT.read(path, ReadOptions(**options))


def test_all_signals_of_the_wrist_are_read(folder):
    (partner,) = read(folder, session()).partners
    assert set(partner.signals) == {"motion", "ppg", "eda", "heart_rate", "temperature", "ibi"}


def test_each_signal_keeps_its_own_start(folder):
    (partner,) = read(folder, session()).partners
    starts = {name: partner.signals[name].start_s for name in ("ppg", "eda", "heart_rate")}
    assert starts == {"ppg": 0.0, "eda": 0.5, "heart_rate": 10.0}


def test_rows_become_samples_at_the_stated_rate(folder):
    eda = read(folder, session()).partners[0].signals["eda"]
    np.testing.assert_array_equal(eda.values, [0.1, 0.2, 0.3, 0.4])
    assert eda.rate_hz == 4.0


def test_acceleration_becomes_motion_in_g(folder):
    motion = read(folder, session()).partners[0].signals["motion"]
    # The step is (38, 51, 0) counts of 1/64 g.
    np.testing.assert_allclose(motion.values, [np.nan, np.hypot(38, 51) / 64, 0.0])


def test_beats_end_at_their_times(folder):
    beats = read(folder, session()).partners[0].signals["ibi"]
    assert isinstance(beats, Beats)
    np.testing.assert_allclose(beats.times_s, [3.0, 3.75])
    np.testing.assert_allclose(beats.ibi_ms, [800, 750])


def test_tags_become_events(folder):
    events = read(folder, session()).events
    assert [(e.start_s, e.label) for e in events] == [(3.0, "tag 1"), (7.5, "tag 2")]


def test_the_start_is_known(folder):
    assert read(folder, session()).unix_start_s == START


def test_a_session_in_one_folder_is_read(folder):
    inside = {f"1700_A012/{name}": text for name, text in session().items()}
    inside["__MACOSX/1700_A012/._EDA.csv"] = "x"
    assert len(read(folder, inside).partners[0].signals) == 6


def test_absent_signals_are_left_out(folder):
    (partner,) = read(folder, {"EDA.csv": session()["EDA.csv"], "tags.csv": ""}).partners
    assert list(partner.signals) == ["eda"]


def test_signals_without_samples_are_left_out(folder):
    members = session() | {"HR.csv": sampled(1, []), "IBI.csv": f"{START}, IBI\n"}
    assert not {"heart_rate", "ibi"} & set(read(folder, members).partners[0].signals)


def test_the_role_comes_from_the_file_name(folder):
    assert read(folder, session(), name="infant.zip").partners[0].role == "infant"


def test_a_zip_without_signals_says_what_is_missing(folder):
    with pytest.raises(RecordingError, match=r"holds none of ACC.csv"):
        read(folder, {"readme.txt": "hello"})


def test_a_damaged_line_names_member_and_line(folder):
    with pytest.raises(
        RecordingError, match=r"session.zip, EDA.csv, line 4: 'x\?' is not a number"
    ):
        read(folder, session() | {"EDA.csv": f"{START}\n4\n0.1\nx?\n"})


def test_a_value_that_is_not_finite_is_named(folder):
    with pytest.raises(
        RecordingError, match=r"EDA.csv, line 4: a value is not a finite number"
    ):
        read(folder, session() | {"EDA.csv": f"{START}\n4\n0.1\ninf\n"})


def test_an_axis_that_is_missing_is_named(folder):
    with pytest.raises(RecordingError, match=r"ACC.csv, line 3: 2 values where 3 belong"):
        read(folder, session() | {"ACC.csv": f"{START},{START},{START}\n32,32,32\n1,2\n"})


def test_a_start_that_is_no_time_is_named(folder):
    with pytest.raises(RecordingError, match=r"BVP.csv: row 1 reads 0"):
        read(folder, session() | {"BVP.csv": sampled(64, [1], 0)})


def test_a_rate_of_zero_is_named(folder):
    with pytest.raises(RecordingError, match=r"BVP.csv: row 2 gives a rate of 0.0 Hz"):
        read(folder, session() | {"BVP.csv": sampled(0, [1])})


def test_beats_out_of_order_name_the_file(folder):
    with pytest.raises(RecordingError, match=r"session.zip, IBI.csv: .*Sort the beats"):
        read(folder, session() | {"IBI.csv": f"{START}, IBI\n2.0,0.8\n1.0,0.8\n"})


def test_a_cut_off_zip_says_so(folder):
    with pytest.raises(RecordingError, match="zip file is damaged or cut off"):
        read(folder, pack(session())[:-40])


def test_a_damaged_member_says_so(folder):
    data = bytearray(pack(session(), zipfile.ZIP_STORED))
    data[data.index(b"0.1\n0.2")] = ord("9")
    with pytest.raises(RecordingError, match=r"damaged or cut off.*CRC"):
        read(folder, bytes(data))


@pytest.mark.parametrize(
    "name", ["../EDA.csv", "/EDA.csv", "a/../../EDA.csv", "C:/EDA.csv", "..\\EDA.csv"]
)
def test_a_name_that_points_outside_is_refused(folder, name):
    with pytest.raises(RecordingError, match="points outside the archive"):
        read(folder, session() | {name: "x"})


def test_a_bomb_is_refused_by_its_ratio(folder):
    with pytest.raises(RecordingError, match=r"EDA.csv unpacks to over 200 times"):
        read(folder, {"EDA.csv": b"0\n" * 6_000_000})


def lying(declared):
    """A zip whose directory declares another size for its first member."""
    data = bytearray(pack(session()))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = declared.to_bytes(4, "little")
    return bytes(data)


def test_a_huge_declared_size_is_refused(folder):
    with pytest.raises(RecordingError, match="unpacks to over 200 MB"):
        read(folder, lying(300_000_000))


def test_a_size_that_lies_is_found_out(folder):
    with pytest.raises(RecordingError, match="damaged or cut off"):
        read(folder, lying(20))


def test_members_that_are_large_together_are_refused(folder, monkeypatch):
    monkeypatch.setattr("bowlby.recordings.empatica._MAX_TOTAL_BYTES", 200)
    with pytest.raises(RecordingError, match="it unpacks to 0 MB"):
        read(folder, session())


def test_too_many_members_are_refused(folder):
    with pytest.raises(RecordingError, match="1001 files"):
        read(folder, {f"{i}.csv": "" for i in range(1001)})


def test_an_encrypted_archive_is_refused(folder):
    data = bytearray(pack(session()))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(RecordingError, match="encrypted; remove the password"):
        read(folder, bytes(data))


def test_an_archive_in_the_archive_is_refused(folder):
    with pytest.raises(RecordingError, match="holds another archive"):
        read(folder, {"inner.zip": pack(session())})


def test_an_unusual_packing_method_is_refused(folder):
    with pytest.raises(RecordingError, match="packed with an unusual method"):
        read(folder, pack(session(), zipfile.ZIP_LZMA))


def test_two_sessions_in_one_zip_are_refused(folder):
    twice = {f"{name}/EDA.csv": session()["EDA.csv"] for name in "ab"}
    with pytest.raises(RecordingError, match=r"holds EDA.csv twice"):
        read(folder, twice)


def test_nothing_is_written_beside_the_zip(tmp_path):
    read(tmp_path, session())
    assert [path.name for path in tmp_path.iterdir()] == ["session.zip"]


def test_the_suffix_decides():
    assert FORMAT.recognises(Path("a.ZIP"))
    assert not FORMAT.recognises(Path("a.csv"))


@settings(max_examples=60)
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_zip_cut_off_anywhere_is_refused(folder, cut):
    data = pack(session())
    with pytest.raises(RecordingError):
        read(folder, data[: int(cut * len(data))], name="cut.zip")


@settings(max_examples=60)
@given(data=st.binary(max_size=300), magic=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06"]))
def test_random_bytes_are_refused(folder, data, magic):
    with pytest.raises(RecordingError):
        read(folder, magic + data, name="random.zip")


@settings(max_examples=100)
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_wrong_byte_never_ends_in_another_error(folder, at, byte):
    data = bytearray(pack(session()))
    data[int(at * len(data))] = byte
    try:
        read(folder, bytes(data), name="wrong.zip")
    except RecordingError as error:
        assert "wrong.zip" in str(error)  # noqa: PT017


@settings(max_examples=60)
@given(
    text=st.text("0123456789.,\n-eIB ", max_size=60), name=st.sampled_from(sorted(session()))
)
def test_any_text_in_a_member_is_read_or_refused(folder, text, name):
    try:
        read(folder, session() | {name: text}, name="text.zip")
    except RecordingError as error:
        assert "text.zip" in str(error)  # noqa: PT017
