"""Options that commands share."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bowlby.recordings.formats import ReadOptions
    from bowlby.recordings.pairing import RecordingFiles

FILES, TIMING, METHOD, OUTPUT = "Files", "Windows and lags", "Statistics", "Output"

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE...|FOLDER",
        help="A recording of two people, two files of one person each, or a folder of many.",
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        help="Sampling rate (Hz) of files that do not hold it; 29.97 is fine.",
        rich_help_panel=FILES,
    ),
]
Pairs = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|ROLE-ROLE,...",
        help="participants.tsv: which files belong together, and who is in them. Or which "
        "pairs of more than two people to measure, e.g. mother-father,mother-child.",
        rich_help_panel=FILES,
    ),
]
Corrections = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv",
        help="Corrections by hand: intervals to leave out, beats to remove, add or move; "
        "`bowlby inspect` writes what it doubts in this form.",
        rich_help_panel=FILES,
    ),
]
Breathing = Annotated[
    str | None,
    typer.Option(
        metavar="LOW-HIGH[,LOW-HIGH]",
        help="Band of breathing for RSA (Hz), one for both or one each: 0.24-1.04,0.12-0.40.",
        rich_help_panel=FILES,
    ),
]
Ages = Annotated[
    str | None,
    typer.Option(
        metavar="YEARS,YEARS",
        help="Ages of the first and the second person, which tell the band: 0.5,34.",
        rich_help_panel=FILES,
    ),
]
Phases = Annotated[
    str | None,
    typer.Option(
        metavar="FILE[#TIER]",
        help="Phases with a begin and an end: a table, ELAN or TextGrid. By default the "
        "intervals that the recordings hold themselves.",
        rich_help_panel=FILES,
    ),
]
Events = Annotated[
    str | None,
    typer.Option(
        metavar="FILE[#TIER]|recorded",
        help="Events around which synchrony is averaged: a table with time and label, ELAN, "
        "TextGrid; or `recorded` for those in the recordings.",
        rich_help_panel=FILES,
    ),
]
First = Annotated[
    str | None,
    typer.Option(
        help="Column(s) of the first person, by name or number; several are summed.",
        rich_help_panel=FILES,
    ),
]
Second = Annotated[
    str | None,
    typer.Option(help="Column(s) of the second person.", rich_help_panel=FILES),
]
Roles = Annotated[
    str | None,
    typer.Option(help="What to call the two, e.g. client,therapist.", rich_help_panel=FILES),
]
Kind = Annotated[
    str | None,
    typer.Option(
        help="Kind of the signal where the file does not say: motion, ecg, eda, ibi, dial...",
        rich_help_panel=FILES,
    ),
]
Offset = Annotated[
    float | None,
    typer.Option(
        help="Seconds added to the second file's clock, where the files do not tell; 0 if both "
        "began at the same moment.",
        rich_help_panel=FILES,
    ),
]
Sync = Annotated[
    str | None,
    typer.Option(
        metavar="LABEL|S=S,...|SIGNAL",
        help="What both devices recorded: the label of events in both files, seconds of the "
        "first = seconds of the second, e.g. 12.3=8.1,605.2=600.9, or a signal of both, as "
        "motion, which is then left out. Offset and drift follow.",
        rich_help_panel=FILES,
    ),
]
Zone = Annotated[
    str | None,
    typer.Option(
        help="Time zone of times written without one, e.g. Europe/Berlin or +02:00.",
        rich_help_panel=FILES,
    ),
]
FileFormat = Annotated[
    str | None,
    typer.Option("--format", help="File format; see `bowlby formats`.", rich_help_panel=FILES),
]
Signals = Annotated[
    str | None,
    typer.Option(
        help="Signals to measure, e.g. ibi,eda_phasic; all by default.", rich_help_panel=FILES
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(help="Processes; by default one per processor.", rich_help_panel=OUTPUT),
]
Seed = Annotated[int, typer.Option(help="Seed of everything random.", rich_help_panel=METHOD)]
Surrogates = Annotated[
    int,
    typer.Option(min=0, help="Number of surrogates; 0 for no test.", rich_help_panel=METHOD),
]

Parameters = Annotated[
    str | None,
    typer.Option(
        metavar="FILE.toml|calibrated",
        help="Numbers in place of the defaults, e.g. of `bowlby calibrate`; `calibrated` for "
        "those that come with bowlby.",
    ),
]
OwnTheory = Annotated[
    Path | None,
    typer.Option(
        "--theory", metavar="FILE.py",
        help="A theory of your own: a Python file that defines `theory = Theory(...)`.",
    ),
]  # fmt: skip
Compare = Annotated[
    bool,
    typer.Option(
        "--compare", help="Run under the default theory too, and show both in one report."
    ),
]
Ablate = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[=SHARE]",
        help="A mechanism to take away, or a share of it: oxytocin, oxytocin=0.5; may be "
        "repeated. `bowlby simulate show mechanisms` lists them.",
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE",
        help="Change one entry: client.gamma=7, therapy.sessions=20, "
        "theory.oxytocin.release=0.01; may be repeated.",
    ),
]  # fmt: skip


def split(text: str | None) -> tuple[str, ...]:
    """Parts of a comma-separated option."""
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()


def numbers(text: str, option: str) -> tuple[float, ...]:
    """Numbers of a comma-separated option."""
    try:
        return tuple(float(part) for part in split(text))
    except ValueError:
        raise ValueError(f"{option} {text!r}: give numbers, e.g. {option} 30,60.") from None


def read_options(
    rate: float | None,
    kind: str | None,
    first: str | None,
    second: str | None,
    roles: str | None,
    offset: float | None = None,
    zone: str | None = None,
    corrections: Path | None = None,
    breathing: str | None = None,
    ages: str | None = None,
    sync: str | None = None,
) -> "ReadOptions":
    """What the user says of the files, checked."""
    from bowlby.recordings.corrections import read_corrections
    from bowlby.recordings.formats import ReadOptions
    from bowlby.recordings.kinds import KINDS

    if rate is not None and not 0 < rate < float("inf"):
        raise ValueError(f"--rate {rate:g}: the sampling rate must be a positive number of Hz.")
    if kind is not None and kind not in KINDS:
        raise ValueError(f"--kind {kind!r} is not one of {', '.join(KINDS)}.")
    if bool(first) != bool(second):
        raise ValueError("--first and --second belong together: name both people's columns.")
    if sync and offset is not None:
        raise ValueError("--sync and --offset both say how the clocks lie; give one of them.")
    named = split(roles)
    if roles and len(named) != 2:
        raise ValueError(f"--roles {roles!r}: name two, e.g. --roles client,therapist.")
    return ReadOptions(
        rate_hz=rate,
        kind=kind,
        first=split(first),
        second=split(second),
        roles=(named[0], named[1]) if named else None,
        offset_s=offset,
        zone=zone,
        sync=sync,
        corrections=read_corrections(corrections) if corrections else (),
        breathing_hz=_bands(breathing, ages),
    )


def _bands(
    breathing: str | None, ages: str | None
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The two people's bands of breathing, told in Hz or by their ages."""
    from bowlby.recordings.breathing import band_of_age, check_band

    if breathing and ages:
        raise ValueError("--breathing and --ages tell the same; give one of them.")
    if ages:
        years = numbers(ages, "--ages")
        if len(years) != 2:
            raise ValueError(f"--ages {ages!r}: give both ages, e.g. --ages 0.5,34.")
        return band_of_age(years[0]), band_of_age(years[1])
    if not breathing:
        return None
    bands = []
    for part in split(breathing):
        ends = part.split("-")
        try:
            low, high = (float(end) for end in ends)
        except ValueError:
            raise ValueError(
                f"--breathing {breathing!r}: give rates in Hz, e.g. --breathing 0.24-1.04."
            ) from None
        bands.append(check_band(low, high))
    if len(bands) not in (1, 2):
        raise ValueError(f"--breathing {breathing!r}: give one band, or one for each person.")
    return bands[0], bands[-1]


def find(
    paths: list[Path], pairs: Path | None, options: "ReadOptions"
) -> tuple[tuple["RecordingFiles", ...], tuple[str, ...]]:
    """Recordings among the paths given, and files left out."""
    from bowlby.recordings.pairing import find_recordings, one_recording, pairs_of_files
    from bowlby.recordings.pose import is_openpose_folder

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise ValueError(f"{', '.join(missing)}: no such file or folder.")
    if len(paths) == 1 and paths[0].suffix.lower() == ".toml":
        return _mapped(paths[0]), ()
    if len(paths) == 1 and is_openpose_folder(paths[0]):
        return (one_recording(tuple(paths), pairs),), ()
    if len(paths) == 1 and paths[0].is_dir():
        return find_recordings(*_simulated(paths[0], pairs), options)
    if len(paths) > 2:
        return pairs_of_files(tuple(paths)), ()
    return (one_recording(tuple(paths), pairs),), ()


def which_pairs(text: str | None) -> tuple[Path | None, tuple[tuple[str, str], ...]]:
    """The table that pairs files, or the pairs of people to measure, as `--pairs` tells."""
    if text is None:
        return None, ()
    path = Path(text)
    if path.exists() or path.suffix.lower() in (".tsv", ".csv", ".txt"):
        return path, ()
    chosen: list[tuple[str, str]] = []
    for part in split(text):
        first, dash, second = part.partition("-")
        if not (dash and first and second):
            raise ValueError(
                f"--pairs {text!r}: give a file such as participants.tsv, or pairs of roles, "
                "e.g. --pairs mother-father,mother-child."
            )
        chosen.append((first, second))
    return None, tuple(chosen)


def toml_value(text: str) -> Any:
    """A value as TOML reads it; what is none is text."""
    import tomllib

    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        return text.strip()


def changes(
    set_: list[str] | None,
    ablate: list[str] | None,
    theory: Path | None,
    **given: object,
) -> dict[str, object]:
    """Changes to a course, by dotted name, that the options ask for."""
    found: dict[str, object] = {}
    for entry in set_ or ():
        key, equals, value = entry.partition("=")
        if not equals or not key.strip():
            raise ValueError(f"--set {entry}: write KEY=VALUE, e.g. client.gamma=7.")
        found[key.strip()] = toml_value(value)
    own = str(theory.resolve()) if theory else None
    options = {"theory.file": own, "ablate": ablate or None} | given
    return found | {name: value for name, value in options.items() if value is not None}


def _mapped(path: Path) -> tuple["RecordingFiles", ...]:
    """The recordings of a mapping file: one session, or every session its pattern finds."""
    from bowlby.recordings.mapping import read_mapping, study_files
    from bowlby.recordings.pairing import RecordingFiles

    told = read_mapping(path)
    if told.study is None:
        return (RecordingFiles(told.name, (path,), {"dyad": told.name, **told.labels}),)
    roles = tuple(str(role) for role in told.study["roles"])
    return tuple(
        RecordingFiles(name, files, labels, told.table.get("rate_hz"), (roles[0], roles[1]))
        for name, labels, files in study_files(told)
    )


def command_line() -> str:
    """The command as typed."""
    return shlex.join(["bowlby", *sys.argv[1:]])


def workers_for(workers: int | None, jobs: int) -> int:
    """Processes to start."""
    import os

    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(workers or most or 1, jobs))


def _simulated(folder: Path, pairs: Path | None) -> tuple[Path, Path | None]:
    """The recordings of a simulation run, where the folder is one; else the folder itself."""
    recordings = folder / "recordings"
    if not (folder / "trajectories.zarr").is_dir():
        return folder, pairs
    if not recordings.is_dir():
        raise ValueError(
            f"{folder} is a simulation without recordings. Run it again with --keep ticks "
            "--recordings 3, or as many sessions as you want to measure."
        )
    return recordings, pairs or recordings / "participants.tsv"
