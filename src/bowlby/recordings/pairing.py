"""Which files of a study belong together, and what is known of the people in them."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bowlby.recordings.channel_words import ROLE_OF_WORD
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.reading import FORMATS, stem
from bowlby.recordings.recording import RecordingError

_NOT_RECORDINGS = re.compile(
    r"^(readme|license|licence|citation|changelog|participants|dataset_description)\b", re.I
)
_FILE_COLUMNS = ("recording", "file", "first_file", "second_file", "rate_hz")


@dataclass(frozen=True)
class RecordingFiles:
    """Files of one recording.

    Attributes:
        name: The recording's name.
        paths: One file of two people, or the first and the second person's files.
        labels: What is known of it, such as dyad, session, group, outcome.
        rate_hz: Sampling rate if participants.tsv gives one (Hz).
    """

    name: str
    paths: tuple[Path, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    rate_hz: float | None = None


def one_recording(paths: tuple[Path, ...], pairs: Path | None = None) -> RecordingFiles:
    """One recording given by its file or files, with its row of participants.tsv if any."""
    name = stem(paths[0])
    if pairs is not None:
        for row in _rows(pairs):
            if name in (row["recording"], stem(Path(row["file"] or "-"))):
                return RecordingFiles(name, paths, _labels(row), _rate(row, pairs))
    return RecordingFiles(name, paths, _labels_from_name(name))


def find_recordings(
    folder: Path, pairs: Path | None = None, options: ReadOptions | None = None
) -> tuple[tuple[RecordingFiles, ...], tuple[str, ...]]:
    """Find the recordings of a study.

    A folder is searched through all its sub-folders. Files of one person each belong together
    by participants.tsv, or by names that differ in the role only (`s01_client.rr`,
    `s01_therapist.rr`) or in the participant (`sub-d01p01`, `sub-d01p02`).

    Args:
        folder: The study.
        pairs: participants.tsv, by default the one in the folder.
        options: `roles` put the files of a pair in order.

    Returns:
        The recordings in order of their names, and files left out with the reason.

    Raises:
        RecordingError: If nothing is found or participants.tsv does not fit the files.
    """
    pairs = pairs or next(
        (p for p in (folder / "participants.tsv", folder / "participants.csv") if p.is_file()),
        None,
    )
    known = tuple(suffix for f in FORMATS for suffix in f.suffixes)
    files, skipped = [], []
    for path in _searched(folder):
        if path.name.lower().endswith(known):
            files.append(path)
        elif not path.name.lower().endswith(".json"):
            skipped.append(f"{path.relative_to(folder)}: unknown kind of file")
    if not files:
        raise RecordingError(
            f"{folder}: no recordings found. Files that can be read end in "
            f"{', '.join(sorted(set(known)))}."
        )
    listed = pairs is not None and _listed(pairs, folder, files)
    found = listed or _by_names(folder, files, options or ReadOptions())
    if listed:
        used = {path for recording in found for path in recording.paths}
        skipped += [f"{p.relative_to(folder)}: not in {pairs.name}" for p in files
                    if p not in used and pairs is not None]  # fmt: skip
    return _distinct(found), tuple(skipped)


def _searched(folder: Path) -> list[Path]:
    """Files below a folder, without hidden ones and without what bowlby wrote."""
    found = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts) or not path.is_file():
            continue
        above = [folder.joinpath(*parts[:i]) for i in range(len(parts))]
        if any((parent / "run.json").is_file() for parent in above):
            continue
        if not _NOT_RECORDINGS.match(path.name):
            found.append(path)
    return found


def _by_names(
    folder: Path, files: Sequence[Path], options: ReadOptions
) -> tuple[RecordingFiles, ...]:
    """Pair files whose names differ only in who is in them; others stand alone."""
    groups: dict[tuple[Path, str, str], list[tuple[str, Path]]] = {}
    for path in files:
        name, who = _without_person(stem(path))
        key = (path.parent, name, "" if who else str(path))
        groups.setdefault(key, []).append((who, path))
    found = []
    for (_, name, _), members in groups.items():
        if len(members) == 2 and members[0][0] != members[1][0]:
            ordered = sorted(members, key=lambda m: _rank(m[0], options.roles))
            parts = [(name, tuple(path for _, path in ordered))]
        else:
            parts = [(stem(path), (path,)) for _, path in members]
        for label, paths in parts:
            labels = _labels_from_name(label)
            if paths[0].parent != folder:
                labels["group"] = paths[0].parent.name
            found.append(RecordingFiles(label, paths, labels))
    if len({recording.labels.get("group") for recording in found}) == 1:
        found = [
            RecordingFiles(r.name, r.paths, {k: v for k, v in r.labels.items() if k != "group"})
            for r in found
        ]
    return tuple(found)


def _without_person(name: str) -> tuple[str, str]:
    """A file's name without the word that says whose it is, and that word."""
    bids = re.match(r"(.*sub-[A-Za-z0-9]*?)(p\d+)(.*)$", name)
    if bids:
        return bids[1] + bids[3], bids[2]
    words = re.split(r"([_\-. ]+)", name)
    for i, word in enumerate(words):
        if word.lower() in ROLE_OF_WORD:
            rest = words[: max(i - 1, 0)] + words[i + 1 :] if i else words[2:]
            return "".join(rest) or name, ROLE_OF_WORD[word.lower()]
    return name, ""


def _rank(who: str, roles: tuple[str, str] | None) -> tuple[int, str]:
    order = roles or ("client", "patient", "infant", "child", "first")
    return (order.index(who) if who in order else len(order), who)


def _labels_from_name(name: str) -> dict[str, str]:
    """Dyad and session of names such as `200_01`."""
    found = re.fullmatch(r"(.+)[_-](?:s|ses|session)?-?(\d+)", name)
    return {"dyad": found[1], "session": found[2]} if found else {"dyad": name}


def _rows(pairs: Path) -> list[dict[str, str]]:
    """Rows of participants.tsv, with their line and without blanks."""
    try:
        text = pairs.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{pairs}: cannot be read as text ({error}).") from error
    if not text.strip():
        raise RecordingError(f"{pairs.name}: the file is empty.")
    delimiter = "\t" if "\t" in text.splitlines()[0] else ","
    rows = csv.DictReader(text.splitlines(), delimiter=delimiter)
    if not rows.fieldnames:
        raise RecordingError(f"{pairs.name}: no header.")
    blank = dict.fromkeys((*_FILE_COLUMNS, "participant_id", "role", "line"), "")
    return [
        {**blank, **{k.strip(): (v or "").strip() for k, v in row.items() if k},
         "line": str(number)}
        for number, row in enumerate(rows, start=2)
    ]  # fmt: skip


def _listed(pairs: Path, folder: Path, files: Sequence[Path]) -> tuple[RecordingFiles, ...]:
    """Recordings as participants.tsv lists them; none if it is about people only."""
    rows = _rows(pairs)
    if any(row["recording"] or row["file"] or row["first_file"] for row in rows):
        return tuple(_from_row(row, pairs, folder, files) for row in rows)
    if all(row["participant_id"] and row.get("dyad") for row in rows):
        return _from_people(rows, pairs, files)
    raise RecordingError(
        f"{pairs.name}: needs a column `recording` or `file`, or `first_file` and "
        "`second_file`, or `participant_id` with `dyad`."
    )


def _from_row(
    row: Mapping[str, str], pairs: Path, folder: Path, files: Sequence[Path]
) -> RecordingFiles:
    where = f"{pairs.name}, line {row['line']}"
    if row["first_file"]:
        names = (row["first_file"], row["second_file"])
    else:
        names = (row["file"] or row["recording"],)
    paths = tuple(_file(name, where, folder, files) for name in names)
    name = row["recording"] or stem(paths[0])
    return RecordingFiles(name, paths, _labels(row), _rate(row, pairs))


def _file(name: str, where: str, folder: Path, files: Sequence[Path]) -> Path:
    if name and (folder / name).is_file():
        return folder / name
    matches = [p for p in files if name in (p.name, stem(p))]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise RecordingError(f"{where}: there is no file {name!r} in {folder}.")
    raise RecordingError(
        f"{where}: {name!r} fits {len(matches)} files; give the path from the study's folder."
    )


def _from_people(
    rows: Sequence[Mapping[str, str]], pairs: Path, files: Sequence[Path]
) -> tuple[RecordingFiles, ...]:
    """One recording per dyad and run, from a BIDS participants.tsv with one row a person."""
    dyads: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        dyads.setdefault(row["dyad"], []).append(row)
    found = []
    for dyad, people in dyads.items():
        if len(people) != 2:
            raise RecordingError(
                f"{pairs.name}, line {people[0]['line']}: dyad {dyad!r} has {len(people)} "
                "participant(s); two are needed."
            )
        mine = [
            sorted(p for p in files if p.name.startswith(f"{person['participant_id']}_"))
            for person in people
        ]
        if not mine[0] or len(mine[0]) != len(mine[1]):
            raise RecordingError(
                f"{pairs.name}, line {people[0]['line']}: dyad {dyad!r} has {len(mine[0])} and "
                f"{len(mine[1])} files of its two participants."
            )
        labels = {k: v for k, v in _labels(people[0]).items() if k != "sex"} | {"dyad": dyad}
        people_labels = {
            "first_person": people[0]["participant_id"],
            "second_person": people[1]["participant_id"],
        }
        for first, second in zip(*mine, strict=True):
            run = stem(first).removeprefix(people[0]["participant_id"] + "_")
            run = run.removesuffix("_physio").removesuffix("physio")
            name = f"{dyad}_{run}".rstrip("_")
            found.append(RecordingFiles(name, (first, second), labels | people_labels))
    return tuple(found)


def _labels(row: Mapping[str, str]) -> dict[str, str]:
    hidden = (*_FILE_COLUMNS, "participant_id", "role", "line")
    return {key: value for key, value in row.items() if key not in hidden and value}


def _rate(row: Mapping[str, str], pairs: Path) -> float | None:
    if not row["rate_hz"]:
        return None
    try:
        rate_hz = float(row["rate_hz"])
    except ValueError:
        rate_hz = 0.0
    if not 0 < rate_hz < float("inf"):
        raise RecordingError(
            f"{pairs.name}, line {row['line']}: rate_hz {row['rate_hz']!r} must be a positive "
            "number of Hz."
        )
    return rate_hz


def _distinct(found: Sequence[RecordingFiles]) -> tuple[RecordingFiles, ...]:
    """Recordings in order of name; equal names get their folder's name in front."""
    names = [recording.name for recording in found]
    return tuple(
        sorted(
            (
                RecordingFiles(
                    f"{r.paths[0].parent.name}_{r.name}" if names.count(r.name) > 1 else r.name,
                    r.paths,
                    r.labels,
                    r.rate_hz,
                )
                for r in found
            ),
            key=lambda recording: recording.name,
        )
    )
