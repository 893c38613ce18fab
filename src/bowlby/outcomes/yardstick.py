"""The numbers scores are judged by, and where each came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from bowlby.outcomes.instruments.registry import GRADES, Instrument

LEVELS = ("published", "95", "90")
MEMORY = "known from memory only: pass --accept-unverified, or give it"


@dataclass(frozen=True)
class Yardstick:
    """What a score of one scale is held against. NaN where a number is not known.

    Attributes:
        instrument: Its id.
        name: Its name.
        sign: +1 if higher is better, -1 if lower is.
        minimum: Lowest possible score.
        maximum: Highest possible score.
        reliability: r.
        sd: Standard deviation that belongs to r.
        clinical_mean: Mean of the clinical population.
        clinical_sd: Its standard deviation.
        functional_mean: Mean of the functional population.
        functional_sd: Its standard deviation.
        cutoff: Score from which on somebody is in the clinical range.
        cutoff_kind: What kind of cut-off.
        reliable_change: Smallest difference called reliable.
        level: Level of the reliable change.
        sources: Where each number came from, in words.
        missing: Numbers that are wanting, and why.
    """

    instrument: str
    name: str
    sign: int
    minimum: float
    maximum: float
    reliability: float
    sd: float
    clinical_mean: float
    clinical_sd: float
    functional_mean: float
    functional_sd: float
    cutoff: float
    cutoff_kind: str
    reliable_change: float
    level: float
    sources: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def sem(self) -> float:
        """Standard error of one measurement."""
        if np.isfinite(self.sd * self.reliability):
            return self.sd * float(np.sqrt(1.0 - self.reliability))
        return self.reliable_change / (critical(self.level) * float(np.sqrt(2.0)))

    def is_clinical(self, x: float | np.ndarray) -> np.ndarray:
        """Whether scores are in the clinical range (the cut-off itself, if lower is better)."""
        return np.asarray(x >= self.cutoff if self.sign < 0 else x < self.cutoff)


def critical(level: float) -> float:
    """Two-sided critical value of the normal distribution."""
    return float(stats.norm.isf((1.0 - level) / 2.0))


OVERRIDES = ("reliability", "sd", "clinical_mean", "clinical_sd", "functional_mean",
             "functional_sd", "cutoff", "reliable_change", "minimum", "maximum")  # fmt: skip
_PUBLISHED = {
    "reliability": ("reliability", "retest"), "sd": ("clinical_sd", "norm_sd"),
    "clinical_mean": ("clinical_mean",), "clinical_sd": ("clinical_sd",),
    "functional_mean": ("norm_mean",), "functional_sd": ("norm_sd",),
    "cutoff": ("cutoff",), "reliable_change": ("published_rc",),
}  # fmt: skip


def yardstick(
    instrument: Instrument,
    *,
    given: Mapping[str, float] | None = None,
    accept_unverified: bool = False,
    level: str = "published",
) -> Yardstick:
    """The numbers to judge by: yours first, then published ones that were verified.

    Args:
        instrument: The instrument.
        given: Numbers of your own, by the names of `OVERRIDES`.
        accept_unverified: Whether numbers known from memory may be used.
        level: Reliable change as `published`, or computed at `95` or `90` %.

    Raises:
        ValueError: If a number is out of its range, or the direction is not known.
    """
    given = dict(given or {})
    _check(instrument, given, level)
    numbers: dict[str, float] = {}
    sources: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, published in _PUBLISHED.items():
        if name in given:
            numbers[name], sources[name] = float(given[name]), "given by you"
            continue
        known = [instrument.numbers[p] for p in published if p in instrument.numbers]
        usable = [n for n in known if n.is_verified or accept_unverified]
        if usable:
            numbers[name] = usable[0].value
            sources[name] = f"published, {GRADES[usable[0].verified]}"
        else:
            numbers[name] = float("nan")
            missing[name] = MEMORY if known else "not known: give it"
    kind = instrument.numbers["cutoff"].kind if "cutoff" in instrument.numbers else ""
    change, at = _reliable_change(instrument, given, numbers, level, sources)
    numbers["reliable_change"] = change
    if np.isfinite(change):
        missing.pop("reliable_change", None)
    return Yardstick(
        instrument.id, instrument.name, -1 if instrument.direction == "lower" else 1,
        given.get("minimum", instrument.minimum), given.get("maximum", instrument.maximum),
        cutoff_kind="yours" if "cutoff" in given else kind, level=at,
        sources=sources, missing=missing, **numbers,
    )  # fmt: skip


def _reliable_change(
    instrument: Instrument, given: Mapping[str, float], numbers: Mapping[str, float],
    level: str, sources: dict[str, str],
) -> tuple[float, float]:  # fmt: skip
    """The reliable change and its level."""
    own_moments = "sd" in given or "reliability" in given
    published = numbers["reliable_change"]
    if "reliable_change" in given:
        return published, 0.95
    if level == "published" and np.isfinite(published) and not own_moments:
        return published, instrument.numbers["published_rc"].level
    at = 0.90 if level == "90" else 0.95
    error = numbers["sd"] * np.sqrt(2.0 * (1.0 - numbers["reliability"]))
    if np.isfinite(error):
        sources["reliable_change"] = f"from SD and reliability, {100 * at:.0f} % level"
        return critical(at) * float(error), at
    if np.isfinite(published):
        found = instrument.numbers["published_rc"].level
        if level != "published":
            sources["reliable_change"] += f", moved from {100 * found:.0f} to {100 * at:.0f} %"
        return published * critical(at) / critical(found), at
    return float("nan"), at


def _check(instrument: Instrument, given: Mapping[str, float], level: str) -> None:
    if instrument.direction not in ("lower", "higher"):
        raise ValueError(
            f"{instrument.id}: which way is better is not one direction "
            f"({instrument.direction}). Pass --lower-is-better or --higher-is-better."
        )
    if level not in LEVELS:
        raise ValueError(f"--reliable-change {level!r} is not one of {', '.join(LEVELS)}.")
    unknown = set(given) - set(OVERRIDES)
    if unknown:
        raise ValueError(f"{sorted(unknown)[0]} is not one of {', '.join(OVERRIDES)}.")
    r = given.get("reliability", 0.5)
    if not 0.0 < r < 1.0:
        raise ValueError(
            f"--reliability {r:g}: it must lie between 0 and 1. With 1 every change would be "
            "reliable; give the published internal consistency or retest correlation."
        )
    for name in ("sd", "clinical_sd", "functional_sd", "reliable_change"):
        if given.get(name, 1.0) <= 0.0:
            raise ValueError(
                f"--{name.replace('_', '-')} {given[name]:g}: it must be positive."
            )
