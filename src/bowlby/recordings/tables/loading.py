"""Bytes of a text file: unpacked, in UTF-8, every line end a single newline."""

import bz2
import codecs
import gzip
import lzma
import re
import zipfile
import zlib
from pathlib import Path

from bowlby.recordings.recording import RecordingError

MAX_BYTES = 1_000_000_000
HEAD_BYTES = 262_144
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1b]")
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".tar", ".xz", ".bz2")


def load_bytes(path: Path) -> bytes:
    """A text file's content in UTF-8 with plain newlines.

    Raises:
        RecordingError: If it is empty, binary, damaged or too large once unpacked.
    """
    check_size(path)
    data = _unpacked(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large(path, len(data))
    return as_plain_text(path, data, is_whole=True)


def load_text(path: Path) -> str:
    """A whole text file as text; errors as `load_bytes`."""
    return load_bytes(path).decode("utf-8", "replace")


def check_size(path: Path) -> None:
    """Refuse a file that is too large to be read, and say what it would take.

    Raises:
        RecordingError: If it is.
    """
    try:
        size = path.stat().st_size
    except OSError:
        return  # Opening it says why.
    if size > MAX_BYTES:
        raise _too_large(path, size)


def _too_large(path: Path, size: int) -> RecordingError:
    # About three times the text is held at once while it is read.
    return RecordingError(
        f"{path.name}: holds {size / 1e9:.1f} GB of text or more; reading it would take about "
        f"{3 * size / 1e9:.0f} GB of memory. Cut it into sessions, or save it as Parquet."
    )


def _unpacked(path: Path, most: int) -> bytes:
    """The first bytes of a file, unpacked; a small packed file may hold terabytes."""
    ending = path.suffix.lower()
    try:
        if ending == ".zip":
            return _zipped(path, most)
        opened = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}.get(ending)
        with opened(path) if opened else path.open("rb") as file:
            return file.read(most)
    except (
        EOFError,
        zlib.error,
        gzip.BadGzipFile,
        lzma.LZMAError,
        zipfile.BadZipFile,
    ) as error:
        raise RecordingError(
            f"{path.name}: the {ending[1:] + 'ip' if ending == '.gz' else ending[1:]} file is "
            f"damaged ({error}). Copy it again."
        ) from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read ({error.strerror or error}).") from error


def _zipped(path: Path, most: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.infolist() if _is_content(m.filename)]
        names = ", ".join(member.filename for member in members[:5])
        inner = next((m for m in members if m.filename.lower().endswith(_ARCHIVES)), None)
        if inner is not None:
            raise RecordingError(
                f"{path.name}: holds another archive ({inner.filename}). Unpack both, and give "
                "the files in it."
            )
        if len(members) != 1:
            raise RecordingError(
                f"{path.name}: a zip file of one table is wanted; it holds {len(members)} "
                f"files ({names or 'none'}). Unpack it and give the folder or the files."
            )
        if members[0].flag_bits & 0x1:
            raise RecordingError(f"{path.name}: is encrypted. Unpack it and give the file.")
        with archive.open(members[0]) as file:
            return file.read(most)


def _is_content(name: str) -> bool:
    """False for folders, and for what a Mac or Windows puts beside the files."""
    parts = name.replace("\\", "/").split("/")
    return bool(parts[-1]) and "__MACOSX" not in parts and not parts[-1].startswith((".", "~$"))


def as_plain_text(path: Path, data: bytes, *, is_whole: bool) -> bytes:
    """Text in UTF-8 with plain newlines, whole or a part of it.

    Raises:
        RecordingError: If it is empty or binary.
    """
    if not data.strip():
        raise RecordingError(f"{path.name}: the file is empty. Export it again.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = codecs.getincrementaldecoder("utf-16")("replace").decode(data, final=is_whole)
        data = text.encode()
    data = data.removeprefix(codecs.BOM_UTF8)
    if _CONTROL.search(data, 0, HEAD_BYTES) or b"\0" in data:
        raise RecordingError(
            f"{path.name}: holds binary data, not text. Give its true format with --format."
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[:HEAD_BYTES])
    except UnicodeDecodeError:
        data = data.decode("cp1252", "replace").encode()
    if b"\r" in data:
        # Some exports write \r\r\n.
        data = data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not (data[:4096].decode("utf-8", "replace").strip() or data.strip()):
        raise RecordingError(f"{path.name}: the file is empty. Export it again.")
    if len(data) < 4096 and not data.decode("utf-8", "replace").strip():
        raise RecordingError(f"{path.name}: the file is empty. Export it again.")
    return data
