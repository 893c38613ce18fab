"""LabChart text of one and of several blocks."""

import numpy as np
import pytest

from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.tables import streaming

HZ = 100
RNG = np.random.default_rng(8)
# 5 June 2024, 10:00:00.
DAYS, START_S = 45448 + 10 / 24, 1_717_581_600


def block(values, begin_s, *, first_s=0.0, dated=True, titles="client EDA\ttherapist EDA",
          interval="0.01 s", has_time=True, comment=None):  # fmt: skip
    lines = [f"Interval=\t{interval}"]
    if dated:
        lines.append(f"ExcelDateTime=\t{DAYS + begin_s / 86_400:.16e}\t6/5/2024 10:00:00.000")
    lines += ["TimeFormat=\tStartOfBlock", "DateFormat=\t", f"ChannelTitle=\t{titles}",
              "Range=\t10 uS\t10 uS", "UnitName=\tuS\tuS"]  # fmt: skip
    for i, row in enumerate(values):
        cells = [f"{first_s + i / HZ:.2f}"] * has_time + [f"{v:.4f}" for v in row]
        lines.append("\t".join(cells) + (f"\t#* {comment}" if comment and i % 50 == 7 else ""))
    return "\n".join(lines) + "\n"


def skin(n):
    return 5 + np.cumsum(RNG.normal(0, 0.01, (n, 2)), axis=0)


@pytest.mark.parametrize("has_time", [True, False])
@pytest.mark.parametrize("comment", [None, "clap"])
@pytest.mark.parametrize("is_large", [False, True])
def test_two_blocks_lie_on_one_clock_with_a_gap(
    tmp_path, monkeypatch, has_time, comment, is_large
):
    if is_large:
        monkeypatch.setattr(streaming, "LARGE", 1000)
    a, b = skin(3000), skin(2000)
    how = {"has_time": has_time, "comment": comment}
    path = tmp_path / "s.txt"
    path.write_text(block(a, 0, **how) + block(b, 42.5, **how))
    recording = read(path)
    for k, partner in enumerate((recording.first, recording.second)):
        signal = partner.signals["eda"]
        assert signal.rate_hz == pytest.approx(HZ)
        np.testing.assert_allclose(signal.values[:3000], a[:, k], atol=1e-4)
        assert np.isnan(signal.values[3000:4250]).all()
        np.testing.assert_allclose(signal.values[4250:], b[:, k], atol=1e-4)
    assert recording.roles == ("client", "therapist")
    assert recording.unix_start_s == pytest.approx(START_S, abs=1e-3)
    assert any("2 blocks were put on one clock" in note for note in recording.notes)


def test_blocks_whose_times_run_on_keep_them(tmp_path):
    a, b = skin(3000), skin(2000)
    path = tmp_path / "s.txt"
    path.write_text(block(a, 0, dated=False) + block(b, 0, first_s=40, dated=False))
    signal = read(path).first.signals["eda"]
    assert np.isnan(signal.values[3000:4000]).all()
    np.testing.assert_allclose(signal.values[4000:], b[:, 0], atol=1e-4)


def test_one_block_without_times_keeps_its_first_channel(tmp_path):
    a = skin(3000)
    (tmp_path / "s.txt").write_text(block(a, 0, has_time=False))
    recording = read(tmp_path / "s.txt")
    np.testing.assert_allclose(recording.first.signals["eda"].values, a[:, 0], atol=1e-4)
    np.testing.assert_allclose(recording.second.signals["eda"].values, a[:, 1], atol=1e-4)


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"dated": False}, "line 3014: .*Export the file again with times from the start"),
        ({"titles": "client EDA\tECG"}, "line 3008: .*has ChannelTitle client EDA ECG"),
        ({"interval": "0.02 s"}, "has Interval 0.02 s, the first block 0.01 s"),
        ({"begin_s": 10}, "begins before the one before it ends"),
    ],
)
def test_blocks_that_cannot_be_joined_are_refused_with_the_remedy(tmp_path, second, told):
    how = {"begin_s": 42.5} | second
    (tmp_path / "s.txt").write_text(block(skin(3000), 0) + block(skin(2000), **how))
    with pytest.raises(RecordingError, match=told) as error:
        read(tmp_path / "s.txt")
    assert "Export" in str(error.value)
    # Each block by itself, as the message says.
    (tmp_path / "b.txt").write_text(block(skin(2000), **how))
    assert read(tmp_path / "b.txt") if "titles" not in second else True
