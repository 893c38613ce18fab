"""Functions of one's own that compute findings: loaded and called with messages."""

import difflib
import runpy
from pathlib import Path

from bowlby.evidence.findings import FindingError
from bowlby.evidence.measures import MEASURES, Measure
from bowlby.evidence.samples import NoSignalsError, Samples
from bowlby.simulation.old_names import renamed


def load_functions(path: Path) -> None:
    """Run a Python file that registers measures by `@measures("slug")`.

    Raises:
        FindingError: If it fails, or registers nothing.
        OSError: If it cannot be read.
    """
    path.read_bytes()  # A file that is not there is an error of the system's own words.
    before = dict(MEASURES)
    try:
        runpy.run_path(str(path))
    except SyntaxError as error:
        raise FindingError(f"{path}, line {error.lineno}: not Python: {error.msg}.") from error
    except Exception as error:
        line = _line_in(error, path)
        raise FindingError(f"{path}{line}: raised {type(error).__name__}: {error}") from error
    if before == MEASURES:
        raise FindingError(
            f"{path}: registers no measure. Put `@measures('SLUG')` (from "
            "bowlby.evidence.measures) over a function that takes samples."
        )


def computed(measure: Measure, samples: Samples) -> float:
    """The statistic of a finding.

    Raises:
        FindingError: If its function asks for a column that is not there.
        NoSignalsError: If the samples emit no signals.
    """
    try:
        return measure.compute(samples)
    except NoSignalsError:
        raise
    except (KeyError, AttributeError) as error:
        name = str(error.args[0]) if isinstance(error, KeyError) else error.name or ""
        told = _missing_column(name, samples)
        if not told:
            raise
        raise FindingError(f"The function of {measure.slug!r} fails: {told}") from error


def _missing_column(name: str, samples: Samples) -> str:
    """What to say of a column that is not there; empty if it is about something else."""
    new = renamed(name)
    if new:
        return f"the column {name!r} is now called {new!r}. Use the new name."
    columns = samples.columns()
    if not columns or not name.isidentifier() or name in columns:
        return ""
    near = difflib.get_close_matches(name, columns, n=1)
    return f"there is no column {name!r}; did you mean {near[0]!r}?" if near else ""


def _line_in(error: BaseException, path: Path) -> str:
    """`, line N` of a file in which an error arose."""
    at, line = error.__traceback__, None
    while at is not None:
        if at.tb_frame.f_code.co_filename == str(path):
            line = at.tb_lineno
        at = at.tb_next
    return f", line {line}" if line else ""
