import importlib.util
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.recordings.edf import FORMAT
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import RecordingError

pyedflib = pytest.importorskip("pyedflib")
START = datetime(2024, 3, 5, 14, 30, 10)
SHIPPED = (
    Path(importlib.util.find_spec("pyedflib").origin).parent / "data" / "test_generator.edf"
)


def write_edf(path, channels, *, kind=None, start=START, annotations=()):
    """Write {label: (values, rate, unit)} with pyedflib."""
    kind = pyedflib.FILETYPE_EDFPLUS if kind is None else kind
    is_bdf = kind in (pyedflib.FILETYPE_BDF, pyedflib.FILETYPE_BDFPLUS)
    top = 8388607 if is_bdf else 32767
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        writer = pyedflib.EdfWriter(str(path), len(channels), file_type=kind)
        writer.setSignalHeaders(
            [
                {
                    "label": label,
                    "dimension": unit,
                    "sample_frequency": rate,
                    "physical_min": -100.0,
                    "physical_max": 100.0,
                    "digital_min": -top - 1,
                    "digital_max": top,
                    "transducer": "",
                    "prefilter": "",
                }
                for label, (_, rate, unit) in channels.items()
            ]
        )
        writer.setStartdatetime(start)
        writer.writeSamples([values for values, _, _ in channels.values()])
        for onset, length, text in annotations:
            writer.writeAnnotation(onset, length, text)
        writer.close()
    return path


def wave(n, seed=0):
    return np.random.default_rng(seed).uniform(-90, 90, n)


def two_people():
    return {
        "client_ECG": (wave(2000), 200, "mV"),
        "therapist_ECG": (wave(2000, 1), 200, "mV"),
        "client_EDA": (np.abs(wave(40, 2)), 4, "uS"),
        "therapist_EDA": (np.abs(wave(40, 3)), 4, "uS"),
    }


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    path = tmp_path_factory.mktemp("edf") / "dyad.edf"
    return write_edf(
        path, two_people(), annotations=[(2.5, 1.5, "rupture"), (7.0, -1, "repair")]
    )


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "damaged.edf"


def read(path, **options):
    return FORMAT.read(Path(path), ReadOptions(**options))


def patched(source, target, at, text):
    data = bytearray(source.read_bytes())
    data[at : at + len(text)] = text
    target.write_bytes(data)
    return target


def test_two_people_come_from_one_file(valid):
    assert [partner.role for partner in read(valid).partners] == ["client", "therapist"]


def test_channels_keep_their_own_rates(valid):
    client = read(valid).partners[0]
    assert {name: s.rate_hz for name, s in client.signals.items()} == {"ecg": 200.0, "eda": 4.0}


def test_values_come_in_physical_units(valid):
    eda = read(valid).partners[1].signals["eda"]
    # 16 bits over 200 units: half a step of rounding.
    np.testing.assert_allclose(eda.values, np.abs(wave(40, 3)), atol=200 / 65535)
    assert eda.unit == "uS"


def test_annotations_become_events(valid):
    events = [(e.start_s, e.duration_s, e.label) for e in read(valid).events]
    assert events == [(2.5, 1.5, "rupture"), (7.0, 0.0, "repair")]


def test_the_start_date_is_kept(valid):
    assert read(valid).unix_start_s == START.replace(tzinfo=UTC).timestamp()


def test_an_anonymised_start_is_unknown(tmp_path):
    path = write_edf(tmp_path / "x.edf", two_people(), start=datetime(1985, 1, 1))
    assert read(path).unix_start_s is None


def test_bdf_is_read_with_24_bits(tmp_path):
    path = write_edf(tmp_path / "x.bdf", two_people(), kind=pyedflib.FILETYPE_BDFPLUS)
    ecg = read(path).partners[0].signals["ecg"]
    np.testing.assert_allclose(ecg.values, wave(2000), atol=200 / (2**24 - 1))


def test_plain_edf_is_read(tmp_path):
    path = write_edf(tmp_path / "x.edf", two_people(), kind=pyedflib.FILETYPE_EDF)
    assert len(read(path).partners) == 2


def test_the_file_shipped_with_pyedflib_is_one_person():
    reading = read(SHIPPED)
    assert len(reading.partners) == 1
    assert len(reading.partners[0].signals) == 11


def test_named_channels_of_the_shipped_file_are_two_people():
    reading = read(SHIPPED, first=("sine 1 Hz",), second=("sine 8 Hz",))
    first, second = (partner.signals["other"].values for partner in reading.partners)
    spectra = [np.abs(np.fft.rfft(values)) for values in (first, second)]
    assert [np.argmax(s) / 600 for s in spectra] == pytest.approx([1.0, 8.0], abs=0.01)


def test_two_channels_of_one_label_can_be_named(tmp_path):
    path = write_edf(
        tmp_path / "x.edf",
        {"ECG a": (wave(400), 200, "mV"), "EKG a": (wave(400, 1), 200, "mV")},
    )
    path = patched(path, tmp_path / "y.edf", 256 + 16, b"ECG a")
    reading = read(path, first=("ECG a",), second=("ECG a #2",))
    assert len(reading.partners) == 2


def test_a_cut_off_file_says_how_many_records_are_there(valid, scratch):
    scratch.write_bytes(valid.read_bytes()[:-1000])
    with pytest.raises(RecordingError, match="promises 10 data records and 8 are complete"):
        read(scratch)


def test_a_file_cut_off_inside_its_header_says_so(valid, scratch):
    scratch.write_bytes(valid.read_bytes()[:700])
    with pytest.raises(RecordingError, match="cut off inside the header: 700 of 1536 bytes"):
        read(scratch)


def test_bytes_after_the_last_record_are_an_error(valid, scratch):
    scratch.write_bytes(valid.read_bytes() + b"x" * 100)
    with pytest.raises(RecordingError, match="do not belong together"):
        read(scratch)


def test_a_recorder_that_was_not_stopped_is_named(valid, scratch):
    with pytest.raises(RecordingError, match=r"not stopped properly.*10 are complete"):
        read(patched(valid, scratch, 236, b"-1      "))


def test_discontinuous_files_are_refused_with_the_way_out(valid, scratch):
    with pytest.raises(RecordingError, match=r"discontinuous \(EDF\+D\).*EDFbrowser"):
        read(patched(valid, scratch, 192, b"EDF+D"))


def test_a_header_field_that_is_no_number_is_named(valid, scratch):
    with pytest.raises(RecordingError, match="duration of a data record reads 'abcdefgh'"):
        read(patched(valid, scratch, 244, b"abcdefgh"))


def test_an_error_of_the_library_names_the_file(valid, scratch):
    with pytest.raises(RecordingError, match=r"damaged\.edf: not a valid EDF"):
        read(patched(valid, scratch, 168, b"99.99.99"))


def test_a_file_of_another_format_says_so(scratch):
    scratch.write_bytes(b"PK\x03\x04" + b"0" * 1000)
    with pytest.raises(RecordingError, match="not an EDF or BDF file"):
        read(scratch)


def test_a_missing_pyedflib_says_how_to_install_it(valid, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyedflib", None)
    with pytest.raises(RecordingError, match=r'pip install "bowlby\[edf\]"'):
        read(valid)


def test_the_suffix_decides_in_any_case():
    assert FORMAT.recognises(Path("A.EDF"))
    assert not FORMAT.recognises(Path("a.txt"))


@settings(max_examples=60)
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_refused(valid, scratch, cut):
    data = valid.read_bytes()
    scratch.write_bytes(data[: int(cut * len(data))])
    with pytest.raises(RecordingError):
        read(scratch)


@settings(max_examples=60)
@given(data=st.binary(max_size=1200), magic=st.sampled_from([b"", b"0       ", b"\xffBIOSEMI"]))
def test_random_bytes_are_refused(scratch, data, magic):
    scratch.write_bytes(magic + data)
    with pytest.raises(RecordingError):
        read(scratch)


@settings(max_examples=60)
@given(at=st.integers(0, 1535), byte=st.integers(0, 255))
def test_a_wrong_byte_in_the_header_never_ends_in_another_error(valid, scratch, at, byte):
    patched(valid, scratch, at, bytes([byte]))
    try:
        read(scratch)
    except RecordingError as error:
        assert scratch.name in str(error)  # noqa: PT017
