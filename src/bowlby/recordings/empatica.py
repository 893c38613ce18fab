"""Empatica E4: a zip of CSV files from one person's wrist, or the folder it was unpacked to.

Nothing is unpacked to disk: the known members are read one by one, up to a stated size, so
that a hostile or broken archive costs an error message and no more.

Source: Empatica's info.txt, shipped in every E4 archive: row 1 is the start (unix s), row 2 the
rate (Hz); acceleration counts 1/64 g; IBI.csv gives, after the start, the time of each beat and
the seconds since the beat before it.
"""

import zipfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np

from bowlby._types import FloatArray
from bowlby.recordings.channel_owners import role_of_one
from bowlby.recordings.channels import beats_from_file, ibi_in_ms, motion_from_acceleration
from bowlby.recordings.formats import Format, Reading, ReadOptions
from bowlby.recordings.number_table import parse_numbers
from bowlby.recordings.plausible import checked
from bowlby.recordings.recording import Beats, Event, Partner, RecordingError, Signal

_SAMPLED = {
    "ACC.csv": ("motion", "g"),
    "BVP.csv": ("ppg", ""),
    "EDA.csv": ("eda", "uS"),
    "HR.csv": ("heart_rate", "beats/min"),
    "TEMP.csv": ("temperature", "degC"),
}
_KNOWN = (*_SAMPLED, "IBI.csv", "tags.csv")
_COUNTS_PER_G = 64.0
_MAX_MEMBERS = 1000
_MAX_MEMBER_BYTES = 200_000_000
_MAX_TOTAL_BYTES = 500_000_000
_MAX_RATIO = 200
_SMALL_BYTES = 10_000_000
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".tar", ".xz", ".bz2")
_AGAIN = "Download the session again from Empatica."


def read_empatica(path: Path, options: ReadOptions) -> Reading:
    """Read an Empatica E4 session.

    Clock zero is the earliest start among the signals; each keeps its own offset (heart rate
    starts about 10 s late). Signals that are absent are left out.

    Args:
        path: The zip file, the folder it was unpacked to, or one of its CSV files.
        options: Roles, where the file name does not tell the person's.

    Raises:
        RecordingError: If the archive is damaged, unsafe or holds no E4 signal.
    """
    if path.is_dir():
        texts = {
            member: (path / member).read_bytes()
            for member in _KNOWN
            if (path / member).is_file()
        }
    elif path.suffix.lower() == ".csv":
        texts = {path.name: path.read_bytes()}
    else:
        texts = _read_members(path)
    return _session(path, texts, options)


def _session(path: Path, texts: dict[str, bytes], options: ReadOptions) -> Reading:
    starts: dict[str, float] = {}
    tables: dict[str, tuple[FloatArray, float]] = {}
    for member in (name for name in _SAMPLED if name in texts):
        start, rate_hz, rows = _sampled(path, member, texts[member])
        if len(rows):
            starts[member], tables[member] = start, (rows, rate_hz)
    beats = _beats(path, texts["IBI.csv"]) if "IBI.csv" in texts else None
    if beats is not None:
        starts["IBI.csv"] = beats[0]
    if not starts:
        raise RecordingError(
            f"{path.name}: holds none of {', '.join(_SAMPLED)} and IBI.csv with data: not an "
            f"Empatica E4 session. {_AGAIN}"
        )
    zero = min(starts.values())
    signals: dict[str, Signal | Beats] = {}
    left_out: list[str] = []
    for member, (rows, rate_hz) in tables.items():
        kind, unit = _SAMPLED[member]
        is_motion = member == "ACC.csv"
        values = motion_from_acceleration(rows) / _COUNTS_PER_G if is_motion else rows[:, 0]
        raw = Signal(kind, values, rate_hz, unit, starts[member] - zero)
        try:
            signals[kind] = checked(raw, label=member, where=f"{path.name}, {member}")
        except RecordingError as error:
            left_out.append(str(error))
    if beats is not None:
        start, times_s, ibi_s = beats
        signals["ibi"] = beats_from_file(
            times_s + (start - zero), ibi_in_ms(ibi_s, "s"), where=f"{path.name}, IBI.csv"
        )
    if not signals:
        raise RecordingError(left_out[0])
    events = _tags(path, texts.get("tags.csv", b""), zero)
    role = role_of_one(path, options)
    return Reading((Partner(role, signals),), events, zero, left_out=tuple(left_out))


def _sampled(path: Path, member: str, text: bytes) -> tuple[float, float, FloatArray]:
    """Start (unix s), rate (Hz) and rows of a sampled member."""
    columns = 3 if member == "ACC.csv" else 1
    table = _numbers(path, member, text, columns=columns)
    if len(table) < 2:
        raise RecordingError(
            f"{path.name}, {member}: row 1 must be the start and row 2 the rate; the file has "
            f"{len(table)} rows. {_AGAIN}"
        )
    start, rate_hz = float(table[0, 0]), float(table[1, 0])
    _check_start(path, member, start)
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise RecordingError(
            f"{path.name}, {member}: row 2 gives a rate of {rate_hz} Hz. {_AGAIN}"
        )
    return start, rate_hz, table[2:]


def _beats(path: Path, text: bytes) -> tuple[float, FloatArray, FloatArray] | None:
    """Start (unix s), beat times (s after it) and intervals (s); None if there are none."""
    first = text.replace(b"\r\n", b"\n").split(b"\n", 1)[0]
    if not first.strip():
        return None
    # A first cell without text is no start either.
    (start,) = _numbers(path, "IBI.csv", first.split(b",")[0] or b"-", columns=1)[:, 0]
    _check_start(path, "IBI.csv", float(start))
    table = _numbers(path, "IBI.csv", text, columns=2, skip_lines=1)
    if not len(table):
        return None
    return float(start), table[:, 0], table[:, 1]


def _tags(path: Path, text: bytes, zero: float) -> tuple[Event, ...]:
    if not text.strip():
        return ()
    times = np.sort(_numbers(path, "tags.csv", text, columns=1)[:, 0])
    return tuple(Event(float(time) - zero, 0.0, f"tag {i + 1}") for i, time in enumerate(times))


def _check_start(path: Path, member: str, start: float) -> None:
    # 1990 to 2100: anything else is not a time on an E4's clock.
    if not 6.3e8 < start < 4.2e9:
        raise RecordingError(
            f"{path.name}, {member}: row 1 reads {start:g}; the start in unix seconds belongs "
            "there. "
            f"{_AGAIN}"
        )


def _numbers(
    path: Path, member: str, text: bytes, *, columns: int, skip_lines: int = 0
) -> FloatArray:
    return parse_numbers(
        text,
        separator=",",
        columns=columns,
        where=f"{path.name}, {member}",
        skip_lines=skip_lines,
    )


def _read_members(path: Path) -> dict[str, bytes]:
    """Contents of the known members, after the archive has been found safe."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = _safe_members(path, archive.infolist())
            return {
                name: _bounded_read(path, archive, member) for name, member in members.items()
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
        OverflowError,
    ) as error:
        if isinstance(error, RecordingError):
            raise
        raise RecordingError(
            f"{path.name}: the zip file is damaged or cut off ({error}). {_AGAIN}"
        ) from error


def _safe_members(path: Path, members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    if len(members) > _MAX_MEMBERS:
        raise _unsafe(path, f"it holds {len(members)} files; an E4 session has about ten")
    for member in members:
        _check_member(path, member)
    total = sum(member.file_size for member in members)
    if total > _MAX_TOTAL_BYTES:
        raise _unsafe(path, f"it unpacks to {total / 1e6:.0f} MB")
    found: dict[str, zipfile.ZipInfo] = {}
    folders: set[str] = set()
    for member in members:
        parts = PurePosixPath(member.filename).parts
        if len(parts) > 2 or not parts or parts[-1] not in _KNOWN or parts[0] == "__MACOSX":
            continue
        if parts[-1] in found:
            raise _unsafe(path, f"it holds {parts[-1]} twice; one session to a file is wanted")
        found[parts[-1]] = member
        folders.add(parts[0] if len(parts) == 2 else "")
    if len(folders) > 1:
        raise _unsafe(
            path, "its signals lie in several folders; one session to a file is wanted"
        )
    return found


def _check_member(path: Path, member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name or ".." in PurePosixPath(name).parts:
        raise _unsafe(path, f"the name {member.filename!r} points outside the archive")
    if member.flag_bits & 0x1:
        raise _unsafe(path, f"{member.filename} is encrypted; remove the password")
    if name.lower().endswith(_ARCHIVES):
        raise _unsafe(
            path,
            f"it holds another archive ({member.filename}); unpack it and give the inner one",
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _unsafe(path, f"{member.filename} is packed with an unusual method")
    _check_bytes(path, member, member.file_size)


def _check_bytes(path: Path, member: zipfile.ZipInfo, n_bytes: int) -> None:
    if n_bytes > _MAX_MEMBER_BYTES:
        raise _unsafe(
            path, f"{member.filename} unpacks to over {_MAX_MEMBER_BYTES // 10**6} MB"
        )
    if n_bytes > _SMALL_BYTES and n_bytes > _MAX_RATIO * member.compress_size:
        raise _unsafe(
            path, f"{member.filename} unpacks to over {_MAX_RATIO} times its packed size"
        )


def _bounded_read(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    # The directory's sizes may lie, so what comes out is counted too.
    with archive.open(member) as file:
        data = file.read(_MAX_MEMBER_BYTES + 1)
    _check_bytes(path, member, len(data))
    return data


def _unsafe(path: Path, reason: str) -> RecordingError:
    return RecordingError(
        f"{path.name}: not read, because {reason}. Give the zip file as Empatica made it."
    )


def is_member(path: Path) -> bool:
    """True for a single file of an E4 session: start in line 1, rate in line 2."""
    if path.name not in _SAMPLED and path.name != "IBI.csv":
        return False
    try:
        with path.open("rb") as file:
            lines = file.read(200).replace(b"\r", b"").split(b"\n")
        start = float(lines[0].split(b",")[0])
        is_ibi = path.name == "IBI.csv" and b"ibi" in lines[0].lower()
        return 6.3e8 < start < 4.2e9 and (is_ibi or 0 < float(lines[1].split(b",")[0]) <= 256)
    except (OSError, ValueError, IndexError):
        return False


def is_session_folder(path: Path) -> bool:
    """True for a folder that an E4 archive was unpacked to."""
    return path.is_dir() and sum(is_member(path / name) for name in _KNOWN) > 0


def _recognises(path: Path) -> bool:
    if path.is_dir():
        return is_session_folder(path)
    if path.suffix.lower() == ".csv":
        return is_member(path)
    if not path.name.lower().endswith(".zip"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = {PurePosixPath(name).name for name in archive.namelist()}
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, OverflowError):
        # A table zipped alone is a table; of any other damaged archive the E4's reader tells.
        return not path.name.lower().endswith((".csv.zip", ".txt.zip", ".tsv.zip"))
    return not names.isdisjoint(_KNOWN)


FORMAT = Format("empatica", "Empatica E4 sessions", (".zip",), _recognises, read_empatica)
