"""The README's Python runs as printed."""

import contextlib
import io
import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_python_of_the_readme_prints_what_the_readme_says():
    text = README.read_text(encoding="utf-8")
    code, expected = re.search(r"```python\n(.*?)```\n\n    (.*?)\n", text, re.S).groups()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    assert printed.getvalue().strip() == expected
