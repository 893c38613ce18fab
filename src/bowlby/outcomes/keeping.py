"""The folder of a run of outcomes, and its run.json."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bowlby.runs.fingerprint import versions
from bowlby.runs.folder import new_folder
from bowlby.runs.manifest import checksum, write_manifest


@dataclass(frozen=True)
class Folder:
    """A folder that is written aside and put in place whole, or not at all.

    Attributes:
        path: Where to write meanwhile.
    """

    path: Path

    def write_manifest(
        self, kind: str, inputs: Sequence[Path], command: str, settings: Mapping[str, Any]
    ) -> None:
        """Write run.json; without a date, so that the same run gives the same bytes."""
        content = {
            "program": "bowlby",
            "kind": kind,
            "command": command,
            "versions": versions(),
            "inputs": [{"file": str(f), "sha256": checksum(f)} for f in inputs],
            "settings": dict(settings),
        }
        write_manifest(self.path / "run.json", content)


@contextmanager
def run_folder(out: Path) -> Iterator[Folder]:
    """Give a folder to write to; an earlier run of bowlby may be replaced.

    Raises:
        RunError: If the folder holds other things, or another run is writing it.
    """
    with new_folder(out, replaces=True) as staging:
        yield Folder(staging)
