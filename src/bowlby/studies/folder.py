"""The output folder: written aside, put in place whole."""

import shutil
from pathlib import Path


class StudyError(ValueError):
    """Nothing could be done; the message says why and what to do."""


def check_replaceable(out: Path) -> None:
    """Refuse a folder that an earlier run of bowlby did not write.

    Raises:
        StudyError: If it is a file, or holds other things.
    """
    if out.exists() and not out.is_dir():
        raise StudyError(f"{out} is a file. Choose another --out.")
    if out.is_dir() and any(out.iterdir()) and not (out / "run.json").is_file():
        raise StudyError(
            f"{out} holds files that bowlby did not write. Choose another --out, or empty it."
        )


def check_absent(out: Path) -> None:
    """Refuse a folder that exists.

    Raises:
        StudyError: If there is anything of that name.
    """
    if out.exists():
        raise StudyError(f"{out} exists. Choose another --out, or remove it.")


def replace_folder(staging: Path, out: Path) -> None:
    """Put a finished folder in the place of an earlier one."""
    old = out.parent / f".{out.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    staging.rename(out)
    shutil.rmtree(old, ignore_errors=True)
