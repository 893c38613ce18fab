"""TOML as people's editors write it."""

import json
import tomllib
from pathlib import Path
from typing import Any

from bowlby.courses.messages import CourseError

_CURLY = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file; byte order marks, UTF-16 and any line ends are understood.

    Raises:
        CourseError: If it is not TOML.
        OSError: If it cannot be read.
    """
    content = path.read_bytes()
    try:
        text = content.decode(json.detect_encoding(content))
    except UnicodeDecodeError as error:
        raise CourseError(f"{path}: not text in UTF-8 ({error}). Save it as UTF-8.") from error
    try:
        return tomllib.loads(text.replace("\r\n", "\n").replace("\r", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        curly = (
            " It has typographic quotes; use straight ones." if set(text) & set(_CURLY) else ""
        )
        raise CourseError(f"{path}: not a TOML file: {error}.{curly}") from error
