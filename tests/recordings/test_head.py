"""Head motion from the place and turns of a head that OpenFace writes."""

import numpy as np
import pytest

from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import format_of

RATE = 25


def write(path, place, turns, *, lost=(), prefix="", drop=()):
    rows = ["frame, face_id, timestamp, confidence, success, "
            + ", ".join(f"{prefix}pose_{k}{a}" for k in "TR" for a in "xyz")]  # fmt: skip
    for i, (at, turn) in enumerate(zip(place, turns, strict=True)):
        if i in drop:
            continue
        gone = i in lost
        numbers = [0.0] * 6 if gone else [*at, *turn]
        rows.append(
            f"{i + 1}, 0, {i / RATE:.3f}, {0.1 if gone else 0.98}, {int(not gone)}, "
            + ", ".join(f"{x:.5f}" for x in numbers)
        )
    path.write_text("\n".join(rows) + "\n")


def motion(path):
    return (
        format_of(path)
        .read(path, ReadOptions(is_one_person=True))
        .partners[0]
        .signals["motion"]
    )


@pytest.fixture
def swaying():
    """400 mm/s along x, then a turn of 1 rad/s about y, then still."""
    step = np.zeros((600, 3))
    step[100:200, 0] = 400 / RATE
    turn = np.zeros((600, 3))
    turn[300:400, 1] = 1 / RATE
    jitter = np.random.default_rng(1).normal(0, 1e-3, (600, 3))
    return np.cumsum(step, axis=0) + np.array([0, 50, 500]) + jitter, np.cumsum(turn, axis=0)


def test_speed_is_that_of_the_heads_surface(tmp_path, swaying):
    write(tmp_path / "client.csv", *swaying)
    found = motion(tmp_path / "client.csv")
    assert (found.unit, found.rate_hz) == ("mm/s", 25.0)
    assert np.median(found.values[110:190]) == pytest.approx(400, rel=0.01)
    assert np.median(found.values[310:390]) == pytest.approx(100 * np.sqrt(2 / 3), rel=0.01)
    assert np.nanmedian(found.values[450:]) < 1


def test_a_lost_face_is_no_leap(tmp_path, swaying):
    write(tmp_path / "client.csv", *swaying, lost=range(450, 460))
    found = motion(tmp_path / "client.csv").values
    assert np.isnan(found[450:461]).all()
    assert np.nanmax(found[430:600]) < 1


def test_frames_that_are_not_there_are_no_leap(tmp_path, swaying):
    write(tmp_path / "client.csv", *swaying, drop=range(120, 140))
    assert np.nanmax(motion(tmp_path / "client.csv").values) < 410


def test_two_people_of_one_table(tmp_path, swaying):
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    write(one, *swaying, prefix="client_")
    write(two, swaying[0][::-1], swaying[1], prefix="therapist_")
    left, right = (p.read_text().splitlines() for p in (one, two))
    both = [f"{a},{','.join(b.split(',')[5:])}" for a, b in zip(left, right, strict=True)]
    path = tmp_path / "both.csv"
    path.write_text("\n".join(both) + "\n")
    people = format_of(path).read(path, ReadOptions()).partners
    assert [p.role for p in people] == ["client", "therapist"]
    assert np.median(people[1].signals["motion"].values[410:490]) == pytest.approx(
        400, rel=0.01
    )
