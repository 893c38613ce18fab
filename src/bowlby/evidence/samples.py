"""Virtual samples: whom a published study looked at, as courses of the simulator.

A sample is run once for each seed and ablation, kept as two tables, and shared by all findings
that need it. Sizes keep the whole table to minutes; findings are compared with pooled
estimates, so that more dyads only narrow the model's interval.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bowlby.courses.reading import read_toml
from bowlby.runs.fingerprint import fingerprint
from bowlby.runs.folder import beside
from bowlby.runs.kept import Kept, open_kept

if TYPE_CHECKING:
    import pandas as pd

Content = Mapping[str, Any]


def _samples() -> dict[str, Content]:
    """The courses of `data/samples`, by the names of their files."""
    with as_file(files("bowlby.evidence.data") / "samples") as folder:
        return {path.stem: read_toml(path) for path in sorted(folder.glob("*.toml"))}


SAMPLES: Mapping[str, Content] = MappingProxyType(_samples())
"""Name to the course that draws it."""

GAINS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
"""Gains of the samples `gain_...`."""

SESSIONS: int = SAMPLES["clinic"]["therapy"]["sessions"]
"""Sessions of the clinic."""


_AFTER = (
    "evidence/agreement.py", "evidence/calibration", "evidence/convergent.csv", "evidence/data",
    "evidence/findings.py", "evidence/inputs.py", "evidence/measures", "evidence/scoring.py",
    "evidence/table.py", "evidence/variance.py", "evidence/writing.py", "studies", "trials",
)  # fmt: skip
"""Code that looks at samples and draws none: a new finding does not simulate them again. That
the simulator imports nothing of it is an import contract."""


def open_samples(out: Path) -> Kept:
    """The samples that are kept beside an output folder."""
    return open_kept(beside(out, "samples"), "samples", leaves_out=_AFTER)


class NoSignalsError(LookupError):
    """A finding is about signals, and these samples emit none."""


@dataclass(frozen=True)
class Samples:
    """The samples of one seed under one ablation; each is simulated when first asked for.

    Attributes:
        seed: Seed.
        ablate: Mechanisms switched off.
        kept: Where simulated samples are kept, so that an interrupted table goes on.
        on_step: Called after every step of a simulation.
        parameters: Entries of the course that replace the defaults, by dotted name. What a
            sample sets itself moves by as much: parents at low risk stay as far from the
            general population as they were.
        dyads: Dyads of every sample, where not each sample's own number.
        emits: Whether samples about signals are drawn: they take longer than all the rest.
    """

    seed: int
    ablate: tuple[str, ...]
    kept: Kept
    on_step: Callable[[], None] = lambda: None
    parameters: Mapping[str, float] = field(default_factory=dict)
    dyads: int | None = None
    emits: bool = True
    _held: dict[str, "pd.DataFrame"] = field(default_factory=dict, repr=False)

    def readouts(self, name: str) -> "pd.DataFrame":
        """A row per dyad (and arm)."""
        return self._table(name, "readouts")

    def sessions(self, name: str) -> "pd.DataFrame":
        """A row per dyad, arm and encounter."""
        return self._table(name, "sessions")

    def columns(self) -> frozenset[str]:
        """Columns of the samples that have been asked for."""
        return frozenset(str(name) for table in self._held.values() for name in table)

    def _table(self, name: str, kind: str) -> "pd.DataFrame":
        if not self.emits and "synchrony" in SAMPLES[name]:
            raise NoSignalsError(name)
        key = f"{name}.{kind}"
        if key not in self._held:
            content, changes = self._content(name)
            tables = self.kept(
                self._stem(name), lambda: simulate_sample(content, changes, self.on_step)
            )
            self._held[key] = tables[kind]
        return self._held[key]

    def _content(self, name: str) -> tuple[Content, Mapping[str, float]]:
        """The course of a sample, and what the parameters change in it."""
        content = {**SAMPLES[name], "seed": self.seed, "ablate": list(self.ablate)}
        if self.dyads is not None:
            content["dyads"] = self.dyads
        return content, changes_of(content, self.parameters)

    def _stem(self, name: str) -> str:
        mark = fingerprint(self._content(name))
        without = "-".join(self.ablate) or "full"
        return f"{name}-{self.seed}-{without}-{mark}"


def changes_of(content: Content, parameters: Mapping[str, float]) -> dict[str, float]:
    """Parameters as changes to a sample, which keeps its distance from the defaults."""
    from bowlby.courses.numbers import number_of

    changes = {}
    for name, value in parameters.items():
        own, number = reduce(_entry, name.split("."), content), number_of(name)
        if own is None or number is None:
            changes[name] = value
        else:
            changes[name] = own + value - number.default
    return changes


def _entry(content: Any, name: str) -> Any:
    return content.get(name) if isinstance(content, Mapping) else None


def simulate_sample(
    content: Content,
    changes: Mapping[str, float],
    on_step: Callable[[], None] = lambda: None,
) -> dict[str, "pd.DataFrame"]:
    """Simulate a sample: its two tables."""
    from bowlby.courses.course import build_course
    from bowlby.simulation.results import joined
    from bowlby.simulation.simulate import simulate_parts
    from bowlby.simulation.tables import encounter_table, readout_table

    course = build_course({**content, "keep": "encounters"}, changes=changes)
    tree = joined(simulate_parts(course, on_step=on_step), course)
    encounters = encounter_table(tree["encounters"].to_dataset())
    adult = encounters[encounters.week.notna()].reset_index(drop=True)
    return {"readouts": readout_table(tree["readouts"].to_dataset()), "sessions": adult}
