"""Corrections by hand: what was doubted, what is left out, which beats are mended."""

import numpy as np
import pytest

from bowlby.recordings.breathing import band_of_age, check_band
from bowlby.recordings.corrections import Correction, corrected, read_corrections
from bowlby.recordings.doubts import doubts, write_doubts
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.preparation import prepare
from bowlby.recordings.reading import read
from bowlby.recordings.recording import Beats, Partner, Recording, RecordingError, Signal


def _beats(ibi_s, start=0.0):
    return Beats(start + np.cumsum(ibi_s), np.asarray(ibi_s) * 1000.0)


def _hearts(first, second=None):
    other = _beats(0.9 + 0.02 * np.sin(np.arange(200))) if second is None else second
    return Recording(
        "s", Partner("client", {"ibi": first}), Partner("therapist", {"ibi": other})
    )


def _steady(n=60):
    return list(0.8 + 0.02 * np.sin(np.arange(n) / 3))


def test_a_missed_and_an_extra_beat_are_doubted_where_they_are_and_mended():
    true = _steady()
    spoilt = [*true[:20], true[20] + true[21], *true[22:40], 0.3, true[40] - 0.3, *true[41:]]
    found = [c for c in doubts(_hearts(_beats(spoilt))) if c.person == "client"]
    assert [c.action for c in found] == ["add_beat", "remove_beat"]
    mended = corrected(_hearts(_beats(spoilt)), found).first.signals["ibi"]
    np.testing.assert_allclose(mended.ibi_ms, np.array(true) * 1000, atol=20)
    np.testing.assert_allclose(mended.times_s[-1], sum(true))
    assert "1 removed, 1 added" in mended.notes[-1]


def test_healthy_beats_are_not_doubted():
    assert doubts(_hearts(_beats(_steady(300)))) == ()


def test_an_ectopic_beat_is_proposed_to_be_left_out():
    spoilt = [*_steady(20), 0.45, 1.15, *_steady(20)]
    (found,) = [c for c in doubts(_hearts(_beats(spoilt))) if c.person == "client"]
    assert (found.action, found.why) == ("leave_out", "ectopic beat")
    left = corrected(_hearts(_beats(spoilt)), [found]).first.signals["ibi"]
    assert np.flatnonzero(np.isnan(left.ibi_ms)).tolist() == [20, 21]


def test_a_beat_is_moved_between_its_neighbours():
    recording = _hearts(_beats([1.0, 1.0, 1.0, 1.0]))
    move = Correction("move_beat", 2.0, to_s=2.1, person="client")
    moved = corrected(recording, [move]).first.signals["ibi"]
    np.testing.assert_allclose(moved.ibi_ms, [1000, 1100, 900, 1000])
    with pytest.raises(RecordingError, match="past its neighbours"):
        corrected(recording, [Correction("move_beat", 2.0, to_s=4.1, person="client")])


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (Correction("remove_beat", 2.5, person="client"), "the nearest is at"),
        (Correction("add_beat", 99.0, person="client"), "no interval holds"),
        (Correction("remove_beat", 2.0, recording="s", person="nobody"), "names 'nobody'"),
    ],
)
def test_a_correction_that_fits_nothing_is_refused(correction, message):
    with pytest.raises(RecordingError, match=message):
        corrected(_hearts(_beats([1.0, 1.0, 1.0, 1.0])), [correction])


def test_beats_of_an_ecg_can_be_corrected():
    from bowlby.recordings.emit import emit_dyad

    dyad = emit_dyad(duration_s=30, lag_s=0, correlation=0.5, kinds=("ecg",),
                     rng=np.random.default_rng(1))  # fmt: skip
    (pair,) = [p for p in prepare(dyad) if p.signal == "ibi"]
    from bowlby.recordings.preparation.heart import find_beats

    times = find_beats(dyad.first.signals["ecg"]).times_s
    spoilt = corrected(dyad, [Correction("remove_beat", times[10], person="client")])
    assert len(spoilt.first.signals["ecg"].times_s) == len(times) - 1
    assert len(prepare(spoilt)[0].x) == len(pair.x)


def test_flat_and_jumping_skin_conductance_is_doubted_and_left_out_with_its_reason(tmp_path):
    rng = np.random.default_rng(1)
    values = 5 + np.cumsum(rng.normal(0, 0.01, 4 * 300))
    values[400:460] = values[400]
    values[800:] += 6.0
    eda = {"eda": Signal("eda", values, 4.0)}
    other = {"eda": Signal("eda", 5 + np.cumsum(rng.normal(0, 0.01, 4 * 300)), 4.0)}
    recording = Recording("s", Partner("a", eda), Partner("b", other))
    found = doubts(recording)
    assert [(c.person, c.why) for c in found] == [("a", "flat"), ("a", "jump")]
    assert (found[0].begin_s, found[0].end_s) == (100.0, 114.75)
    path = tmp_path / "corrections.csv"
    write_doubts(path, found)
    assert read_corrections(path) == ()
    path.write_text(path.read_text().replace(",no\n", ",yes\n"))
    assert read_corrections(path) == found
    left = corrected(recording, found).first.signals["eda"]
    assert np.isnan(left.values[400:460]).all()
    assert "60 samples from 100 to 114.75 s left out (flat)." in left.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("action,begin,ende\nleave_out,1,2\n", "unknown column 'ende'"),
        ("action,begin\nkeep,1\n", "'keep' is not one of"),
        ("action,begin,end\nleave_out,1,\n", "needs begin and end"),
        ("action,begin,end\nleave_out,5,1\n", "ends before it begins"),
        ("action,begin,end\nleave_out,1:30,2:00\n", "is no number of seconds"),
        ("person,begin\nclient,1\n", "lacks 'action'"),
    ],
)
def test_a_table_of_corrections_that_cannot_be_understood_names_its_line(
    tmp_path, text, message
):
    path = tmp_path / "c.csv"
    path.write_text(text)
    with pytest.raises(RecordingError, match=message):
        read_corrections(path)


def test_corrections_in_the_options_reach_the_recording(tmp_path):
    path = tmp_path / "s.csv"
    rng = np.random.default_rng(1)
    np.savetxt(path, rng.gamma(2, 1, (2000, 2)), delimiter=",", header="client,therapist",
               comments="", fmt="%.4f")  # fmt: skip
    leave = Correction("leave_out", 10.0, 20.0, person="client", why="cough")
    recording = read(path, ReadOptions(rate_hz=25.0, corrections=(leave,)))
    assert np.isnan(recording.first.signals["motion"].values).sum() == 251
    assert not np.isnan(recording.second.signals["motion"].values).any()


def test_the_breathing_band_follows_age_and_the_users_word(tmp_path):
    assert band_of_age(0.6) == (0.383, 1.017)
    assert band_of_age(34) == (0.12, 0.40)
    with pytest.raises(ValueError, match="not possible"):
        band_of_age(-1)
    with pytest.raises(ValueError, match="lower first"):
        check_band(0.4, 0.1)
    rng = np.random.default_rng(1)
    for role, ibi in (("a", 0.8), ("b", 0.9)):
        wave = ibi + 0.02 * np.sin(np.arange(400) * 1.7) + rng.normal(0, 0.005, 400)
        np.savetxt(tmp_path / f"{role}.rr", wave * 1000, fmt="%.1f")
    options = ReadOptions(offset_s=0.0, breathing_hz=((0.24, 1.04), (0.12, 0.4)))
    recording = read([tmp_path / "a.rr", tmp_path / "b.rr"], options)
    rsa = next(p for p in prepare(recording) if p.signal == "rsa")
    assert "between 0.24 and 1.04 Hz in" in rsa.steps[-2]
