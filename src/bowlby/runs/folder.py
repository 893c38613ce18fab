"""The output folder: written aside by one run alone, put in place whole or not at all.

Beside the folder OUT may stand `.OUT.partial` (what an interrupted run keeps to go on from),
`.OUT.new` (being written) and `.OUT.lock`. The lock is the kernel's: it ends with its process,
so what a killed run leaves of it blocks nobody.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path

from bowlby.runs.errors import RunError

PATIENCE_S = 0.5
"""How long to wait for a lock: as long as a run needs that is just leaving."""


@contextmanager
def new_folder(out: Path, *, replaces: bool = False) -> Iterator[Path]:
    """Give an empty folder to write to; it becomes `out` at the end, if all goes well.

    Until then no other run writes to `out` or to what is kept beside it. When the folder is in
    place, what was kept of an interrupted run is removed; after a failure it stays.

    Args:
        out: The folder that is to be there in the end.
        replaces: Whether the folder of an earlier run of bowlby may be replaced.

    Raises:
        RunError: If `out` is there and may not be replaced, or another run is writing it.
        OSError: If the folder cannot be written.
    """
    out = Path(os.path.abspath(out))
    check_free(out, replaces=replaces)
    with locked(out):
        staging, old = beside(out, "new"), beside(out, "old")
        if old.exists() and not out.exists():
            old.rename(out)  # Of a run that was killed between two moves.
        check_free(out, replaces=replaces)
        shutil.rmtree(staging, ignore_errors=True)
        try:
            staging.mkdir()
            yield staging
            check_free(out, replaces=replaces)
            put_in_place(staging, out)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        shutil.rmtree(partial_of(out), ignore_errors=True)


def beside(out: Path, what: str) -> Path:
    """The hidden neighbour of an output folder."""
    out = Path(os.path.abspath(out))
    return out.parent / f".{out.name}.{what}"


def partial_of(out: Path) -> Path:
    """Where a run keeps what it can go on from."""
    return beside(out, "partial")


def check_free(out: Path, *, replaces: bool = False) -> None:
    """Refuse a folder that is there, unless it may be replaced.

    Raises:
        RunError: If something is there that may not be replaced.
    """
    if not replaces:
        if os.path.lexists(out):
            raise RunError(f"{out} exists. Choose another --out, or remove it.")
        return
    if os.path.lexists(out) and not out.is_dir():
        raise RunError(f"{out} is a file. Choose another --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / "run.json").is_file():
        raise RunError(
            f"{out} holds files that bowlby did not write. Choose another --out, or empty it."
        )


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep all other runs away from an output folder.

    Raises:
        RunError: If another run is writing it.
        OSError: If nothing can be written there.
    """
    from filelock import FileLock, Timeout

    path = beside(out, "lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=PATIENCE_S)
    except Timeout:
        if not path.exists():  # Nobody has it: it could not be made.
            raise PermissionError(
                EACCES, "Nothing can be written here", str(path.parent)
            ) from None
        raise RunError(
            f"Another run of bowlby is writing {out}. Wait until it ends, or choose another "
            "--out."
        ) from None
    try:
        yield
    finally:
        # While it is held: who waits for it then finds a file without a name and tries again.
        # Windows does not remove open files; there filelock removes it itself.
        with suppress(PermissionError):
            path.unlink(missing_ok=True)
        lock.release()


def put_in_place(staging: Path, out: Path) -> None:
    """Put a finished folder in the place of an earlier one, or where nothing is."""
    old = beside(out, "old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    try:
        staging.rename(out)
    except OSError:
        if old.exists():
            old.rename(out)
        raise
    shutil.rmtree(old, ignore_errors=True)
