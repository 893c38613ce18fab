"""A small made-up run in the shape that the simulator gives: no simulation takes place."""

import numpy as np
import xarray as xr

PHASES = ("childhood",) * 6 + ("waiting",) * 4 + ("therapy",) * 12 + ("follow-up",) * 4
ACTIONS = ["approach", "explore", "withdraw", "protest"]
STANCES = ["attuned", "intrusive", "dismissive", "frightening"]
INTERVENTIONS = [
    "hold", "validate", "mirror", "mentalise", "interpret", "challenge", "direct", "repair",
    "loom", "dismiss",
]  # fmt: skip
EVERY = ("dyad", "encounter")


def run(
    *,
    dyads: int = 1,
    arms: tuple[str, ...] = ("attachment_informed",),
    ticks: int = 0,
    title: str = "A made-up course",
) -> xr.DataTree:
    """A run in which trust rises, symptoms fall and dyad 0 has 3 ruptures, 2 repaired.

    Args:
        dyads: Dyads in each arm; the arm's place in `arms` worsens its outcome by 0.5 SD.
        arms: Arms.
        ticks: Ticks kept of sessions 1, 2 and 12, or none.
        title: Title of the run.
    """
    rng = np.random.default_rng(5)
    parts = [_arm(rng, dyads, arm, number) for number, arm in enumerate(arms)]
    groups = {
        name: xr.concat([part[name] for part in parts], "dyad")
        for name in ("readouts", "encounters")
    }
    if ticks:
        groups["ticks"] = _ticks(rng, dyads * len(arms), ticks, groups["readouts"])
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "title": title, "seed": 5, "version": "9.9", "command": "bowlby simulate x.toml",
        "arms": list(arms), "ablated": ["oxytocin"],
    }  # fmt: skip
    return tree


def _arm(rng: np.random.Generator, dyads: int, arm: str, worse: int) -> dict[str, xr.Dataset]:
    phase = np.array(PHASES)
    is_session = phase == "therapy"
    coords = {"dyad": np.arange(dyads), "arm": ("dyad", np.full(dyads, arm))}
    return {
        "readouts": _readouts(rng, dyads, 0.5 * worse).assign_coords(coords),
        "encounters": _encounters(rng, dyads, phase, is_session).assign_coords(coords),
    }


def _readouts(rng: np.random.Generator, dyads: int, worse: float) -> xr.Dataset:
    before = 1.2 + 0.4 * rng.normal(size=dyads)
    before[0] = 1.2
    after = before - 0.9 + worse + 0.2 * rng.normal(size=dyads) * (np.arange(dyads) > 0)
    opened = np.where(np.arange(dyads) % 3 == 2, np.nan, 4.0 + np.arange(dyads) % 7)
    left = np.where(np.arange(dyads) % 5 == 4, 6.0, np.nan)
    values = {
        "history": np.full(dyads, "rejecting"),
        "pattern": np.array(list("ABCD"))[np.arange(dyads) % 4],
        "aai": np.array(["Ds", "F", "E", "U"])[np.arange(dyads) % 4],
        "symptoms_before": before,
        "symptoms_after": after,
        "symptoms_follow_up": after + 0.1,
        "alliance_client": np.full(dyads, 0.7) + 0.05 * rng.normal(size=dyads),
        "ruptures": np.full(dyads, 0.25),
        "repairs": np.full(dyads, 0.2),
        "window_session": opened,
        "exit_session": left,
        "ended_by": np.where(np.isfinite(left), "client", "agreed"),
        "synchrony_ibi": 0.3 + 0.1 * rng.normal(size=dyads),
        "synchrony_eda": np.full(dyads, np.nan),
    }
    return xr.Dataset({name: ("dyad", value) for name, value in values.items()})


def _encounters(
    rng: np.random.Generator, dyads: int, phase: np.ndarray, is_session: np.ndarray
) -> xr.Dataset:
    count, together = len(phase), is_session | (phase == "childhood")
    session = np.where(is_session, np.cumsum(is_session), 0)
    progress = np.where(is_session, session / 12.0, 0.0)
    noise = rng.normal(size=(dyads, count))

    def only(values: np.ndarray, where: np.ndarray) -> np.ndarray:
        return np.where(where, np.broadcast_to(values, (dyads, count)), np.nan)

    def shares(levels: list[float], where: np.ndarray) -> np.ndarray:
        values = np.broadcast_to(np.array(levels), (dyads, count, len(levels)))
        return np.where(where[:, None], values, np.nan)

    new = only(0.9 * progress**2, together)
    belief = np.stack([1 - new, 0.95 * new, 0.05 * new], axis=2)
    ruptures = only(np.zeros(count), is_session)
    repairs = ruptures.copy()
    ruptures[0, [11, 14, 15]] = 1.0
    repairs[0, [11, 15]] = 1.0
    variables = {
        "trust": only(0.3 + 0.5 * progress, together) + 0.03 * noise,
        "symptoms": only(1.2 - 0.9 * progress - 0.8 * (phase == "follow-up"), phase != "childhood")
        + 0.1 * noise,
        "life_distress": only(1.5 - progress, phase != "childhood"),
        "distress": only(1.4 - progress, together),
        "learning_rate": only(0.02 + 0.1 * progress * (1 - progress), together),
        "uncertainty": only(progress * (1 - progress), together),
        "new_model": new,
        "mentalising": only(0.6 + 0.2 * progress, together),
        "contact": only(np.full(count, 0.5), together),
        "ruptures": ruptures,
        "repairs": repairs,
        "present": only(np.ones(count), is_session),
        "cue_accuracy": np.full((dyads, count), np.nan),
    }  # fmt: skip
    data = xr.Dataset({name: (EVERY, value) for name, value in variables.items()})
    return data.assign(
        model_belief=((*EVERY, "model"), belief),
        expected_attuned=((*EVERY, "model"), np.where(belief >= 0, [0.2, 0.8, 0.5], np.nan)),
        action_share=((*EVERY, "action"), shares([0.2, 0.3, 0.4, 0.1], together)),
        stance_share=((*EVERY, "stance"), shares([0.6, 0.1, 0.25, 0.05], together)),
        intervention_share=(
            (*EVERY, "intervention"),
            shares([0.2, 0.4, 0.1, 0.1, 0.05, 0.05, 0.03, 0.05, 0.01, 0.01], is_session),
        ),
        cortisol=((*EVERY, "partner"), np.full((dyads, count, 2), 1.2)),
    ).assign_coords(
        phase=("encounter", phase),
        week=("encounter", np.where(phase == "childhood", np.nan, np.arange(count) - 10.0)),
        session=("encounter", session),
        age_years=("encounter", np.where(phase == "childhood", 0.5 * np.arange(1, count + 1), 30.0)),
        model=[0, 1, 2], partner=["seeker", "figure"], action=ACTIONS, stance=STANCES,
        intervention=INTERVENTIONS,
    )  # fmt: skip


def _ticks(
    rng: np.random.Generator, dyads: int, ticks: int, readouts: xr.Dataset
) -> xr.Dataset:
    kept = np.array([0, 10, 11, 21])
    shape, every = (dyads, len(kept), ticks), ("dyad", "encounter", "tick")
    heard = np.broadcast_to([0.2, 0.1, 0.62, 0.08], (*shape, 4)).copy()
    intervention = np.full(shape, 1.0)
    intervention[:, 0] = -1.0
    data = xr.Dataset(
        {
            "arousal": (
                (*every, "second", "partner"), rng.normal(size=(*shape, 10, 2)).cumsum(2) * 0.05
            ),
            "distress": (every, np.full(shape, 2.0)),
            "action": (every, np.full(shape, 2.0)),
            "intervention": (every, intervention),
            "perceived_stance": ((*every, "stance"), heard),
            "model_belief": ((*every, "model"), np.broadcast_to([0.7, 0.3, 0.0], (*shape, 3))),
            "mentalising": (every, rng.uniform(0.4, 0.8, shape)),
            "contact": (every, rng.uniform(0.2, 0.8, shape)),
            "trust": (every, np.full(shape, 0.31)),
            "free_energy_other": (every, rng.uniform(0.5, 2.0, shape)),
            "ruptured": (every, np.zeros(shape)),
            "learning_rate": (every, np.full(shape, 0.02)),
        },
        {"encounter": kept, "stance": STANCES, "partner": ["seeker", "figure"], "model": [0, 1, 2]},
    )  # fmt: skip
    # The last kept session is shorter: it ends in missing values.
    data = data.where((data.encounter != 21) | (data.tick < ticks - 5))
    return data.assign_coords(dyad=readouts.dyad, arm=readouts.arm)
