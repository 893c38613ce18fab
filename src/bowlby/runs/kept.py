"""What an interrupted run keeps: pieces of work, known by all that decides their numbers.

Pieces of a design lie in a folder of their own, named by the design, the code, the libraries
and the kind of machine. So a run that goes on after an equation was changed finds nothing of
the old one: it begins anew, and says so.
"""

import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bowlby.runs.fingerprint import changed, conditions, fingerprint
from bowlby.runs.pieces import is_whole, read_piece, write_piece, write_whole
from bowlby.runs.progress import Progress, silent
from bowlby.runs.workers import Workers

_log = logging.getLogger(__name__)

_ABOUT = "about.json"
_LEFT_OVER_S = 3600.0


@dataclass(frozen=True)
class Kept:
    """Pieces in a folder, by name.

    Attributes:
        folder: The folder; it is made when the first piece is kept.
        about: What decides the numbers of the pieces, told in the folder.
    """

    folder: Path
    about: Mapping[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """File of a piece."""
        return self.folder / f"{name}.npz"

    def has(self, name: str) -> bool:
        """Whether a piece is there and undamaged; one that is damaged is removed, and said."""
        path = self.path(name)
        if is_whole(path):
            return True
        if path.exists():
            _log.warning("%s is damaged: it is done again.", path)
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return False

    def put(self, name: str, content: Any) -> None:
        """Keep a piece, whole or not at all."""
        if not (self.folder / _ABOUT).exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(dict(self.about), indent=2)
            write_whole(self.folder / _ABOUT, lambda file: file.write(text.encode()))
        write_piece(self.path(name), content)

    def get(self, name: str) -> Any:
        """A piece.

        Raises:
            RunError: If it is not there or damaged.
        """
        return read_piece(self.path(name))

    def __call__(self, name: str, make: Callable[[], Any]) -> Any:
        """A piece; made and kept where it is not there yet."""
        if not self.has(name):
            self.put(name, make())
        return self.get(name)

    def all(
        self,
        function: Callable[[Any], Any],
        names: Sequence[str],
        job: Callable[[int], Any],
        *,
        workers: Workers,
        stage: str,
        on_progress: Progress = silent,
    ) -> Iterator[Any]:
        """Do the jobs that are not kept yet, keep each as soon as it is done, give all.

        Args:
            function: Does a job.
            names: Names of the jobs.
            job: Gives the job of a number, counted as the names are.
            workers: Who does them.
            stage: What is done.
            on_progress: Called with the stage, the jobs done and their number.

        Returns:
            The pieces in the order of the names, each read when it is asked for.
        """
        todo = [number for number, name in enumerate(names) if not self.has(name)]
        before = len(names) - len(todo)
        on_progress(stage, before, len(names))
        with closing(workers.run(function, map(job, todo))) as results:
            for done, (at, result) in enumerate(results, start=before + 1):
                self.put(names[todo[at]], result)
                on_progress(stage, done, len(names))
        return map(self.get, names)


def open_kept(root: Path, design: Any, *, leaves_out: tuple[str, ...] = ()) -> Kept:
    """What is kept under a folder of this design, made by this code on this kind of machine.

    Says in one line if the folder holds only pieces of another design or of other code.

    Args:
        root: Folder of everything that is kept for one output.
        design: What is run, the theory included, as content for JSON.
        leaves_out: Code that these pieces do not depend on (see `code_hash`).
    """
    about = {"design": fingerprint(design), **conditions(leaves_out)}
    kept = Kept(root / fingerprint(about), about)
    if not kept.folder.exists() and (others := _others(kept)):
        what = ", ".join(changed(_about(others[-1]), about)) or "what decides the numbers"
        _log.warning(
            "Begins anew: what an earlier run kept in %s is not used, because this changed "
            "since: %s.", root, what,
        )  # fmt: skip
    _remove_left_overs(kept.folder)
    return kept


def forget_others(kept: Kept) -> None:
    """Remove what is kept beside of other designs and of other code."""
    for folder in _others(kept):
        shutil.rmtree(folder, ignore_errors=True)


def _others(kept: Kept) -> list[Path]:
    """Folders of other pieces, the latest last."""
    found = [p.parent for p in kept.folder.parent.glob(f"*/{_ABOUT}")]
    return sorted((p for p in found if p != kept.folder), key=lambda p: p.stat().st_mtime)


def _about(folder: Path) -> dict[str, str]:
    with suppress(OSError, ValueError):
        content = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if isinstance(content, dict):
            return content
    return {}


def _remove_left_overs(folder: Path) -> None:
    """Remove what killed writers left half written; writing takes seconds."""
    for path in folder.glob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFT_OVER_S:
                path.unlink()
