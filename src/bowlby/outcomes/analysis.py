"""Everything `bowlby outcomes` says of a file of scores."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from bowlby.outcomes.chance import Chance, chance, chance_of_ever
from bowlby.outcomes.change import (
    INDICES,
    Moments,
    change,
    critical_value,
    method_limits,
    published_moments,
    sample_moments,
)
from bowlby.outcomes.course import CourseModel, Panel, fit_course, panel
from bowlby.outcomes.cutoffs import (
    CLASSES,
    classify,
    cutoff,
    surely_functional,
    true_score_cutoff,
)
from bowlby.outcomes.forecasting import all_courses
from bowlby.outcomes.gains import ChanceOfGains, chance_of_gains, sudden_gains
from bowlby.outcomes.group_level import GroupChange, within_group
from bowlby.outcomes.multilevel import fit_slopes, slope_change
from bowlby.outcomes.signals import Alarm, alarm, off_course
from bowlby.outcomes.tables import Scores, pairs
from bowlby.outcomes.yardstick import Yardstick

ALL_METHODS = (*INDICES, "HLM", "RC", "percentage", "anchor")


@dataclass(frozen=True)
class Options:
    """What to compute, and how.

    Attributes:
        methods: Definitions of change; empty for the one that the numbers allow.
        convention: `bowlby` or `clinicalsignificance`.
        moments: `published`, or `sample` for those of the clients at hand.
        cutoff: `published`, or `a`, `b`, `c` of Jacobson and Truax.
        percent: Shares that count as improved and as deteriorated.
        important: Smallest important difference; NaN for none.
        reliability_post: Reliability after (NK).
        before: Session before; each client's first by default.
        after: Session after; each client's last by default.
        planned: Sessions planned; the 90th percentile of the clients' by default.
        ever: Share of clients on course who may ever be red.
        ahead: Steps to forecast.
    """

    methods: tuple[str, ...] = ()
    convention: str = "bowlby"
    moments: str = "published"
    cutoff: str = "published"
    percent: tuple[float, float] = (0.5, 0.3)
    important: float = float("nan")
    reliability_post: float = float("nan")
    before: int | None = None
    after: int | None = None
    planned: int | None = None
    ever: float = 0.10
    ahead: int = 4


@dataclass(frozen=True)
class Method:
    """One definition of change, applied.

    Attributes:
        method: Its short name.
        changes: Of `classify`; empty where it could not be used.
        chance: Shares that chance gives, where they are known.
        cutoff: Cut-off used.
        threshold: Points of change that count, where that is one number.
        reason: Why it was not used, or empty.
    """

    method: str
    changes: pd.DataFrame
    chance: Chance | None = None
    cutoff: float = float("nan")
    threshold: float = float("nan")
    reason: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Clients in each class."""
        found = self.changes.category.value_counts() if len(self.changes) else {}
        return {name: int(found.get(name, 0)) for name in CLASSES}


@dataclass(frozen=True, eq=False)
class Analysis:
    """What was found.

    Attributes:
        scores: The scores.
        yard: Numbers they were judged by.
        options: What was asked for.
        pairs: client, before, after, n.
        methods: Definitions of change; the first leads.
        clients: Clients in the file.
        one_score: Clients with one score: in courses, not in change.
        model: The course model, or None.
        no_model: Why there is none.
        alarm: Limits of the signal, or None.
        signals: Of `off_course`; empty without a model.
        courses: client, time, kind (expected, smooth, forecast), mean, sd and bands.
        gains: Sudden gains and losses.
        gains_share: Share of clients with a gain.
        gains_chance: Share a smooth course would show, or None.
        gains_n: Clients who could have had one.
        rci_every_session: Share of unchanged clients whom an index read at each session marks.
        notes: What a reader must know.
        group: Mean change against the smallest important difference, where one is given.
    """

    scores: Scores
    yard: Yardstick
    options: Options
    pairs: pd.DataFrame
    methods: tuple[Method, ...]
    clients: int
    one_score: tuple[str, ...]
    model: CourseModel | None
    no_model: str
    alarm: Alarm | None
    signals: pd.DataFrame
    courses: pd.DataFrame
    gains: pd.DataFrame
    gains_share: float
    gains_chance: ChanceOfGains | None
    gains_n: int
    rci_every_session: float
    notes: tuple[str, ...] = field(default=())
    group: GroupChange | None = None

    @property
    def planned(self) -> int:
        """Sessions the signal holds for."""
        return self.alarm.planned if self.alarm else planned_sessions(self.scores, self.options)


Progress = Callable[[str, int, int], None]


def analyse(
    scores: Scores,
    yard: Yardstick,
    options: Options | None = None,
    *,
    on_progress: Progress = lambda *_: None,
) -> Analysis:
    """Change, courses, signals and sudden gains of the clients of a file.

    Args:
        scores: Of `read_scores`.
        yard: Numbers to judge by.
        options: What to compute.
        on_progress: Called with a stage, what is done and how much there is.

    Raises:
        ValueError: If an option makes no sense.
    """
    options = options or Options()
    yard, cut_note = _with_cutoff(scores, yard, options)
    paired = pairs(scores.table, before=options.before, after=options.after)
    on_progress("Change", 0, 1)
    methods = tuple(_applied(m, scores, paired, yard, options) for m in _chosen(yard, options))
    on_progress("Change", 1, 1)
    sizes = scores.table.groupby("client").size()
    on_progress("Course model", 0, 1)
    model, reason = _model(scores, yard)
    on_progress("Course model", 1, 1)
    limits = signals = None
    data = panel(scores.table)
    if model is not None:
        planned = planned_sessions(scores, options)
        limits = alarm(model, planned, ever=options.ever)
        signals = off_course(model, data, limits, _is_well(data.y, yard))
    planned = limits.planned if limits else planned_sessions(scores, options)
    courses = all_courses(model, data, options.ahead) if model is not None else pd.DataFrame()
    gains = _gains(scores, yard, model, data)
    return Analysis(
        scores, yard, options, paired, methods, len(sizes),
        tuple(sizes.index[sizes == 1]), model, reason, limits,
        pd.DataFrame() if signals is None else signals, courses, *gains,
        chance_of_ever(planned), (*scores.notes, *cut_note),
        _group(paired, yard, options),
    )  # fmt: skip


def _group(paired: pd.DataFrame, yard: Yardstick, options: Options) -> GroupChange | None:
    if not np.isfinite(options.important) or len(paired) < 2:
        return None
    pre, post = paired.before.to_numpy(float), paired.after.to_numpy(float)
    return within_group(pre, post, important=options.important, sign=yard.sign)


def planned_sessions(scores: Scores, options: Options) -> int:
    """Sessions asked for, or the 90th percentile of the clients' spans."""
    if options.planned is not None:
        return options.planned
    by = scores.table.groupby("client").time
    return max(1, int(np.ceil((by.max() - by.min()).quantile(0.9))))


def _is_well(y: np.ndarray, yard: Yardstick) -> np.ndarray:
    return ~yard.is_clinical(y) if np.isfinite(yard.cutoff) else np.zeros(len(y), bool)


def _chosen(yard: Yardstick, options: Options) -> tuple[str, ...]:
    if options.methods == ("all",):
        first = () if np.isnan(yard.reliable_change) else ("RC",)
        rest = [m for m in ALL_METHODS if m not in first and m != "RC"]
        return (*first, *rest)
    if options.methods:
        unknown = set(options.methods) - set(ALL_METHODS)
        if unknown:
            raise ValueError(
                f"--methods {sorted(unknown)[0]}: known are all, {', '.join(ALL_METHODS)}."
            )
        return options.methods
    if options.moments == "sample":
        return ("JT",)
    return ("RC",) if np.isfinite(yard.reliable_change) else ("JT",)


def _with_cutoff(
    scores: Scores, yard: Yardstick, options: Options
) -> tuple[Yardstick, tuple[str, ...]]:
    """The yardstick with a cut-off of Jacobson and Truax, where that was asked for."""
    if options.cutoff == "published":
        if np.isnan(yard.cutoff):
            return yard, ("No cut-off: clients are not called recovered or harmed.",)
        return yard, ()
    if options.cutoff not in ("a", "b", "c"):
        raise ValueError(f"--cutoff {options.cutoff!r} is not one of published, a, b, c.")
    clinical = (yard.clinical_mean, yard.clinical_sd)
    if options.moments == "sample":
        paired = pairs(scores.table, before=options.before, after=options.after)
        first = paired.before.to_numpy(float)
        clinical = (float(first.mean()), float(first.std(ddof=1)) if len(first) > 1 else np.nan)
    if not np.isfinite(clinical).all():
        raise ValueError(
            f"Cut-off {options.cutoff} needs the clinical mean and SD of {yard.instrument}: "
            "give "
            "--clinical-mean and --clinical-sd, or --moments sample."
        )
    at = cutoff(
        options.cutoff, sign=yard.sign, clinical=clinical,
        functional=(yard.functional_mean, yard.functional_sd), convention=options.convention,
    )  # fmt: skip
    return replace(yard, cutoff=at, cutoff_kind=options.cutoff), ()


def _applied(
    method: str, scores: Scores, paired: pd.DataFrame, yard: Yardstick, options: Options
) -> Method:
    """One method; without its numbers, the reason."""
    if not len(paired):
        return Method(method, pd.DataFrame(), reason="no client has two scores")
    try:
        return (
            _multilevel(scores, paired, yard, options)
            if method == "HLM"
            else _by_limits(method, paired, yard, options)
        )
    except ValueError as error:
        return Method(method, pd.DataFrame(), reason=str(error))


def _moments(paired: pd.DataFrame, yard: Yardstick, options: Options) -> Moments:
    pre, post = paired.before.to_numpy(float), paired.after.to_numpy(float)
    if options.moments == "sample":
        return sample_moments(
            pre, post, reliability=yard.reliability, reliability_post=options.reliability_post
        )
    if options.moments != "published":
        raise ValueError(f"--moments {options.moments!r} is not one of published, sample.")
    made = published_moments(yard, pre, post)
    if np.isfinite(options.reliability_post):
        return replace(made, reliability_post=options.reliability_post)
    return made


def _by_limits(method: str, paired: pd.DataFrame, yard: Yardstick, options: Options) -> Method:
    pre, post = paired.before.to_numpy(float), paired.after.to_numpy(float)
    m = _moments(paired, yard, options) if method in INDICES else None
    how: dict[str, Any] = {
        "moments": m, "percent": options.percent, "important": options.important,
        "convention": options.convention, "level": 0.95 if m else None,
    }  # fmt: skip
    at, functional = yard.cutoff, None
    if method == "HA" and m is not None and options.cutoff in ("a", "c"):
        at = true_score_cutoff(
            options.cutoff, m, sign=yard.sign,
            functional=(yard.functional_mean, yard.functional_sd),
        )  # fmt: skip
        functional = surely_functional(post, m, at=at, sign=yard.sign)
    changes = classify(
        change(paired, yard, method=method, **how), yard, at=at, functional=functional,
        convention=options.convention,
    )  # fmt: skip
    limits = method_limits(method, pre, post, yard, **how)
    threshold = {
        "JT": critical_value("JT", 0.95) * m.sd_pre * np.sqrt(2 * (1 - m.reliability))
        if m else np.nan,
        "RC": yard.reliable_change, "anchor": options.important,
    }.get(method, np.nan)  # fmt: skip
    expected = chance(pre, limits, replace(yard, cutoff=at))
    return Method(method, changes, expected, at, float(threshold))


def _multilevel(
    scores: Scores, paired: pd.DataFrame, yard: Yardstick, options: Options
) -> Method:
    slopes = fit_slopes(scores.table)
    found = slope_change(slopes, paired, sign=yard.sign, convention=options.convention)
    return Method("HLM", classify(found, yard), None, yard.cutoff)


def _model(scores: Scores, yard: Yardstick) -> tuple[CourseModel | None, str]:
    try:
        return fit_course(
            scores.table, sign=yard.sign, sem=yard.sem, minimum=yard.minimum,
            maximum=yard.maximum, unit=scores.unit,
        ), ""  # fmt: skip
    except ValueError as error:
        return None, str(error)


def _gains(
    scores: Scores, yard: Yardstick, model: CourseModel | None, data: Panel
) -> tuple[pd.DataFrame, float, ChanceOfGains | None, int]:
    """Sudden gains, their share, and the share of a smooth course."""
    nothing = sudden_gains(pd.DataFrame([[0.0]], columns=[1]), cutoff=1.0)
    size = yard.reliable_change
    table = scores.table[scores.table.phase != "follow_up"]
    # The score before therapy is not a session: no gain from it to the first.
    table = table[table.time > 0]
    if not np.isfinite(size) or not len(table):
        return nothing, float("nan"), None, 0
    wide = table.pivot(index="client", columns="time", values="value")
    wide = wide[wide.notna().sum(axis=1) >= 4]
    if not len(wide):
        return nothing, float("nan"), None, 0
    found = sudden_gains(wide, cutoff=size, sign=yard.sign)
    share = float(found[found.kind == "gain"].client.nunique() / len(wide))
    by_chance = (
        chance_of_gains(model, wide, origin=data.origin, cutoff=size) if model else None
    )  # fmt: skip
    return found, share, by_chance, len(wide)
