"""The folder of a run: the one place that knows how runs are kept."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bowlby.studies.folder import check_replaceable, replace_folder
from bowlby.studies.manifest import checksum, versions, write_manifest


class Folder:
    """A folder that is written aside and put in place whole, or not at all.

    Attributes:
        path: Where to write meanwhile.
    """

    def __init__(self, out: Path) -> None:
        check_replaceable(out)
        self._out = out
        self.path = out.parent / f".{out.name}.new"

    def __enter__(self) -> Self:
        """Begin anew."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Put it in place if all went well."""
        try:
            if kind is None:
                replace_folder(self.path, self._out)
        finally:
            shutil.rmtree(self.path, ignore_errors=True)

    def write_manifest(
        self, kind: str, inputs: Sequence[Path], command: str, settings: Mapping[str, Any]
    ) -> None:
        """Write run.json; without a date, so that the same run gives the same bytes."""
        write_manifest(
            self.path / "run.json",
            {
                "program": "bowlby", "kind": kind, "command": command, "versions": versions(),
                "inputs": [{"file": str(f), "sha256": checksum(f)} for f in inputs],
                "settings": dict(settings),
            },
        )  # fmt: skip
