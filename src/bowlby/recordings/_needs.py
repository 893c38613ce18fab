"""Readers that need an extra say so with the file's name and what to type."""

from pathlib import Path

from bowlby._extras import MissingExtraError, require
from bowlby.recordings.recording import RecordingError


def require_reader(path: Path, extra: str) -> None:
    """Refuse a file whose reader's libraries are not installed; imports nothing.

    Args:
        path: The file.
        extra: Key of `bowlby._extras.EXTRAS`.

    Raises:
        RecordingError: With the line to type.
    """
    try:
        require(extra)
    except MissingExtraError as error:
        raise RecordingError(f"{path.name}: {error}") from error
