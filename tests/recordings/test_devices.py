"""EmbracePlus and watches: files written by their formats' descriptions, read as planted."""

import struct

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import format_of, read
from bowlby.recordings.recording import RecordingError

START = 1_700_000_000

_SIGNAL = {"type": "record", "fields": [
    {"name": "timestampStart", "type": "long"}, {"name": "samplingFrequency", "type": "float"},
    {"name": "values", "type": {"type": "array", "items": "float"}}]}  # fmt: skip


LIMITS = {"physicalMin": -16, "physicalMax": 16, "digitalMin": -32768, "digitalMax": 32768}


def _avro(path, start_s, eda, *, person="P1", tags=(), peaks=(), counts=None, imu=LIMITS):
    fastavro = pytest.importorskip("fastavro")
    array = {"type": "array", "items": "long"}
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "enrollment", "type": {"type": "record", "name": "e", "fields": [
            {"name": "participantID", "type": "string"}]}},
        {"name": "rawData", "type": {"type": "record", "name": "d", "fields": [
            {"name": "eda", "type": {**_SIGNAL, "name": "eda_t"}},
            {"name": "accelerometer", "type": {"type": "record", "name": "a", "fields": [
                {"name": "timestampStart", "type": "long"},
                {"name": "samplingFrequency", "type": "float"},
                {"name": "imuParams", "type": {"type": "record", "name": "i", "fields": [
                    {"name": n, "type": "double"} for n in imu]}},
                *({"name": axis, "type": {"type": "array", "items": "int"}} for axis in "xyz")]}},
            {"name": "systolicPeaks", "type": {"type": "record", "name": "p", "fields": [
                {"name": "peaksTimeNanos", "type": array}]}},
            {"name": "tags", "type": {"type": "record", "name": "t", "fields": [
                {"name": "tagsTimeMicros", "type": array}]}}]}}]}  # fmt: skip
    counts = np.zeros((0, 3), int) if counts is None else counts
    record = {
        "enrollment": {"participantID": person},
        "rawData": {
            "eda": {"timestampStart": int(start_s * 1e6), "samplingFrequency": 4.0,
                    "values": list(map(float, eda))},
            "accelerometer": {
                "timestampStart": int(start_s * 1e6), "samplingFrequency": 64.0,
                "imuParams": imu,
                **{axis: counts[:, i].tolist() for i, axis in enumerate("xyz")}},
            "systolicPeaks": {"peaksTimeNanos": [int(t * 1e9) for t in peaks]},
            "tags": {"tagsTimeMicros": [int(t * 1e6) for t in tags]},
        },
    }  # fmt: skip
    path.parent.mkdir(exist_ok=True, parents=True)
    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), [record])


def _eda(seed, n=1200):
    return 3 + np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n))


def test_files_of_one_person_follow_one_another_with_their_hole(tmp_path):
    first, second = _eda(1), _eda(2)
    _avro(tmp_path / "a" / "1_01.avro", START, first, tags=[START + 30.5])
    _avro(tmp_path / "a" / "1_02.avro", START + 310, second)
    reading = format_of(tmp_path / "a").read(tmp_path / "a", ReadOptions())
    eda = reading.partners[0].signals["eda"]
    np.testing.assert_allclose(eda.values[:1200], first, rtol=1e-6)
    assert np.isnan(eda.values[1200:1240]).all()
    np.testing.assert_allclose(eda.values[1240:], second, rtol=1e-6)
    assert (reading.unix_start_s, reading.events[0].start_s) == (START, 30.5)


@pytest.mark.parametrize(
    ("imu", "unit", "scale"),
    [(LIMITS, "g", 1.0), ({"conversionFactor": 32 / 65536}, "g", 1.0),
     ({"range": 16.0}, "counts", 2048.0)],
)  # fmt: skip
def test_counts_become_g_as_either_schema_tells(tmp_path, imu, unit, scale):
    """Limits up to schema 6.4, a conversion factor from 6.5; without either, counts."""
    counts = 2048 + np.random.default_rng(1).integers(-200, 200, (640, 3))
    _avro(tmp_path / "x.avro", START, _eda(1), counts=counts, imu=imu)
    found = format_of(tmp_path / "x.avro").read(tmp_path / "x.avro", ReadOptions())
    motion = found.partners[0].signals["motion"]
    steps = np.sqrt(np.sum(np.diff(counts / 2048, axis=0) ** 2, axis=1))
    assert motion.unit == unit
    np.testing.assert_allclose(motion.values[1:], steps * scale, rtol=1e-6)


def test_acceleration_is_in_g_and_peaks_are_beats(tmp_path):
    rng = np.random.default_rng(1)
    counts = np.c_[np.zeros(2000), np.zeros(2000), np.full(2000, 2048)].astype(int)
    counts += rng.integers(-20, 20, counts.shape)
    peaks = START + np.cumsum(0.8 + 0.01 * rng.normal(size=100))
    _avro(tmp_path / "x.avro", START, _eda(1), counts=counts, peaks=peaks)
    signals = (
        format_of(tmp_path / "x.avro")
        .read(tmp_path / "x.avro", ReadOptions())
        .partners[0]
        .signals
    )
    assert signals["motion"].unit == "g"
    assert 0 < np.nanmedian(signals["motion"].values) < 0.05
    np.testing.assert_allclose(signals["ibi"].ibi_ms, np.diff(peaks) * 1000, atol=0.01)


def test_two_folders_of_avro_files_are_two_people(tmp_path):
    for who, seed in (("client", 1), ("therapist", 2)):
        _avro(tmp_path / who / "1_01.avro", START + seed, _eda(seed), person=who)
    recording = read([tmp_path / "client", tmp_path / "therapist"])
    assert recording.roles == ("client", "therapist")
    assert recording.second.signals["eda"].start_s == 1.0


def test_files_of_two_people_in_one_folder_are_refused(tmp_path):
    _avro(tmp_path / "a" / "1.avro", START, _eda(1), person="P1")
    _avro(tmp_path / "a" / "2.avro", START, _eda(2), person="P2")
    with pytest.raises(RecordingError, match="a folder of their own"):
        format_of(tmp_path / "a").read(tmp_path / "a", ReadOptions())


def _crc(data):
    table = (0x0, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
             0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400)  # fmt: skip
    crc = 0
    for byte in data:
        for half in (byte & 0xF, byte >> 4):
            crc = (crc >> 4) ^ table[crc & 0xF] ^ table[half]
    return crc


def _fit(path, rates, intervals_ms):
    """A FIT file: definition and data messages of `record` and `hrv`, by the FIT protocol."""
    body = struct.pack("<BBBHB", 0x40, 0, 0, 0, 1) + bytes([0, 1, 0])
    body += struct.pack("<BB", 0, 4)
    body += struct.pack("<BBBHB", 0x41, 0, 0, 20, 2) + bytes([253, 4, 0x86, 3, 1, 0x02])
    body += struct.pack("<BBBHB", 0x42, 0, 0, 78, 1) + bytes([0, 2, 0x84])
    t, queue = 0.0, list(intervals_ms)
    for i, rate in enumerate(rates):
        body += struct.pack("<BIB", 1, START - 631_065_600 + i, rate)
        while queue and t < i + 1:
            interval = queue.pop(0)
            t += interval / 1000
            body += struct.pack("<BH", 2, interval)
    header = struct.pack("<BBHI4s", 14, 0x10, 2132, len(body), b".FIT")
    header += struct.pack("<H", _crc(header))
    path.write_bytes(header + body + struct.pack("<H", _crc(header + body)))


def test_a_fit_file_gives_heart_rate_and_intervals(tmp_path):
    pytest.importorskip("fitdecode")
    rng = np.random.default_rng(1)
    rates = (70 + 5 * np.sin(np.arange(300) / 20)).astype(int)
    intervals = (850 + rng.normal(0, 20, 340)).astype(int)
    _fit(tmp_path / "run.fit", rates, intervals)
    reading = format_of(tmp_path / "run.fit").read(tmp_path / "run.fit", ReadOptions())
    signals = reading.partners[0].signals
    assert (reading.unix_start_s, reading.start_uncertainty_s) == (START, 1.0)
    assert signals["heart_rate"].rate_hz == 1.0
    np.testing.assert_allclose(signals["heart_rate"].values, rates)
    np.testing.assert_allclose(signals["ibi"].ibi_ms, intervals)


def test_tcx_and_gpx_give_the_same_heart_rate(tmp_path):
    point = "<Trackpoint><Time>2024-05-31T10:0{}:{:02d}Z</Time><HeartRateBpm><Value>{}</Value></HeartRateBpm></Trackpoint>"
    gpx = "<trkpt><time>2024-05-31T10:0{}:{:02d}Z</time><x:hr>{}</x:hr></trkpt>"
    rows = [(i // 60, i % 60, 70 + i % 7) for i in range(180)]
    (tmp_path / "a.tcx").write_text("<T>" + "".join(point.format(*r) for r in rows) + "</T>")
    (tmp_path / "b.gpx").write_text(
        '<gpx xmlns:x="y">' + "".join(gpx.format(*r) for r in rows) + "</gpx>"
    )
    found = [
        format_of(p).read(p, ReadOptions()).partners[0].signals["heart_rate"].values
        for p in sorted(tmp_path.iterdir())
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert len(found[0]) == 180


@pytest.mark.parametrize("name", ["x.fit", "x.tcx", "x.avro"])
def test_damaged_files_are_refused(tmp_path, name):
    pytest.importorskip("fastavro")
    pytest.importorskip("fitdecode")
    path = tmp_path / name
    path.write_bytes(b"\x0e\x10garbage" * 20)
    with pytest.raises(RecordingError, match=r"is no readable|binary data"):
        format_of(path).read(path, ReadOptions())
