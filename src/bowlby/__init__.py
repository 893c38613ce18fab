"""bowlby: the executable theory of attachment and psychotherapy.

It measures dyadic synchrony in real recordings and simulates dyads with coupled bodies and
minds, from childhood to the end of a therapy. The public functions are loaded when
first used, so importing bowlby is quick; those of the simulator need the extra `simulate`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bowlby._extras import missing_named

if TYPE_CHECKING:
    from bowlby.api import calibrate, evidence_table, power, simulate, tables, trial
    from bowlby.courses.course import Course, build_course, read_course
    from bowlby.recordings.formats import ReadOptions
    from bowlby.recordings.inspection import inspect
    from bowlby.recordings.preparation import prepare
    from bowlby.recordings.reading import read, read_all
    from bowlby.synchrony.measure import measure
    from bowlby.synchrony.measuring import Settings, measure_pair

__all__ = [
    "Course",
    "ReadOptions",
    "Settings",
    "build_course",
    "calibrate",
    "evidence_table",
    "inspect",
    "measure",
    "measure_pair",
    "power",
    "prepare",
    "read",
    "read_all",
    "read_course",
    "simulate",
    "tables",
    "trial",
]

_HOMES = {
    "Course": "bowlby.courses.course",
    "build_course": "bowlby.courses.course",
    "read_course": "bowlby.courses.course",
    "calibrate": "bowlby.api",
    "evidence_table": "bowlby.api",
    "power": "bowlby.api",
    "simulate": "bowlby.api",
    "tables": "bowlby.api",
    "trial": "bowlby.api",
    "ReadOptions": "bowlby.recordings.formats",
    "Settings": "bowlby.synchrony.measuring",
    "measure": "bowlby.synchrony.measure",
    "measure_pair": "bowlby.synchrony.measuring",
    "inspect": "bowlby.recordings.inspection",
    "prepare": "bowlby.recordings.preparation",
    "read": "bowlby.recordings.reading",
    "read_all": "bowlby.recordings.reading",
}


def __getattr__(name: str) -> Any:
    """Load a public function when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'bowlby' has no attribute {name!r}")
    with missing_named():
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
