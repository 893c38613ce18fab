"""A Python file of the user's own, run with its mistakes told by line."""

import runpy
from pathlib import Path
from typing import Any


def run_file(path: Path, refusal: type[Exception]) -> dict[str, Any]:
    """What a Python file defines.

    Args:
        path: The file.
        refusal: What is raised where it fails; says which line, and why.

    Raises:
        OSError: If it cannot be read.
    """
    path.read_bytes()  # A file that is not there is an error of the system's own words.
    try:
        return runpy.run_path(str(path))
    except SyntaxError as error:
        at = f", line {error.lineno}" if error.lineno else ""
        raise refusal(f"{path}{at}: not Python: {error.msg}.") from error
    except (Exception, SystemExit) as error:
        at = line_in(error, path)
        raise refusal(f"{path}{at}: raised {type(error).__name__}: {error}") from error


def line_in(error: BaseException, path: Path) -> str:
    """`, line N` of a file in which an error arose."""
    at, line = error.__traceback__, None
    while at is not None:
        if at.tb_frame.f_code.co_filename == str(path):
            line = at.tb_lineno
        at = at.tb_next
    return f", line {line}" if line else ""
