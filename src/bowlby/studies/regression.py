"""The regression view of each recording: who follows whom, as estimates with intervals."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import xarray as xr

from bowlby.recordings.kinds import KINDS
from bowlby.synchrony.coregulation import Effect, coregulation
from bowlby.synchrony.lagged_effects import lagged_effects
from bowlby.synchrony.mismatched import Mapper

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.reports.page import Section

_MOST_SURROGATES = 99
_STEPS_A_WINDOW = 15
_LONGEST_STEP_S = 5.0
TITLES = {"actor_partner": "actor–partner", "coregulation": "coregulation"}


@dataclass(frozen=True)
class Regression:
    """What is fitted.

    Attributes:
        step_s: Length of a step (s); None takes a fifteenth of the kind's short window: 1 s for
            motion and hearts, 2 s for skin, RSA and dials.
        lags: Steps of the past in the actor-partner model.
    """

    step_s: float | None = None
    lags: int = 3

    def __post_init__(self) -> None:
        """Check ranges."""
        if self.step_s is not None and not self.step_s > 0:
            raise ValueError(f"--regression-step {self.step_s:g} must be positive (s).")
        if self.lags < 1:
            raise ValueError(f"--regression-lags {self.lags} must be 1 or more.")

    @classmethod
    def asked(
        cls, step_s: float | None, lags: int | None, *, is_asked: bool
    ) -> "Regression | None":
        """What options ask for: None unless it is asked for, or one of them is given."""
        if not is_asked and step_s is None and lags is None:
            return None
        return cls(step_s) if lags is None else cls(step_s, lags)


@dataclass(frozen=True)
class Regressed:
    """One recording's models.

    Attributes:
        recording: Its name.
        signal: The signal.
        roles: The two people.
        step_s: Length of a step (s).
        effects: Effects by model, key of `TITLES`.
        reasons: Why a model was not fitted.
    """

    recording: str
    signal: str
    roles: tuple[str, str]
    step_s: float
    effects: dict[str, tuple[Effect, ...]]
    reasons: tuple[str, ...]


def regress(
    datasets: Sequence[xr.Dataset],
    asked: Regression,
    *,
    surrogates: int,
    seed: int,
    mapper: Mapper = map,
) -> tuple[Regressed, ...]:
    """Fit both models to every recording.

    Args:
        datasets: What `measure_pair` found, with the two series.
        asked: What is fitted.
        surrogates: Shifts that partner effects are ranked among, 99 at most; 0 for none.
        seed: Seed of the shifts.
        mapper: `map`, or one that works in parallel.
    """
    count = min(surrogates, _MOST_SURROGATES)
    jobs = [(dataset[["x", "y"]], asked, count, seed) for dataset in datasets]
    for job, dataset in zip(jobs, datasets, strict=True):
        job[0].attrs = dataset.attrs
    return tuple(mapper(_regress, jobs))


def _regress(job: tuple[xr.Dataset, Regression, int, int]) -> Regressed:
    dataset, asked, count, seed = job
    attrs = dataset.attrs
    short_s = KINDS[attrs["kind"]].short_s
    usual_s = _LONGEST_STEP_S if short_s is None else short_s / _STEPS_A_WINDOW
    step_s = max(asked.step_s or usual_s, 1.0 / attrs["rate_hz"])
    given: dict[str, Any] = {
        "rate_hz": attrs["rate_hz"], "step_s": step_s, "surrogates": count, "seed": seed
    }  # fmt: skip
    x, y = dataset.x.values, dataset.y.values
    models = {
        "actor_partner": lambda: lagged_effects(x, y, lags=asked.lags, **given),
        "coregulation": lambda: coregulation(x, y, **given).effects,
    }
    effects: dict[str, tuple[Effect, ...]] = {}
    reasons: list[str] = []
    for name, fit in models.items():
        try:
            effects[name] = fit()
        except ValueError as error:
            reasons.append(
                f"{TITLES[name]} model, {attrs['recording']}, {attrs['signal']}: {error}"
            )
    roles = (attrs["first"], attrs["second"])
    return Regressed(
        attrs["recording"], attrs["signal"], roles, step_s, effects, tuple(reasons)
    )


def regression_table(found: Sequence[Regressed]) -> "pd.DataFrame":
    """All effects, a row each; people by their roles."""
    import pandas as pd

    return pd.DataFrame([
        {
            "recording": one.recording, "signal": one.signal, "model": model,
            **asdict(effect), "outcome": one.roles[effect.outcome == "second"],
            "step_s": one.step_s,
        }
        for one in found for model, effects in one.effects.items() for effect in effects
    ])  # fmt: skip


def following(found: Sequence[Regressed]) -> list[dict[str, Any]]:
    """The partner effects that say who follows whom: all lags together, and the system's."""
    return [
        {
            "recording": one.recording, "signal": one.signal, "model": TITLES[model],
            "who": one.roles[effect.outcome == "second"],
            "whom": one.roles[effect.outcome == "first"],
            **{key: getattr(effect, key) for key in ("estimate", "low", "high", "p")},
        }
        for one in found
        for model, effects in one.effects.items()
        for effect in effects
        if effect.effect == "partner"
        and (model == "coregulation" or effect.lag_s != effect.lag_s)
    ]  # fmt: skip


def regression_section(found: Sequence[Regressed]) -> "Section":
    """The report's section."""
    from bowlby.reports.page import Cell, Section, Table
    from bowlby.studies.part_sections import number_cell, p_cell

    rows = [
        [
            Cell(row["recording"]), Cell(row["signal"]), Cell(row["model"]),
            Cell(f"{row['who']} follows {row['whom']}"), number_cell(row["estimate"]),
            number_cell(row["low"]), number_cell(row["high"]), p_cell(row["p"]),
        ]
        for row in following(found)
    ]  # fmt: skip
    table = Table(
        ("recording", "signal", "model", "who", "effect", "low", "high", "p"),
        rows,
        "Partner effects",
        "Standard deviations of one person's next value per standard deviation of the other's "
        "earlier ones (actor–partner: all lags together; coregulation: the step before, error "
        "of measurement taken out), with 95 % intervals. p: among shifts of one person round "
        "the session. All effects: regression.csv. Prediction is no proof of a cause.",
    )
    return Section("Who follows whom", tables=[table])
