"""The page for users of pymdp runs, and prints what it says."""

import contextlib
import io
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "pymdp-users.md"


def test_page_prints_what_it_says():
    pytest.importorskip("pymdp")
    blocks = re.findall(
        r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE.read_text("utf-8"), re.S
    )
    names, printed = {}, []
    for code, _ in blocks:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, names)
        printed.append(out.getvalue())
    assert len(blocks) == 6
    assert printed == [expected for _, expected in blocks]
