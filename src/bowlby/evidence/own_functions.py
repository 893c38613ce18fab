"""Functions of one's own that compute findings: loaded and called with messages."""

import difflib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from bowlby.evidence.findings import FindingError
from bowlby.evidence.measures import MEASURES, Measure
from bowlby.evidence.samples import NoSignalsError, Samples
from bowlby.runs.own_file import line_in, run_file
from bowlby.simulation.old_names import renamed


def load_functions(path: Path, findings: Collection[str]) -> None:
    """Run a Python file that registers measures by `@measures("slug")`.

    Args:
        path: The file.
        findings: What can be computed.

    Raises:
        FindingError: If it fails, or registers nothing, or what is no finding.
        OSError: If it cannot be read.
    """
    before = dict(MEASURES)
    run_file(path, FindingError)
    new = [slug for slug, measure in MEASURES.items() if before.get(slug) is not measure]
    unknown = [slug for slug in new if slug not in findings]
    if unknown:
        near = difflib.get_close_matches(unknown[0], findings, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise FindingError(f"{path}: there is no finding {unknown[0]!r} to compute{hint}")
    if not new:
        raise FindingError(
            f"{path}: registers no measure. Put `@measures('SLUG')` (from "
            "bowlby.evidence.measures) over a function that takes samples."
        )


def computed(measure: Measure, samples: Samples) -> float:
    """The statistic of a finding.

    Raises:
        FindingError: If its function asks for a column that is not there; if one of the user's
            own fails in any way or gives no number.
        NoSignalsError: If the samples emit no signals.
    """
    try:
        found = measure.compute(samples)
    except NoSignalsError:
        raise
    except Exception as error:
        told = _missing_column(error, samples)
        if measure.is_own:
            told = told or f"{type(error).__name__}: {error}"
        if not told:
            raise
        raise FindingError(
            f"The function of {measure.slug!r} fails{_line(measure, error)}: {told}"
        ) from error
    if isinstance(found, bool) or not isinstance(found, int | float | np.number):
        raise FindingError(
            f"The function of {measure.slug!r} gives {found!r}; a number is expected."
        )
    return float(found)


def _line(measure: Measure, error: BaseException) -> str:
    return line_in(error, Path(measure.compute.__code__.co_filename)) if measure.is_own else ""


def _missing_column(error: BaseException, samples: Samples) -> str:
    """What to say of a column that is not there; empty if it is about something else."""
    if not isinstance(error, KeyError | AttributeError):
        return ""
    name = str(error.args[0]) if isinstance(error, KeyError) else error.name or ""
    new = renamed(name)
    if new:
        return f"the column {name!r} is now called {new!r}. Use the new name."
    columns = samples.columns()
    if not columns or not name.isidentifier() or name in columns:
        return ""
    near = difflib.get_close_matches(name, columns, n=1)
    return f"there is no column {name!r}; did you mean {near[0]!r}?" if near else ""
