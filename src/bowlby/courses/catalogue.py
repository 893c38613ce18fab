"""Everything that can be simulated by name: published models and courses."""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from bowlby.published.reproduction import Reproduction


class Preset(NamedTuple):
    """A preset.

    Attributes:
        name: Its name.
        kind: `published` or `course`.
        reproduces: What it reproduces or shows.
    """

    name: str
    kind: str
    reproduces: str


PUBLISHED: Mapping[str, str] = MappingProxyType(
    {
        "cittern2018": "Attachment by active inference: thresholds, ambivalence (Cittern et al. 2018)",
        "panchanathan2016": "Sensitive periods from experience (Panchanathan & Frankenhuis 2016)",
        "walasek2022": "Late sensitive periods need rising cue reliability (Walasek et al. 2022)",
        "smith2021": "Cognitive-behavioural therapy as belief updating (Smith, Moutoussis & Bilek 2021)",
        "isomura2019": "Two models of the other: transference, window, endings (Isomura et al. 2019)",
        "trustgame": "Multi-round trust game with guilt, level 0 and 1 (Hula, Montague & Dayan 2015)",
        "duet2015": "Synchrony as inference: a duet for one (Friston & Frith 2015)",
        "regulator": "Looming and dismissing as a delayed regulator",
        "hpa": "Stress axis with glands (Karin et al. 2020)",
    }
)


def presets() -> tuple[Preset, ...]:
    """All presets, published models first."""
    published = [Preset(name, "published", text) for name, text in PUBLISHED.items()]
    courses = [
        Preset(
            entry.name.removesuffix(".toml"), "course", _first_line(entry.read_text("utf-8"))
        )
        for entry in sorted(_folder().iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    ]
    return (*published, *courses)


def course_text(name: str) -> str:
    """TOML of a course preset."""
    return (_folder() / f"{name}.toml").read_text("utf-8")


def trial_names() -> tuple[str, ...]:
    """Trials that can be run by name."""
    found = (entry.name for entry in files("bowlby.courses.presets.trials").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in found if n.endswith(".toml")))


def trial_text(name: str) -> str:
    """TOML of a trial preset."""
    return (files("bowlby.courses.presets.trials") / f"{name}.toml").read_text("utf-8")


def reproduction(name: str) -> Callable[..., Reproduction]:
    """The `run` of a published preset."""
    return import_module(f"bowlby.published.{name}").run


def _folder():
    return files("bowlby.courses.presets")


def _first_line(text: str) -> str:
    return text.splitlines()[0].lstrip("# ").rstrip(".")
