"""Virtual samples: whom a published study looked at, as courses of the simulator.

A sample is run once for each seed and ablation, kept as two tables, and shared by all findings
that need it. Sizes keep the whole table to minutes; findings are compared with pooled
estimates, so that more dyads only narrow the model's interval.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bowlby.runs.fingerprint import fingerprint
from bowlby.runs.folder import beside
from bowlby.runs.kept import Kept, open_kept

if TYPE_CHECKING:
    import pandas as pd

Content = Mapping[str, Any]

_INSTITUTION = {"contingency": -2.5, "mentalising": -1.0, "threat": -0.3}
_LOW_RISK = {"threat": -1.5}
_HIGH_RISK = {"contingency": 0.2, "mentalising": 0.3, "threat": -0.5}
GAINS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
SESSIONS = 26


def _childhood(dyads: int, **childhood: Any) -> dict[str, Any]:
    return {"kind": "childhood", "dyads": dyads, "childhood": childhood}


def _clinic() -> dict[str, Any]:
    arms = {
        "treated": ("attachment_informed", "population"),
        "waiting": ("waiting_list", "average"),
        "supportive": ("supportive", "population"),
        "interpreting": ("interpretation_only", "population"),
    }
    return {
        "dyads": 512,
        "caseload": 8,
        "arms": [{"name": n, "protocol": p, "therapist": t} for n, (p, t) in arms.items()],
        "therapy": {"sessions": SESSIONS, "ticks": 150},
        "life": {"waiting_weeks": 8, "follow_up_weeks": 8},
    }


SAMPLES: Mapping[str, Content] = MappingProxyType(
    {
        "families": _childhood(1024),
        "children": _childhood(1024, generations=2),
        "fathers": _childhood(512, encounters=5),
        "preschool": _childhood(512, encounters=15),
        "seen_twice": _childhood(512, assessed_after=3, stability=0.7),
        "low_risk": _childhood(512, population=_LOW_RISK),
        "high_risk": _childhood(512, population=_HIGH_RISK),
        "institution": _childhood(
            512, population=_INSTITUTION, earlier="population", placed_after=10
        ),
        "adopted_early": _childhood(512, placed_after=2),
        "adopted_late": _childhood(512, placed_after=5),
        "grown": {
            "dyads": 1024,
            "arms": [{"protocol": "waiting_list"}],
            "therapy": {"sessions": 0},
            "life": {"waiting_weeks": 12, "follow_up_weeks": 0},
        },
        "stressed_children": _childhood(512) | {"laboratory": True},
        "volunteers": {
            "dyads": 512,
            "arms": [{"protocol": "waiting_list"}],
            "therapy": {"sessions": 0},
            "life": {"waiting_weeks": 12, "follow_up_weeks": 0},
            "laboratory": True,
            "trust_game": True,
        },
        "clinic": _clinic(),
        "recorded": {
            "dyads": 96,
            "caseload": 8,
            "arms": [{"protocol": "attachment_informed", "therapist": "population"}],
            "therapy": {"sessions": SESSIONS, "ticks": 150},
            "life": {"waiting_weeks": 8, "follow_up_weeks": 0},
            "synchrony": {
                "dyads": 96,
                "sessions": 3,
                "strangers": True,
                "signals": ["heart", "rsa", "skin", "breath", "motion"],
            },
        },
        "recorded_families": _childhood(64)
        | {"synchrony": {"dyads": 64, "sessions": 1, "signals": ["heart", "rsa"]}},
    }
    | {
        f"gain_{gain:g}": _childhood(
            256, caregiver={"contingency": 0.9, "mentalising": 0.7, "gain": gain}
        )
        for gain in GAINS
    }
)
"""Name to the course that draws it."""


_AFTER = ("evidence/calibration", "evidence/data", "evidence/measures", "studies", "trials")
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
    from bowlby.courses.course import Course

    course, changes = Course(), {}
    for name, value in parameters.items():
        own = reduce(_entry, name.split("."), content)
        default = reduce(getattr, name.split("."), course)
        changes[name] = value if own is None else own + value - default
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
    from bowlby.simulation.simulate import joined, simulate_parts
    from bowlby.simulation.tables import encounter_table, readout_table

    course = build_course({**content, "keep": "encounters"}, changes=changes)
    tree = joined(simulate_parts(course, on_step=on_step), course)
    encounters = encounter_table(tree["encounters"].to_dataset())
    adult = encounters[encounters.phase != "childhood"].reset_index(drop=True)
    return {"readouts": readout_table(tree["readouts"].to_dataset()), "sessions": adult}
