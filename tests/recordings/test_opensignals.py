"""OpenSignals: HDF5 against the text of the same recording; two devices are two people."""

import json

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import format_of
from bowlby.recordings.reading import read as read_recording
from bowlby.recordings.recording import RecordingError

MACS = ("20:16:12:22:22:26", "98:D3:51:FD:97:15")


def ecg(seed, n=6000, rate=100):
    """Counts of a heart at 75 beats a minute."""
    rng = np.random.default_rng(seed)
    values = 512 + rng.normal(0, 3, n)
    beats = np.cumsum(rng.normal(0.8, 0.03, n // rate * 2))
    for beat in beats[beats < n / rate - 0.1]:
        values[int(beat * rate)] += 300
    return np.rint(values)


def write_text(path, devices, sensor="ECGBIT", bits=10):
    facts = {
        mac: {"sensor": [sensor], "column": ["nSeq", "A2"], "time": "16:58:47.558",
              "sampling rate": 100, "label": ["A2"], "date": "2018-5-28",
              "resolution": [4, bits]}
        for mac in list(devices)
    }  # fmt: skip
    n = len(next(iter(devices.values())))
    columns = [c for values in devices.values() for c in (np.arange(n) % 16, values)]
    rows = ["\t".join(f"{int(x)}" for x in row) + "\t" for row in zip(*columns, strict=True)]
    head = ["# OpenSignals Text File Format", f"# {json.dumps(facts)}", "# EndOfHeader"]
    path.write_text("\n".join([*head, *rows]) + "\n")


def write_h5(path, devices, *, rates=(100, 100)):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for (mac, values), rate in zip(devices.items(), rates, strict=False):
            group = file.create_group(mac)
            group.attrs.update({"sampling rate": rate, "nsamples": len(values),
                                "date": b'"2018-5-28"', "time": b'"16:58:47.558"',
                                "resolution": [10]})  # fmt: skip
            raw = group.create_group("raw")
            raw["nSeq"] = np.arange(len(values)).reshape(-1, 1)
            raw["channel_2"] = values.astype("<u2").reshape(-1, 1)
            raw["channel_2"].attrs.update({"label": b"A2", "sensor": b"ECGBIT"})


def read(path, **options):
    return format_of(path).read(path, ReadOptions(**options))


def test_two_devices_of_one_text_file_are_two_people(tmp_path):
    devices = {mac: ecg(i) for i, mac in enumerate(MACS)}
    write_text(tmp_path / "s.txt", devices)
    reading = read(tmp_path / "s.txt")
    assert [p.role for p in reading.partners] == ["first", "second"]
    for partner, values in zip(reading.partners, devices.values(), strict=True):
        np.testing.assert_array_equal(partner.signals["ecg"].values, values)
        assert partner.signals["ecg"].rate_hz == 100


@pytest.mark.parametrize("count", [1, 2])
def test_hdf5_reads_as_the_text_of_the_same_recording(tmp_path, count):
    devices = {mac: ecg(i) for i, mac in enumerate(MACS[:count])}
    write_text(tmp_path / "s.txt", devices)
    write_h5(tmp_path / "s.h5", devices)
    text, h5 = read(tmp_path / "s.txt"), read(tmp_path / "s.h5")
    assert [p.role for p in h5.partners] == [p.role for p in text.partners]
    assert h5.unix_start_s == text.unix_start_s
    for one, two in zip(h5.partners, text.partners, strict=True):
        np.testing.assert_array_equal(one.signals["ecg"].values, two.signals["ecg"].values)


def test_devices_of_different_rates_are_refused(tmp_path):
    write_h5(tmp_path / "s.h5", {m: ecg(1) for m in MACS}, rates=(100, 1000))
    with pytest.raises(RecordingError, match=r"different rates .* each device by itself"):
        read(tmp_path / "s.h5")


def test_another_programs_hdf5_and_a_cut_one_are_refused(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["ecog"] = np.zeros(100)
    with pytest.raises(RecordingError, match="not as OpenSignals writes it"):
        read(tmp_path / "x.h5")
    write_h5(tmp_path / "s.h5", {MACS[0]: ecg(1)})
    (tmp_path / "cut.h5").write_bytes((tmp_path / "s.h5").read_bytes()[:4000])
    with pytest.raises(RecordingError, match="Copy it again"):
        read(tmp_path / "cut.h5")


def skin(seed, n=6000):
    """Counts of skin conductance around 10 uS."""
    return np.rint(400 + 20 * np.cumsum(np.random.default_rng(seed).normal(0, 0.05, n)))


@pytest.mark.parametrize("files", [1, 2])
@pytest.mark.parametrize("bits", [10, 16])
def test_raw_skin_conductance_is_refused_with_a_mapping_that_works(tmp_path, files, bits):
    counts = [skin(seed) * 2 ** (bits - 10) for seed in range(2)]
    if files == 1:
        paths = [tmp_path / "s.txt"]
        write_text(paths[0], dict(zip(MACS, counts, strict=True)), "EDA", bits)
    else:
        paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
        for path, mac, values in zip(paths, MACS, counts, strict=True):
            write_text(path, {mac: values}, "EDA", bits)
    with pytest.raises(RecordingError, match="raw counts of a converter") as told:
        read_recording(paths)
    said, mapping = str(told.value).split("\n", 1)
    assert "type `bowlby measure bowlby.toml`" in said
    (tmp_path / "bowlby.toml").write_text(mapping)
    recording = read_recording(tmp_path / "bowlby.toml")
    for partner, values in zip((recording.first, recording.second), counts, strict=True):
        signal = partner.signals["eda"]
        # BITalino: uS = ADC / 2^n * 3.3 / 0.132.
        np.testing.assert_allclose(signal.values, values / 2**bits * 3.3 / 0.132)
        assert signal.unit == "uS"
