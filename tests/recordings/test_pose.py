"""Tracked points become movement."""

import json

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pose import body_motion
from bowlby.recordings.reading import format_of, read
from bowlby.recordings.recording import RecordingError

AT_25 = ReadOptions(rate_hz=25.0)


def _body(rng, frames, centre, scale=100.0):
    """25 points around a centre; the head nods, in shoulder widths by `scale`."""
    base = np.zeros((25, 2))
    base[2], base[5] = (-0.5, 0.0), (0.5, 0.0)
    base[0], base[1], base[8] = (0.0, -1.0), (0.0, -0.1), (0.0, 2.0)
    base[4], base[7] = (-0.8, 1.0), (0.8, 1.0)
    for i in (3, 6, 9, 10, 11, 12, 13, 14, *range(15, 25)):
        base[i] = rng.normal(0, 0.5, 2)
    nod = np.abs(np.convolve(rng.normal(size=frames), np.hanning(9), "same")) * 0.1
    points = np.tile(base, (frames, 1, 1))
    for i in (0, 15, 16, 17, 18):
        points[:, i, 1] += nod
    return points * scale + centre, nod


def _write(folder, bodies, *, swap_at=()):
    folder.mkdir()
    for t in range(len(bodies[0])):
        people = [
            {"pose_keypoints_2d": np.c_[body[t], np.full(25, 0.9)].ravel().tolist()}
            for body in bodies
        ]
        if t in swap_at:
            people = people[::-1]
        (folder / f"video_{t:012d}_keypoints.json").write_text(json.dumps({"people": people}))
    return folder


@pytest.fixture
def two(tmp_path):
    rng = np.random.default_rng(1)
    left, nod = _body(rng, 200, (300.0, 400.0))
    right, _ = _body(rng, 200, (900.0, 400.0), scale=50.0)
    return _write(tmp_path / "pose", [right, left], swap_at=range(50, 90)), nod


def test_people_are_followed_though_their_order_changes(two):
    folder, nod = two
    recording = read(folder, AT_25)
    head = recording.first.signals["head"].values
    np.testing.assert_allclose(head[1:], np.abs(np.diff(nod)) * 25, atol=1e-9)
    assert "2 times in 200 frames" in " ".join(recording.notes)
    assert recording.signal_names == ("motion", "head", "hands", "trunk")


def test_the_distance_of_the_camera_does_not_matter():
    rng = np.random.default_rng(2)
    near, nod = _body(rng, 100, (0.0, 0.0), 200.0)
    names = ["nose", "shoulder_r", "shoulder_l"]
    places = [0, 2, 5]
    moved = [
        body_motion(
            {n: near[:, i] * k for n, i in zip(names, places, strict=True)}, rate_hz=25.0
        )
        for k in (1.0, 0.25)
    ]
    np.testing.assert_allclose(moved[0]["head"].values, moved[1]["head"].values)
    np.testing.assert_allclose(
        moved[0]["head"].values[1:], np.abs(np.diff(nod)) * 25, atol=1e-9
    )


def test_unsure_points_and_frames_without_a_file_are_missing(two):
    folder, _ = two
    (folder / "video_000000000100_keypoints.json").unlink()
    recording = read(folder, AT_25)
    values = recording.first.signals["motion"].values
    assert np.flatnonzero(np.isnan(values)).tolist() == [0, 100, 101]


def test_deeplabcut_is_recognised_by_its_first_row(tmp_path):
    path = tmp_path / "client.csv"
    xy = np.arange(40.0)
    rows = ["scorer,net,net,net", "bodyparts,nose,nose,nose", "coords,x,y,likelihood"]
    rows += [f"{i},{x},{0},{0.9 if i != 7 else 0.1}" for i, x in enumerate(xy)]
    path.write_text("\n".join(rows))
    reading = format_of(path).read(path, AT_25)
    (partner,) = reading.partners
    assert partner.role == "client"
    values = partner.signals["motion"].values
    assert np.flatnonzero(np.isnan(values)).tolist() == [0, 7, 8]
    np.testing.assert_allclose(np.nanstd(values), 0, atol=1e-12)


def test_a_table_of_points_of_two_people_is_movement(tmp_path):
    rng = np.random.default_rng(3)
    path = tmp_path / "points.csv"
    names = [f"{who}_{point}_{axis}" for who in ("mother", "infant")
             for point in ("nose", "left_shoulder", "right_shoulder") for axis in "xy"]  # fmt: skip
    np.savetxt(path, rng.normal(100, 5, (300, 12)), delimiter=",", header=",".join(names),
               comments="", fmt="%.3f")  # fmt: skip
    recording = read(path, AT_25)
    assert set(recording.roles) == {"mother", "infant"}
    assert recording.signal_names[0] == "motion"


def test_the_rate_is_asked_for(two):
    with pytest.raises(RecordingError, match="--rate 25"):
        read(two[0])
