"""Files of phases and events, and whose they are."""

import numpy as np
import pytest

from bowlby.recordings.code_files import read_codes
from bowlby.recordings.event_files import events_beside, events_for, read_event_file
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.recording import Partner, Recording, RecordingError, Signal


def _recording(name="s01", **options):
    motion = {"motion": Signal("motion", np.random.default_rng(1).gamma(2, 1, 1000), 25.0)}
    return Recording(name, Partner("a", motion), Partner("b", dict(motion)), **options)


def _spans(events):
    return [(event.start_s, event.duration_s, event.label) for event in events]


def test_rows_belong_to_the_recording_the_dyad_or_everybody(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("dyad,begin,end,phase\nd1,0,10,talk\nd2,5,9,rest\n")
    file = read_event_file(path)
    assert _spans(events_for(file, _recording(labels={"dyad": "d2"}))) == [(5, 4, "rest")]
    assert events_for(file, _recording(labels={"dyad": "d3"})) == ()
    path.write_text("begin,end,phase\n0,10,talk\n")
    assert len(events_for(read_event_file(path), _recording())) == 1


def test_dated_events_are_put_on_the_recordings_clock(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text("time,label\n2024-05-31T10:00:30Z,bell\n2024-05-31T10:01:00Z,bell\n")
    file = read_event_file(path)
    dated = _recording(unix_start_s=1717149600.0, zone="utc")
    assert [event.start_s for event in events_for(file, dated)] == [30.0, 60.0]
    with pytest.raises(RecordingError, match="the recording has none"):
        events_for(file, _recording())
    with pytest.raises(RecordingError, match="--zone"):
        events_for(file, _recording(unix_start_s=1717149600.0, zone="local"))


def test_a_tier_must_be_named_where_there_are_several(shared_data):
    path = shared_data / "real" / "elan" / "sample_2.8.eaf"
    with pytest.raises(RecordingError, match=r"Name one, e\.g\."):
        read_event_file(path)
    (rows,) = read_event_file(f"{path}#text").rows
    assert len(rows.events) == 60
    with pytest.raises(RecordingError, match="has no tier 'nothing'"):
        read_event_file(f"{path}#nothing")


def test_behaviour_coded_by_other_programs_is_events_and_codes(tmp_path):
    path = tmp_path / "boris.csv"
    rows = [(s, b, 10 * i + k, 10 * i + k + 6) for i, b in enumerate("xyxyxyx")
            for k, s in enumerate(("Mother", "Infant"))]  # fmt: skip
    path.write_text(
        "Observation id,Subject,Behavior,Behavior type,Start (s),Stop (s)\n"
        + "".join(f"obs1,{s},{b},STATE,{a}.0,{e}.0\n" for s, b, a, e in rows)
    )
    (found,) = read_event_file(path).rows
    assert _spans(found.events[:2]) == [(0, 6, "x"), (1, 6, "x")]
    codes = read_codes(path, ReadOptions(rate_hz=10.0))
    assert codes.people == ("Mother", "Infant")
    both = np.isfinite(codes.x) & np.isfinite(codes.y)
    assert both.sum() == 7 * 50
    assert (codes.x[both] == codes.y[both]).all()


def test_events_beside_a_recording_are_found_by_its_name(tmp_path):
    (tmp_path / "sub-1_task-x_events.tsv").write_text(
        "onset\tduration\ttrial_type\n3\t2\tcry\n"
    )
    source = tmp_path / "sub-1_task-x_physio.tsv.gz"
    assert _spans(events_beside(_recording(sources=(source,)))) == [(3, 2, "cry")]
    assert events_beside(_recording(sources=(tmp_path / "other.csv",))) == ()
