"""Motion energy of videos whose motion, flicker, cuts and times are planted."""

import subprocess
import sys

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import read
from bowlby.recordings.recording import RecordingError

av = pytest.importorskip("av")
from bowlby.recordings.video.motion import video_motion  # noqa: E402
from bowlby.recordings.video.regions import (  # noqa: E402
    Region,
    halves,
    labels_of,
    read_regions,
)

WIDTH, HEIGHT, RATE = 320, 192, 25
LEFT = Region("client", ((32, 48), (128, 48), (128, 160), (32, 160)), is_share=False)
RIGHT = Region("therapist", ((192, 48), (288, 48), (288, 160), (192, 160)), is_share=False)


def write_video(path, frames, *, times=None, codec="libx264"):
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=RATE, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        from fractions import Fraction

        stream.time_base = Fraction(1, 1000)
        for i, grey in enumerate(frames):
            planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planes[:HEIGHT] = grey
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.time_base = Fraction(1, 1000)
            frame.pts = round(1000 * (i / RATE if times is None else times[i]))
            for packet in stream.encode(frame):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)


def _motion(rng, n):
    """Share of the region that changes in each frame, in bursts."""
    slow = np.convolve(rng.gamma(0.5, 1.0, n + 10), np.hanning(9), "same")[5 : n + 5]
    return 0.4 * slow / slow.max()


def frames_of(n, motions, *, seed=1, flicker=0.0):
    """Bodies of patches of 8 x 8 that change their grey, in a room that does not.

    Each motion becomes the share of patches that were drawn to change.
    """
    rng = np.random.default_rng(seed)
    room = np.kron(rng.integers(70, 180, (HEIGHT // 16, WIDTH // 16)), np.ones((16, 16)))
    grey = room.copy()
    lamp = 1 + flicker * np.convolve(rng.normal(size=n + 8), np.ones(4) / 2, "same")[4 : n + 4]
    for t in range(n):
        for region, motion in zip((LEFT, RIGHT), motions, strict=True):
            (x0, y0), (x1, y1) = region.corners[0], region.corners[2]
            patches = rng.random(((y1 - y0) // 8, (x1 - x0) // 8)) < motion[t]
            motion[t] = patches.mean()
            changes = np.kron(patches, np.ones((8, 8)))
            part = grey[y0:y1, x0:x1]
            part += changes * np.where(part > 128, -50, 50)
        yield np.clip(np.rint(grey * lamp[t]), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    rng = np.random.default_rng(7)
    motions = [_motion(rng, 500), _motion(rng, 500)]
    path = tmp_path_factory.mktemp("video") / "session.mp4"
    write_video(path, frames_of(500, motions))
    return path, motions


def test_motion_is_what_was_planted(talk):
    path, motions = talk
    found = video_motion(path, (LEFT, RIGHT))
    for own, planted in zip(found.motion, motions, strict=True):
        assert np.corrcoef(own[1:], planted[1:])[0, 1] >= 0.99
    assert found.rate_hz == RATE
    assert np.isnan(found.motion[:, 0]).all()
    assert abs(np.corrcoef(found.motion[0, 1:], found.motion[1, 1:])[0, 1]) < 0.15


def test_flicker_of_a_lamp_does_not_make_synchrony(tmp_path):
    rng = np.random.default_rng(3)
    motions = [_motion(rng, 700), _motion(rng, 700)]
    path = tmp_path / "s.mp4"
    write_video(path, frames_of(700, motions, flicker=0.04))
    planted = np.corrcoef(*motions)[0, 1]
    r = {}
    for evens in (True, False):
        x, y = video_motion(path, (LEFT, RIGHT), evens_light=evens).motion
        known = np.isfinite(x) & np.isfinite(y)
        r[evens] = np.corrcoef(x[known], y[known])[0, 1] - planted
    assert abs(r[True]) <= 0.05
    assert r[False] > 2 * abs(r[True])


def test_repeated_frames_and_cuts_are_missing_in_both(tmp_path):
    rng = np.random.default_rng(4)
    frames = list(frames_of(120, [_motion(rng, 120) + 0.05] * 2))
    frames[50] = frames[49]
    frames[80:] = [255 - frame for frame in frames[80:]]
    path = tmp_path / "s.mkv"
    write_video(path, frames, codec="ffv1")
    found = video_motion(path, (LEFT, RIGHT))
    assert np.flatnonzero(np.isnan(found.motion).all(axis=0)).tolist() == [0, 50, 80]
    told = " ".join(found.notes)
    assert "1 frames are cuts" in told
    assert "1 frames repeat" in told


def test_frames_lie_where_their_own_times_put_them(tmp_path):
    rng = np.random.default_rng(5)
    frames = list(frames_of(100, [_motion(rng, 100) + 0.05] * 2))
    times = np.arange(100) / RATE
    times[60:] += 2.0
    path = tmp_path / "s.mp4"
    write_video(path, frames, times=times)
    found = video_motion(path, (LEFT, RIGHT))
    assert found.motion.shape[1] == 150
    assert np.isnan(found.motion[0, 60:110]).all()
    assert "50 moments have no frame" in " ".join(found.notes)


def test_regions_that_overlap_or_lie_outside_are_refused(tmp_path):
    with pytest.raises(RecordingError, match="overlap in"):
        labels_of((LEFT, LEFT), WIDTH, HEIGHT, "v")
    with pytest.raises(RecordingError, match="reaches over"):
        labels_of((LEFT, RIGHT), 200, 150, "v")
    path = tmp_path / "regions.toml"
    path.write_text("[client]\nrectangle = [0, 0, 0.4]\n")
    with pytest.raises(RecordingError, match=r"\[client\]"):
        read_regions(path)
    path.write_text(
        "[a]\nrectangle = [0, 0, 0.5, 1]\n[b]\npolygon = [[0.5, 0], [1, 0], [1, 1]]\n"
    )
    labels = labels_of(read_regions(path), 100, 100, "v")
    assert [int((labels == i).sum()) for i in (1, 2)] == [5000, 2500]
    assert [r.person for r in halves("x", "y")] == ["x", "y"]


def test_a_video_is_measured_like_any_recording(talk):
    path, motions = talk
    with pytest.raises(RecordingError, match="bowlby motion"):
        read(path)
    recording = read(path, ReadOptions(roles=("client", "therapist")))
    assert recording.roles == ("client", "therapist")
    own = recording.first.signals["motion"].values
    assert np.corrcoef(own[1:], motions[0][1:])[0, 1] > 0.98


def test_sound_without_pictures_and_damaged_files_are_refused(tmp_path):
    from scipy.io import wavfile

    wavfile.write(tmp_path / "a.wav", 8000, np.zeros(800, np.int16))
    (tmp_path / "a.wav").rename(tmp_path / "a.mp4")
    with pytest.raises(RecordingError, match="holds no pictures"):
        video_motion(tmp_path / "a.mp4", halves())
    (tmp_path / "b.mp4").write_bytes(b"nothing" * 50)
    with pytest.raises(RecordingError, match="no readable video"):
        video_motion(tmp_path / "b.mp4", halves())


def test_without_regions_a_page_to_draw_them_is_written(talk, tmp_path):
    path, _ = talk
    command = [sys.executable, "-m", "bowlby", "motion", str(path), "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    page = (tmp_path / "session.regions.html").read_text()
    assert "data:image/png;base64," in page
    assert "http" not in page.replace("http-equiv", "")
    again = subprocess.run([*command, "--roles", "client,therapist"], capture_output=True,
                           text=True, check=False)  # fmt: skip
    assert again.returncode == 0, again.stderr
    recording = read(tmp_path / "session.motion.csv")
    assert recording.roles == ("client", "therapist")
    assert recording.signal_names == ("motion",)
    assert recording.first.signals["motion"].rate_hz == pytest.approx(25.0)
