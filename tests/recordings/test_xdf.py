import gzip
import logging
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Beats, RecordingError
from bowlby.recordings.xdf import FORMAT

pytest.importorskip("pyxdf")

# A small writer of XDF 1.0, from its specification.


def varlen(number):
    return b"\x01" + bytes([number]) if number < 256 else b"\x04" + struct.pack("<I", number)


def chunk(tag, content):
    return varlen(len(content) + 2) + struct.pack("<H", tag) + content


def samples(stamps, values, form):
    packed = [varlen(len(stamps))]
    for stamp, sample in zip(stamps, values, strict=True):
        packed.append(b"\x00" if stamp is None else b"\x08" + struct.pack("<d", stamp))
        if form == "string":
            packed += [varlen(len(text.encode())) + text.encode() for text in sample]
        else:
            packed.append(struct.pack(f"<{len(sample)}d", *sample))
    return b"".join(packed)


def stream(
    identity,
    name,
    stamps,
    values,
    *,
    rate=0.0,
    form="double64",
    kind="",
    host="lab",
    labels=(),
    unit="",
    offsets=(),
    footer=True,
    promised=None,
):
    """The chunks of one stream; offsets are (collection time, offset) pairs."""
    channels = "".join(
        f"<channel><label>{label}</label><unit>{unit}</unit></channel>" for label in labels
    )
    header = (
        f"<?xml version='1.0'?><info><name>{name}</name><type>{kind}</type>"
        f"<channel_count>{len(values[0])}</channel_count><nominal_srate>{rate}</nominal_srate>"
        f"<channel_format>{form}</channel_format><hostname>{host}</hostname>"
        f"<desc><channels>{channels}</channels></desc></info>"
    )
    mine = struct.pack("<I", identity)
    chunks = [chunk(2, mine + header.encode())]
    for at in range(0, len(stamps), 100):
        block = samples(stamps[at : at + 100], values[at : at + 100], form)
        chunks.append(chunk(3, mine + block))
    chunks += [chunk(4, mine + struct.pack("<dd", *pair)) for pair in offsets]
    if footer:
        count = len(stamps) if promised is None else promised
        chunks.append(
            chunk(6, mine + f"<info><sample_count>{count}</sample_count></info>".encode())
        )
    return b"".join(chunks)


def xdf(*streams):
    return b"XDF:" + chunk(1, b"<info><version>1.0</version></info>") + b"".join(streams)


def column(values):
    return [(float(value),) for value in values]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("xdf")


def read_bytes(folder, data, name="dyad.xdf", **options):
    path = folder / name
    path.write_bytes(data)
    return FORMAT.read(path, ReadOptions(**options))


def clock(start, n, rate):
    return [start + i / rate for i in range(n)]


def bump(n, at):
    return column(np.exp(-0.5 * ((np.arange(n) - at) / 5) ** 2))


def dyad():
    """Two clocks that differ by 5000 s, and one bump at second 20 of the lab's."""
    return xdf(
        stream(
            1,
            "client_RESP",
            clock(100.0, 400, 10),
            bump(400, 200),
            rate=10,
            labels=["RESP"],
            unit="uS",
            offsets=[(100.0 + 5 * i, 0.0) for i in range(8)],
        ),
        stream(
            2,
            "therapist_RESP",
            clock(5103.0, 400, 10),
            bump(400, 170),
            rate=10,
            labels=["RESP"],
            unit="uS",
            offsets=[(5103.0 + 5 * i, -5000.0) for i in range(8)],
        ),
        stream(
            3,
            "Notes",
            [110.0, 120.5],
            [("start",), ("rupture",)],
            form="string",
            kind="Markers",
        ),
    )


def test_streams_with_different_clocks_line_up(folder):
    client, therapist = read_bytes(folder, dyad()).partners
    peaks = [
        s.start_s + np.argmax(s.values) / s.rate_hz
        for s in (client.signals["respiration"], therapist.signals["respiration"])
    ]
    np.testing.assert_allclose(peaks, [20.0, 20.0], atol=1e-6)


def test_the_clock_starts_with_the_earliest_stream(folder):
    client, therapist = read_bytes(folder, dyad()).partners
    starts = [client.signals["respiration"].start_s, therapist.signals["respiration"].start_s]
    np.testing.assert_allclose(starts, [0.0, 3.0], atol=1e-6)


def test_markers_become_events_on_the_same_clock(folder):
    events = read_bytes(folder, dyad()).events
    assert [event.label for event in events] == ["start", "rupture"]
    np.testing.assert_allclose([event.start_s for event in events], [10.0, 20.5], atol=1e-6)


def test_stream_names_tell_people_and_units_are_kept(folder):
    partners = read_bytes(folder, dyad()).partners
    assert [(p.role, p.signals["respiration"].unit) for p in partners] == [
        ("client", "uS"),
        ("therapist", "uS"),
    ]


def test_the_measured_rate_replaces_a_wrong_nominal_one(folder):
    data = xdf(stream(1, "RESP", clock(0.0, 300, 8), bump(300, 100), rate=10))
    (partner,) = read_bytes(folder, data).partners
    assert partner.signals["respiration"].rate_hz == pytest.approx(8.0, rel=1e-9)


def test_stamps_left_out_follow_from_the_rate(folder):
    stamps = [50.0] + [None] * 99
    (partner,) = read_bytes(
        folder, xdf(stream(1, "RESP", stamps, bump(100, 50), rate=4))
    ).partners
    assert partner.signals["respiration"].duration_s == pytest.approx(25.0)


def test_a_pause_stays_a_hole(folder):
    stamps = clock(0.0, 100, 10) + clock(40.0, 100, 10)
    data = xdf(stream(1, "RESP", stamps, column(range(200)), rate=10))
    (partner,) = read_bytes(folder, data).partners
    values = partner.signals["respiration"].values
    np.testing.assert_allclose(values[:100], np.arange(100), atol=1e-6)
    assert np.isnan(values[100:400]).all()
    np.testing.assert_allclose(values[400:500], np.arange(100, 200), atol=1e-6)


def test_a_slow_stream_keeps_a_pause_of_a_few_seconds(folder):
    stamps = clock(0.0, 40, 4) + clock(15.0, 40, 4)
    (partner,) = read_bytes(
        folder, xdf(stream(1, "RESP", stamps, column(range(80)), rate=4))
    ).partners
    assert np.isnan(partner.signals["respiration"].values[40:60]).all()


def test_irregular_values_are_laid_on_a_clock_with_holes(folder):
    stamps = [float(t) for t in (*range(10), *range(20, 30))]
    (partner,) = read_bytes(folder, xdf(stream(1, "RESP", stamps, column(stamps)))).partners
    signal = partner.signals["respiration"]
    expected = np.array([*range(10), *[np.nan] * 10, *range(20, 30)])
    np.testing.assert_allclose(signal.values, expected, atol=1e-9)


def test_a_stream_that_drops_samples_keeps_its_time(folder):
    stamps = [float(t) for t in (*range(10), *range(14, 30))]
    data = xdf(stream(1, "RESP", stamps, column(stamps), rate=1))
    desc = b"<desc>"
    drops = (
        b"<desc><synchronization><can_drop_samples>true</can_drop_samples></synchronization>"
    )
    header = data[data.index(b"<?xml") : data.index(b"</info>", data.index(b"<?xml")) + 7]
    old = chunk(2, struct.pack("<I", 1) + header)
    new = chunk(2, struct.pack("<I", 1) + header.replace(desc, drops))
    (partner,) = read_bytes(folder, data.replace(old, new)).partners
    expected = np.array([*range(10), *[np.nan] * 4, *range(14, 30)])
    np.testing.assert_allclose(partner.signals["respiration"].values, expected, atol=1e-9)


def test_numbers_sent_as_markers_become_events(folder):
    data = xdf(
        stream(1, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10),
        stream(2, "Trigger", [1.0, 2.0], column([7, 8])),
    )
    assert [event.label for event in read_bytes(folder, data).events] == ["7", "8"]


def test_irregular_intervals_become_beats(folder):
    stamps = [10.0, 10.8, 11.7]
    (partner,) = read_bytes(
        folder, xdf(stream(1, "RR", stamps, column([800, 800, 900])))
    ).partners
    beats = partner.signals["ibi"]
    assert isinstance(beats, Beats)
    np.testing.assert_allclose(beats.times_s, [0.0, 0.8, 1.7], atol=1e-9)


def test_two_hosts_with_equal_streams_are_two_people(folder):
    data = xdf(
        *(
            stream(i, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10, host=h)
            for i, h in enumerate("xy")
        )
    )
    assert [p.role for p in read_bytes(folder, data).partners] == ["first", "second"]


def test_a_host_named_after_a_person_tells_the_role(folder):
    data = xdf(
        stream(1, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10, host="pc-mother"),
        stream(2, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10, host="pc-infant"),
    )
    assert [p.role for p in read_bytes(folder, data).partners] == ["infant", "mother"]


def test_two_equal_streams_of_one_host_must_be_named(folder):
    twins = [stream(i, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10) for i in range(2)]
    with pytest.raises(RecordingError, match='--first "RESP" --second "RESP #2"'):
        read_bytes(folder, xdf(*twins))
    named = read_bytes(folder, xdf(*twins), first=("RESP",), second=("RESP #2",))
    assert len(named.partners) == 2


def test_the_axes_of_a_stream_become_motion(folder):
    values = [(0.0, 0.0, 0.0), (3.0, 4.0, 0.0), (3.0, 4.0, 0.0)]
    data = xdf(stream(1, "ACC", clock(0.0, 3, 32), values, rate=32, labels="xyz"))
    (partner,) = read_bytes(folder, data).partners
    np.testing.assert_allclose(partner.signals["motion"].values, [np.nan, 5.0, 0.0])


def test_a_packed_file_reads_the_same(folder):
    reading = read_bytes(folder, gzip.compress(dyad()), name="dyad.xdfz")
    assert len(reading.partners) == 2


def test_markers_alone_are_no_recording(folder):
    with pytest.raises(RecordingError, match=r"no stream holds a signal.*'Notes'"):
        read_bytes(folder, xdf(stream(1, "Notes", [1.0], [("a",)], form="string")))


def test_a_missing_footer_is_told(folder):
    data = xdf(stream(1, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10, footer=False))
    assert "No end was written for 'RESP'" in read_bytes(folder, data).notes[0]


@pytest.mark.parametrize("promised", [70, "70.0"])
def test_fewer_samples_than_promised_are_told(folder, promised):
    data = xdf(stream(1, "RESP", clock(0.0, 50, 10), bump(50, 25), rate=10, promised=promised))
    assert "holds 50 of the 70 samples" in read_bytes(folder, data).notes[0]


def test_samples_lost_on_the_way_are_missing_and_not_stretched(folder):
    stamps = np.arange(400) / 4
    keep = np.sort(np.random.default_rng(1).choice(400, 360, replace=False))
    values = [(float(i),) for i in keep]
    data = xdf(stream(1, "RESP", list(stamps[keep]), values, rate=4))
    (partner,) = read_bytes(folder, data).partners
    found = partner.signals["respiration"]
    at = np.flatnonzero(np.isfinite(found.values))
    np.testing.assert_allclose(found.values[at] - found.values[at[0]], at - at[0])


def test_a_stream_that_reconnected_is_one_with_a_hole(folder):
    first, second = clock(0.0, 100, 10), clock(40.0, 100, 10)
    data = xdf(
        stream(1, "RESP", first, bump(100, 50), rate=10),
        stream(2, "RESP", second, bump(100, 50), rate=10),
    )
    reading = read_bytes(folder, data)
    assert np.isnan(reading.partners[0].signals["respiration"].values).sum() == 300
    assert "connected 2 times" in reading.notes[0]


def test_a_chunk_cut_off_says_where(folder):
    with pytest.raises(
        RecordingError, match=r"cut off: the chunk at byte .* runs past the end"
    ):
        read_bytes(folder, dyad()[:3000])


def test_a_damaged_chunk_is_not_skipped(folder):
    data = bytearray(dyad())
    data[data.index(b"<name>client") + 1] = ord("<")
    with pytest.raises(RecordingError, match="is damaged"):
        read_bytes(folder, bytes(data))


def test_a_header_that_declares_entities_is_refused(folder):
    data = b"XDF:" + chunk(1, b'<!DOCTYPE x [<!ENTITY a "b">]><info>&a;</info>')
    with pytest.raises(RecordingError, match="declares entities"):
        read_bytes(folder, data)


def test_a_clock_that_jumped_years_is_refused(folder):
    stamps = clock(0.0, 100, 10) + clock(3e8, 100, 10)
    with pytest.raises(RecordingError, match="clock jumped"):
        read_bytes(folder, xdf(stream(1, "RESP", stamps, column(range(200)), rate=10)))


def test_a_file_of_another_format_says_so(folder):
    with pytest.raises(RecordingError, match="not an XDF file"):
        read_bytes(folder, b"0       ")


def test_reading_leaves_the_log_of_pyxdf_as_it_was(folder):
    logger = logging.getLogger("pyxdf.pyxdf")
    before = (logger.propagate, list(logger.handlers))
    read_bytes(folder, dyad())
    assert (logger.propagate, list(logger.handlers)) == before


def test_a_missing_pyxdf_says_how_to_install_it(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyxdf", None)
    with pytest.raises(RecordingError, match=r'pip install "bowlby\[xdf\]"'):
        read_bytes(folder, dyad())


def test_the_suffix_decides():
    assert FORMAT.recognises(Path("a.XDF"))
    assert not FORMAT.recognises(Path("a.edf"))


@settings(max_examples=60)
@given(cut=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_refused(folder, cut):
    data = dyad()
    try:
        partners = read_bytes(folder, data[: int(cut * len(data))], name="cut.xdf").partners
    except RecordingError:
        return
    # Only footers may be missing: they are optional.
    for one, other in zip(partners, read_bytes(folder, data).partners, strict=True):
        for name, signal in other.signals.items():
            np.testing.assert_array_equal(one.signals[name].values, signal.values)


@settings(max_examples=60)
@given(data=st.binary(max_size=400), magic=st.sampled_from([b"", b"XDF:"]))
def test_random_bytes_are_refused(folder, data, magic):
    with pytest.raises(RecordingError):
        read_bytes(folder, magic + data, name="random.xdf")


@settings(max_examples=60)
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_a_wrong_byte_never_ends_in_another_error(folder, at, byte):
    data = bytearray(dyad())
    data[int(at * len(data))] = byte
    try:
        read_bytes(folder, bytes(data), name="wrong.xdf")
    except RecordingError as error:
        assert "wrong.xdf" in str(error)  # noqa: PT017
