"""Threads that compute findings."""

import subprocess
import sys

PROGRAM = """
import sys
from bowlby.evidence import table
from bowlby.runs.progress import silent
before = "bowlby.courses.course" in sys.modules
table._compute([], [], [], None, {}, silent)
print(before, "bowlby.courses.course" in sys.modules)
"""


def test_what_parses_as_it_is_imported_is_there_before_there_are_threads():
    """In Python 3.11 two threads that parse at once break each other (gh-106905)."""
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False", "True"]
