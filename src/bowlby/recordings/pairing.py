"""Which files of a study belong together, and what is known of the people in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from bowlby.recordings.channel_words import ROLE_OF_WORD
from bowlby.recordings.first_names import are_two_people
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.participants import labels_of, pairs_people, rate_of, rows_of
from bowlby.recordings.reading import FORMATS, stem
from bowlby.recordings.recording import RecordingError
from bowlby.recordings.sessions import is_person_folder, people_folders

_NOT_RECORDINGS = re.compile(
    r"(readme|licen[cs]e|citation|changelog)"
    r"|(participants|dataset_description)\.|.*_(events|scans|sessions|channels)\.tsv$"
    r"|.*_(events|phases)\.csv$",
    re.IGNORECASE,
)
_BIDS_PERSON = re.compile(r"(sub-[A-Za-z0-9]*?\d)(p\d+)(?![A-Za-z0-9])")


@dataclass(frozen=True)
class RecordingFiles:
    """Files of one recording.

    Attributes:
        name: The recording's name.
        paths: One file of two people, or the first and the second person's files.
        labels: What is known of it, such as dyad, session, group, outcome.
        rate_hz: Sampling rate if participants.tsv gives one (Hz).
        roles: Roles of the two people, in the order of `paths`, if participants.tsv gives them.
    """

    name: str
    paths: tuple[Path, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    rate_hz: float | None = None
    roles: tuple[str, str] | None = None


def one_recording(paths: tuple[Path, ...], pairs: Path | None = None) -> RecordingFiles:
    """One recording given by its file or files, with its row of participants.tsv if any."""
    name = stem(paths[0])
    if pairs is not None:
        for row in rows_of(pairs):
            file = row["file"] or row["first_file"] or "-"
            if name in (row["recording"], stem(Path(file))):
                labels = _labels_from_name(name) | labels_of(row)
                return RecordingFiles(name, paths, labels, rate_of(row, pairs))
    return RecordingFiles(name, paths, _labels_from_name(name))


def pairs_of_files(paths: tuple[Path, ...]) -> tuple[RecordingFiles, ...]:
    """Every pair of several people's files: a family or a group, a file each.

    Raises:
        RecordingError: If the files do not tell the people apart.
    """
    people = [_without_person(stem(path))[1] or stem(path) for path in paths]
    if len(set(people)) < len(people):
        people = [stem(path) for path in paths]
    if len(set(people)) < len(people):
        people = [path.resolve().parent.name for path in paths]
    if len(set(people)) < len(people):
        raise RecordingError(
            f"{len(paths)} files of {', '.join(people)}: the names do not tell the people "
            "apart. Name each file after its person."
        )
    group = _without_person(stem(paths[0]))[0] or paths[0].resolve().parent.name
    return tuple(
        RecordingFiles(
            f"{group}_{first}-{second}", (paths[i], paths[j]),
            {"dyad": group, "pair": f"{first}-{second}"}, roles=(first, second),
        )
        for (i, first), (j, second) in combinations(enumerate(people), 2)
    )  # fmt: skip


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
    if not folder.is_dir():
        problem = "is a file; a folder is needed here" if folder.exists() else "no such folder"
        raise RecordingError(f"{folder}: {problem}.")
    if pairs is None:
        usual = (folder / "participants.tsv", folder / "participants.csv")
        # In a BIDS data set it often describes people only; their files' names then pair them.
        pairs = next((p for p in usual if p.is_file() and pairs_people(p)), None)
    known = tuple(suffix for f in FORMATS for suffix in f.suffixes)
    sessions = _sessions(folder, known) if pairs is None else ()
    inside = [path for session in sessions for path in session.paths]
    files, skipped = [], []
    for path in _searched(folder):
        if any(path.is_relative_to(person) for person in inside) or any(
            path.parent == session.paths[0].parent for session in sessions
        ):
            continue
        if pairs is not None and path.resolve() == pairs.resolve():
            continue
        if path.name.lower().endswith(known):
            files.append(path)
        elif not path.name.lower().endswith(".json"):
            skipped.append(f"{path.relative_to(folder)}: unknown kind of file")
    if sessions and not files:
        return _distinct(sessions, folder), tuple(skipped)
    if pairs is None and is_person_folder(folder, known):
        raise RecordingError(
            f"{folder}: holds one person's files. Give the other person's folder too, e.g. "
            f"bowlby measure {folder} OTHER_FOLDER."
        )
    if not files:
        raise RecordingError(
            f"{folder}: no recordings found. Files that can be read end in "
            f"{', '.join(sorted(set(known)))}."
        )
    options = options or ReadOptions()
    if pairs is None:
        found = (*sessions, *_by_first_names(_by_names(folder, files, options), options))
    else:
        found = _listed(pairs, folder, files, options)
        used = {path for recording in found for path in recording.paths}
        skipped += [
            f"{path.relative_to(folder)}: not in {pairs.name}"
            for path in files
            if path not in used
        ]
    return _distinct(found, folder), tuple(skipped)


def _sessions(folder: Path, suffixes: tuple[str, ...]) -> tuple[RecordingFiles, ...]:
    """Sessions in which every person has a folder of their own; a recording of every pair."""
    found = []
    below = [path for path in folder.rglob("*") if path.is_dir()]
    for place in [folder, *sorted(below)]:
        if any(part.startswith(".") for part in place.relative_to(folder).parts):
            continue
        people = people_folders(place, suffixes)
        pairs = list(combinations(people, 2))
        for first, second in pairs:
            name = place.resolve().name
            if len(pairs) > 1:
                name = f"{name}_{first.name}-{second.name}"
            labels = {"dyad": place.resolve().name}
            if len(pairs) > 1:
                labels["pair"] = f"{first.name}-{second.name}"
            found.append(RecordingFiles(name, (first, second), labels))
    return tuple(found)


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
    members: dict[tuple[str, str, str], list[tuple[str, Path]]] = {}
    for path in files:
        name, who = _without_person(stem(path))
        place = _BIDS_PERSON.sub(r"\1", path.relative_to(folder).parent.as_posix())
        key = (place, name, "" if who else str(path))
        members.setdefault(key, []).append((who, path))
    found: list[RecordingFiles] = []
    folders: list[Path] = []
    for (_, name, _), people in members.items():
        if len(people) == 2 and people[0][0] != people[1][0]:
            ordered = sorted(people, key=lambda one: _rank(one[0], options.roles))
            pair = tuple(path for _, path in ordered)
            # `client.rr` and `therapist.rr` are named by their folder.
            name, above = (name, 0) if name else (pair[0].parent.name, 1)
            parts = [(name, pair, above)]
        else:
            parts = [(stem(path), (path,), 0) for _, path in people]
        for label, paths, above in parts:
            found.append(RecordingFiles(label, paths, _labels_from_name(label)))
            folders.append([paths[0].parent, *paths[0].parent.parents][above])
    return _grouped_by_folder(folder, found, folders)


def _by_first_names(
    found: Sequence[RecordingFiles], options: ReadOptions
) -> tuple[RecordingFiles, ...]:
    """Join two files named by a person each, `anna.csv` and `ben.csv`, alone in their folder.

    Two couples may be named like that too: only if the files hold a person each, and can be
    put on one clock.
    """
    alone: dict[Path, list[RecordingFiles]] = {}
    for recording in found:
        alone.setdefault(recording.paths[0].parent, []).append(recording)
    made: list[RecordingFiles] = []
    for folder, inside in alone.items():
        paths = tuple(path for recording in inside for path in recording.paths)
        if len(inside) == len(paths) == 2 and are_two_people(paths, options):
            name, labels = folder.resolve().name, dict(inside[0].labels)
            labels |= _labels_from_name(name)
            made.append(
                replace(
                    inside[0], name=name, paths=paths, labels=labels,
                    roles=(stem(paths[0]).lower(), stem(paths[1]).lower()),
                )
            )  # fmt: skip
        else:
            made += inside
    return tuple(made)


def _grouped_by_folder(
    folder: Path, found: Sequence[RecordingFiles], folders: Sequence[Path]
) -> tuple[RecordingFiles, ...]:
    """Add the label `group` where recordings lie in several folders, such as one a condition.

    Folders of one person or session (`sub-01`, `ses-1`) are no groups.
    """
    groups = set(folders)
    bids = any(re.match(r"(sub|ses)-", part) for f in groups for part in f.parts)
    if len(groups) < 2 or folder in groups or bids:
        return tuple(found)
    return tuple(
        replace(recording, labels={**recording.labels, "group": group.name})
        for recording, group in zip(found, folders, strict=True)
    )


def _without_person(name: str) -> tuple[str, str]:
    """A file's name without the word that says whose it is, and that word."""
    bids = _BIDS_PERSON.search(name)
    if bids:
        return _BIDS_PERSON.sub(r"\1", name), bids[2]
    words = re.split(r"([_\-. ]+)", name)
    for i, word in enumerate(words):
        if word.lower() in ROLE_OF_WORD:
            rest = words[: max(i - 1, 0)] + words[i + 1 :] if i else words[2:]
            return "".join(rest), ROLE_OF_WORD[word.lower()]
    return name, ""


def _rank(who: str, roles: tuple[str, str] | None) -> tuple[int, str]:
    order = roles or ("client", "patient", "infant", "baby", "child", "first")
    lower = [role.lower() for role in order]
    return (lower.index(who.lower()) if who.lower() in lower else len(order), who)


def _labels_from_name(name: str) -> dict[str, str]:
    """Dyad and session of names such as `200_01`."""
    # `dyad-01` is a dyad, not session 1 of one called "dyad": the dyad's part has a digit.
    found = re.fullmatch(r"(.*\d.*?)[_-](?:s|ses|session)?-?(\d+)", name)
    return {"dyad": found[1], "session": found[2]} if found else {"dyad": name}


def _listed(
    pairs: Path, folder: Path, files: Sequence[Path], options: ReadOptions
) -> tuple[RecordingFiles, ...]:
    """Recordings as participants.tsv lists them."""
    rows = rows_of(pairs)
    columns = ("recording", "file", "first_file", "second_file")
    if any(row[column] for row in rows for column in columns):
        found = tuple(_from_row(row, pairs, folder, files, options) for row in rows)
        _check_once(found, rows, pairs)
        return found
    if all(row["participant_id"] for row in rows) and any(row["dyad"] for row in rows):
        return _from_people([row for row in rows if row["dyad"]], pairs, files, options)
    raise RecordingError(
        f"{pairs.name}: needs a column `recording` or `file`, or `first_file` and "
        "`second_file`, or `participant_id` with `dyad`."
    )


def _check_once(
    found: Sequence[RecordingFiles], rows: Sequence[Mapping[str, str]], pairs: Path
) -> None:
    """Refuse a file listed twice: it would count as two recordings or as both people."""
    line_of: dict[Path, str] = {}
    for recording, row in zip(found, rows, strict=True):
        for path in recording.paths:
            if path in line_of:
                raise RecordingError(
                    f"{pairs.name}, line {row['line']}: {path.name!r} is listed already, in "
                    f"line {line_of[path]}. List every file once."
                )
            line_of[path] = row["line"]


def _from_row(
    row: Mapping[str, str],
    pairs: Path,
    folder: Path,
    files: Sequence[Path],
    options: ReadOptions,
) -> RecordingFiles:
    where = f"{pairs.name}, line {row['line']}"
    rate_hz = rate_of(row, pairs)
    if row["first_file"] or row["second_file"]:
        names = (row["first_file"], row["second_file"])
    else:
        names = (row["file"] or row["recording"],)
        for pair in _by_names(folder, files, options):
            # The name that two people's files share stands for both.
            if len(pair.paths) == 2 and pair.name == names[0]:
                labels = dict(pair.labels) | labels_of(row)
                return replace(pair, labels=labels, rate_hz=rate_hz)
    paths = tuple(_file(name, where, folder, files) for name in names)
    name = row["recording"] or stem(paths[0])
    return RecordingFiles(name, paths, _labels_from_name(name) | labels_of(row), rate_hz)


def _file(name: str, where: str, folder: Path, files: Sequence[Path]) -> Path:
    if not name:
        raise RecordingError(
            f"{where}: names no file. Fill in `file`, or `first_file` and `second_file`."
        )
    try:
        is_file = (folder / name).is_file()
    except OSError:  # A name too long to be one.
        is_file = False
    if is_file:
        return folder / name
    matches = [p for p in files if name in (p.name, stem(p))]
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise RecordingError(f"{where}: there is no file {name[:80]!r} in {folder}.")
    raise RecordingError(
        f"{where}: {name!r} fits {len(matches)} files; give the path from the study's folder."
    )


def _from_people(
    rows: Sequence[Mapping[str, str]],
    pairs: Path,
    files: Sequence[Path],
    options: ReadOptions,
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
        # One order for all dyads, or the sign of the lag would change from dyad to dyad.
        people.sort(key=lambda person: _rank(person["role"], options.roles))
        roles = people[0]["role"], people[1]["role"]
        mine = [_runs(person["participant_id"], files) for person in people]
        if not mine[0] or mine[0].keys() != mine[1].keys():
            counts = f"{len(mine[0])} and {len(mine[1])} files"
            alone = sorted(mine[0].keys() ^ mine[1].keys())
            raise RecordingError(
                f"{pairs.name}, line {people[0]['line']}: dyad {dyad!r} has {counts} of its "
                f"two participants, without a partner: {', '.join(alone) or 'any'}. Both need "
                "files that differ in the participant only."
            )
        both = [labels_of(person) for person in people]
        # What differs between the two, such as age, is said of a person, not of the recording.
        labels = {k: v for k, v in both[0].items() if both[1].get(k) == v}
        people_labels = {
            "first_person": people[0]["participant_id"],
            "second_person": people[1]["participant_id"],
        }
        for run in sorted(mine[0]):
            first, second = mine[0][run], mine[1][run]
            name = f"{dyad}_{run.removesuffix('physio')}".rstrip("_")
            session = re.search(r"(?:^|_)ses-([A-Za-z0-9]+)", run)
            if session:
                labels = labels | {"session": session[1]}
            found.append(
                RecordingFiles(
                    name,
                    (first, second),
                    labels | people_labels,
                    rate_of(people[0], pairs),
                    roles if all(roles) and roles[0] != roles[1] else None,
                )
            )
    return tuple(found)


def _runs(participant: str, files: Sequence[Path]) -> dict[str, Path]:
    """A participant's files by what their names say beyond the participant."""
    mine = [path for path in files if path.name.startswith(f"{participant}_")]
    return {stem(path).removeprefix(f"{participant}_"): path for path in mine}


def _distinct(found: Sequence[RecordingFiles], folder: Path) -> tuple[RecordingFiles, ...]:
    """Recordings in order of name; equal names get their folder's name in front.

    Where that does not tell them apart, the path within the study does.
    """
    names = [recording.name for recording in found]
    for longer in (_with_folder, _with_path):
        twice = {name for name in names if names.count(name) > 1}
        names = [
            longer(recording, folder) if name in twice else name
            for name, recording in zip(names, found, strict=True)
        ]
    again = next((name for name in names if names.count(name) > 1), None)
    if again is not None:
        raise RecordingError(f"{folder}: two recordings are named {again!r}. Rename one file.")
    named = [replace(r, name=name) for r, name in zip(found, names, strict=True)]
    return tuple(sorted(named, key=lambda recording: recording.name))


def _with_folder(recording: RecordingFiles, _: Path) -> str:
    return f"{recording.paths[0].parent.name}_{recording.name}"


def _with_path(recording: RecordingFiles, folder: Path) -> str:
    path = recording.paths[0]
    inside = path.relative_to(folder) if path.is_relative_to(folder) else path
    return "_".join(part for part in inside.parts if part != inside.anchor)
