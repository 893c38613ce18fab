"""Body movement from tracked points: OpenPose, DeepLabCut, and tables of points.

A point is missing where its confidence is below .3. A person's movement is how far their points
go from frame to frame, in shoulder widths, so that the distance of the camera does not matter:
the median over the points of the head, of the hands and of the trunk, and the sum of the three.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.channel_words import ROLE_OF_WORD, words_of
from bowlby.recordings.formats import Fact, Format, Reading, ReadOptions
from bowlby.recordings.recording import Beats, Partner, RecordingError, Signal

LEAST_CONFIDENCE = 0.3
_UNIT = "shoulder widths/s"
_BODY_25 = re.findall(
    r"\S+",
    "nose neck shoulder_r elbow_r wrist_r shoulder_l elbow_l wrist_l hip_middle hip_r knee_r "
    "ankle_r hip_l knee_l ankle_l eye_r eye_l ear_r ear_l toe_l toe_l2 heel_l toe_r toe_r2 "
    "heel_r",
)
_COCO_18 = re.findall(
    r"\S+",
    "nose neck shoulder_r elbow_r wrist_r shoulder_l elbow_l wrist_l hip_r knee_r ankle_r "
    "hip_l knee_l ankle_l eye_r eye_l ear_r ear_l",
)
_PARTS = {
    "head": ("nose", "eye", "ear", "head", "face", "mouth"),
    "hands": ("wrist", "hand", "finger", "thumb", "index", "pinky"),
    "trunk": ("shoulder", "hip", "neck", "chest", "spine", "trunk", "pelvis"),
}
_FRAME = re.compile(r"(\d+)_keypoints\.json$")

Points = Mapping[str, FloatArray]


def is_openpose_folder(path: Path) -> bool:
    """True for a folder of OpenPose's files, one a frame."""
    return path.is_dir() and any(_FRAME.search(child.name) for child in path.iterdir())


def read_pose(path: Path, options: ReadOptions) -> Reading:
    """Read tracked points as the movement of each person.

    Args:
        path: A folder of OpenPose's `..._keypoints.json`, a DeepLabCut CSV, or a table with
            columns `..._x`, `..._y` and perhaps `..._confidence`.
        options: `rate_hz`, frames a second, which none of the files tell; roles.

    Raises:
        RecordingError: If no rate is given, or no person has points.
    """
    if options.rate_hz is None:
        raise RecordingError(
            f"{path.name}: tracked points do not tell the time between frames. Give the frames "
            "a second of the video, e.g. --rate 25."
        )
    notes: list[str] = []
    people = _openpose(path, notes) if path.is_dir() else _table(path)
    partners = []
    for role, points in people.items():
        signals = body_motion(points, rate_hz=options.rate_hz)
        if signals:
            partners.append(Partner(role, signals))
    if not partners:
        raise RecordingError(
            f"{path.name}: no person has points with a confidence of {LEAST_CONFIDENCE:g} or "
            "more."
        )
    if len(partners) == 1:
        partners = [Partner(role_of_one(path, options), partners[0].signals)]
    elif len(partners) == 2 and options.roles:
        partners = [
            Partner(role, p.signals) for role, p in zip(options.roles, partners, strict=True)
        ]
    facts = (Fact("kind", "motion", "tracked points"),)
    return Reading(tuple(partners), zone="file", notes=tuple(notes), facts=facts)


def body_motion(points: Points, *, rate_hz: float) -> dict[str, Signal | Beats]:
    """Movement of one person's head, hands and trunk, and of all together.

    Args:
        points: Places `x, y` of each point (frames x 2), NaN where missing, by its name.
        rate_hz: Frames a second (Hz).

    Returns:
        `motion`, the sum, and `head`, `hands` and `trunk` where they have points; nothing
        without a point.
    """
    known = {name: xy for name, xy in points.items() if np.isfinite(xy).any()}
    if not known:
        return {}
    width = _shoulder_width(known)
    steps = {
        name: np.concatenate([[np.nan], np.hypot(*np.diff(xy, axis=0).T)]) * rate_hz / width
        for name, xy in known.items()
    }
    parts: dict[str, FloatArray] = {}
    for part, words in _PARTS.items():
        mine = [s for name, s in steps.items() if set(words_of(name)) & set(words)]
        if mine:
            parts[part] = _median(np.stack(mine))
    if not parts:
        parts = {"body": _median(np.stack(list(steps.values())))}
    total = np.sum(np.stack(list(parts.values())), axis=0)
    lost = float(np.mean(np.isnan(total)))
    notes = (f"{lost:.1%} of the frames have no movement: a part of the body was not seen.",)
    signals: dict[str, Signal | Beats] = {
        "motion": Signal("motion", total, rate_hz, _UNIT, notes=notes)
    }
    if len(parts) > 1:
        signals |= {n: Signal("motion", v, rate_hz, _UNIT) for n, v in parts.items()}
    return signals


def _median(values: FloatArray) -> FloatArray:
    known = np.isfinite(values).any(axis=0)
    found = np.full(values.shape[1], np.nan)
    found[known] = np.nanmedian(values[:, known], axis=0)
    return found


def _shoulder_width(points: Points) -> float:
    """Median distance of the shoulders, or half the median spread of all points."""
    shoulders = [xy for name, xy in points.items() if "shoulder" in words_of(name)]
    if len(shoulders) == 2:
        width = np.hypot(*(shoulders[0] - shoulders[1]).T)
        if np.isfinite(width).any() and np.nanmedian(width) > 0:
            return float(np.nanmedian(width))
    stacked = np.stack(list(points.values()))
    seen = np.isfinite(stacked).all(axis=2).sum(axis=0) > 1
    if not seen.any():
        return 1.0
    spread = np.nanmax(stacked[:, seen], axis=0) - np.nanmin(stacked[:, seen], axis=0)
    size = float(np.nanmedian(np.hypot(*spread.T))) / 2
    return size if size > 0 else 1.0


def _openpose(folder: Path, notes: list[str]) -> dict[str, Points]:
    """People of a folder of frames, kept apart by where they were in the frame before."""
    files = sorted(
        (int(found[1]), child)
        for child in folder.iterdir()
        if (found := _FRAME.search(child.name))
    )
    first, last = files[0][0], files[-1][0]
    frames: list[list[FloatArray]] = [[] for _ in range(last - first + 1)]
    names: list[str] = []
    for number, file in files:
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            found = [
                np.array(p["pose_keypoints_2d"], dtype=float).reshape(-1, 3)
                for p in content["people"]
            ]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecordingError(
                f"{folder.name}/{file.name}: is no frame of OpenPose ({error})."
            ) from error
        for person in found:
            names = names or _names_of(len(person), file)
            person[person[:, 2] < LEAST_CONFIDENCE, :2] = np.nan
        frames[number - first] = [person[:, :2] for person in found]
    missing = len(frames) - len(files)
    if missing:
        notes.append(f"{missing} of {len(frames)} frames have no file and are missing.")
    tracks = _tracked(frames, len(names), notes)
    if not tracks:
        raise RecordingError(f"{folder.name}: no frame holds a person.")
    places = ("first", "second") if len(tracks) == 2 else [
        f"person {i + 1}" for i in range(len(tracks))
    ]  # fmt: skip
    if len(tracks) == 2:
        notes.append("The person further left in the picture is the first.")
    return {
        place: {name: track[:, i] for i, name in enumerate(names)}
        for place, track in zip(places, tracks, strict=True)
    }


def _names_of(count: int, file: Path) -> list[str]:
    for known in (_BODY_25, _COCO_18):
        if len(known) == count:
            return list(known)
    raise RecordingError(
        f"{file.name}: has {count} points; 25 (BODY_25) or 18 (COCO) are known."
    )


def _tracked(
    frames: Sequence[Sequence[FloatArray]], points: int, notes: list[str]
) -> list[FloatArray]:
    """The usual number of people, each followed by the nearest centre, from left to right."""
    from scipy.optimize import linear_sum_assignment

    counts = [len(people) for people in frames if people]
    if not counts:
        return []
    usual = int(np.bincount(counts).argmax())
    tracks = [np.full((len(frames), points, 2), np.nan) for _ in range(usual)]
    last: list[FloatArray | None] = [None] * usual
    swapped = extra = 0
    before: list[int] = []
    for t, people in enumerate(frames):
        centres = [
            np.nanmean(p, axis=0) if np.isfinite(p).any() else np.full(2, np.nan)
            for p in people
        ]
        seen = [i for i, centre in enumerate(centres) if np.isfinite(centre).all()]
        if not seen:
            continue
        extra += len(seen) > usual
        if all(place is None for place in last):
            pairs = list(enumerate(sorted(seen, key=lambda i: float(centres[i][0]))[:usual]))
        else:
            cost = np.array([
                [0.0 if place is None else float(np.hypot(*(centres[i] - place))) for i in seen]
                for place in last
            ])  # fmt: skip
            rows, columns = linear_sum_assignment(cost)
            pairs = [(int(r), seen[int(c)]) for r, c in zip(rows, columns, strict=True)]
        order = np.argsort([i for _, i in sorted(pairs)]).tolist()
        swapped += len(order) == len(before) and order != before
        before = order
        for track, i in pairs:
            tracks[track][t] = people[i]
            last[track] = centres[i]
    if swapped:
        notes.append(
            f"The people changed their order in the file {swapped} times in {len(frames)} "
            "frames; they were told apart by where they were in the frame before."
        )
    if extra:
        notes.append(f"{extra} frames hold more than {usual} people; the others were left out.")
    if usual > 1 and np.ptp([np.nanmedian(t[..., 0]) for t in tracks]) == 0:
        raise RecordingError("The people cannot be told apart by their place in the picture.")
    return sorted(tracks, key=lambda track: float(np.nanmedian(track[..., 0])))


def _table(path: Path) -> dict[str, Points]:
    """People of a DeepLabCut file, or of a table with `..._x` and `..._y`."""
    import pandas as pd

    with path.open(encoding="utf-8-sig") as file:
        head = [file.readline() for _ in range(4)]
    if head[0].lower().startswith("scorer"):
        rows = 4 if head[1].lower().startswith("individuals") else 3
        frame = pd.read_csv(path, header=list(range(rows)), index_col=0)
        columns = {}
        for key in frame.columns:
            who = str(key[1]) if rows == 4 else ""
            columns[who, str(key[-2]), str(key[-1])] = frame[key].to_numpy(float)
    else:
        frame = pd.read_csv(path, sep=None, engine="python")
        columns = {}
        for name in frame.columns:
            found = _COLUMN.match(str(name).strip())
            if found:
                who, point = _person_of(found[1])
                values = pd.to_numeric(frame[name], errors="coerce").to_numpy(float)
                columns[who, point, found[2].lower()] = values
    people: dict[str, dict[str, FloatArray]] = {}
    for who, point, what in list(columns):
        if what != "x" or (who, point, "y") not in columns:
            continue
        xy = np.stack([columns[who, point, "x"], columns[who, point, "y"]], axis=1)
        sure = next((columns[who, point, w] for w in _SURE if (who, point, w) in columns), None)
        if sure is not None:
            xy[~(sure >= LEAST_CONFIDENCE)] = np.nan
        people.setdefault(who or "person", {})[point] = xy
    return dict(people)


_SURE = ("likelihood", "confidence", "conf", "visibility", "score", "c")
_COLUMN = re.compile(rf"^(.+?)[ _.-](x|y|{'|'.join(_SURE)})$", re.IGNORECASE)


def _person_of(name: str) -> tuple[str, str]:
    """The person in a point's name, and the rest of it."""
    words = words_of(name)
    who = next((ROLE_OF_WORD[w] for w in words if w in ROLE_OF_WORD), "")
    if not who and re.match(r"(?:p|person|sub|participant)[ _]?\d", name, re.IGNORECASE):
        who = re.split(r"[ _.-]", name)[0]
        return who, name[len(who) :].strip(" _.-")
    return who, " ".join(w for w in words if w not in ROLE_OF_WORD)


def _recognises(path: Path) -> bool:
    if is_openpose_folder(path):
        return True
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16).decode("utf-8-sig", "replace").split("\n", 1)[0]
    except OSError:
        return False
    if head.lower().startswith("scorer"):
        return True
    names = [name.strip().strip('"') for name in re.split(r"[,;\t]", head)]
    found = [m for name in names if (m := _COLUMN.match(name))]
    points = {m[1] for m in found if m[2].lower() == "x"} & {
        m[1] for m in found if m[2].lower() == "y"
    }
    body = {word for part in _PARTS.values() for word in part}
    return sum(bool(body.intersection(words_of(point))) for point in points) >= 2


FORMAT = Format(
    "pose", "Tracked points of bodies: OpenPose, DeepLabCut, tables of points", (),
    _recognises, read_pose,
)  # fmt: skip
