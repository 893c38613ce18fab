"""TOML as people's editors write it."""

import codecs
import tomllib
from pathlib import Path
from typing import Any

from bowlby.courses.messages import CourseError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file; a byte order mark, and UTF-16 with one, are understood.

    Raises:
        CourseError: If it is not TOML.
        OSError: If it cannot be read.
    """
    content = path.read_bytes()
    encoding = next((e for mark, e in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        return tomllib.loads(content.decode(encoding).replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: not a TOML file: {error}.") from error
