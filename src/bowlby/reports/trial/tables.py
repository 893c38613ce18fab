"""The tables of a trial report."""

from collections.abc import Mapping, Sequence
from typing import Any

from bowlby.reports.numbers import number, percent, signed
from bowlby.reports.page import Table, text_table
from bowlby.reports.trial.wording import arm_said, of_r, outcome_said, p_short

Rows = Sequence[Mapping[str, Any]]

NONE = "\N{EN DASH}"
_MODELS = {"mixed": "mixed model", "ols": "least squares", "weighted": "weighted"}


def contrasts_table(
    primary: Mapping[str, Any],
    title: str = "Contrasts",
    more: str = " Contrasts with a p-value of Holm decide the trial.",
) -> Table:
    """Every contrast of the main outcome."""
    rows = [
        [
            _pair(row), signed(row["difference"]), _range(row["low"], row["high"]),
            signed(row["d"]), signed(row["g"]), number(row["df"], 0), p_short(row["p"]),
            p_short(row.get("p_holm")),
        ]
        for row in primary["contrasts"]
    ]  # fmt: skip
    return text_table(
        title,
        ("arms", "difference (SD)", "interval", "d", "g", "df", "p", "p (Holm)"),
        rows,
        f"First minus second: negative favours the first.{more}",
    )


def _pair(row: Mapping[str, Any]) -> str:
    return f"{arm_said(row['first'])} \N{EN DASH} {arm_said(row['second'])}"


def _range(low: float | None, high: float | None) -> str:
    return f"{number(low)} to {number(high)}"


def theories_table(theories: Mapping[str, Any]) -> Table:
    """Contrasts of the main outcome under two theories, side by side."""
    own = theories["names"][1]
    rows = []
    for row in theories["contrasts"]:
        cells = [_pair(row)]
        for found in (row["default"], row["own"]):
            p = found["p_holm"] if row["decides"] else found["p"]
            interval = _range(found["low"], found["high"])
            cells += [f"{signed(found['difference'])} ({interval})", signed(found["g"]),
                      p_short(p)]  # fmt: skip
        rows.append(cells)
    return text_table(
        f"Contrasts of {outcome_said(theories['outcome'])} under two theories",
        ("arms", "difference (SD)", "g", "p", f"difference ({own})", f"g ({own})",
         f"p ({own})"),
        rows,
        "First minus second arm: negative favours the first. p after Holm's correction where "
        "the contrast decides.",
    )  # fmt: skip


def theories_arms_table(theories: Mapping[str, Any]) -> Table:
    """Adjusted means and shares of clients reliably better under two theories."""
    own, better = theories["names"][1], {row["arm"]: row for row in theories["improved"]}
    rows = []
    for mean in theories["arms"]:
        for kind, name in (("default", ""), ("own", f" ({own})")):
            # A regime is no arm: who stands for several has improved once.
            share = percent(better[mean["arm"]][kind]) if mean["arm"] in better else NONE
            rows.append([arm_said(mean["arm"]) + name, number(mean[kind]), share])
    return text_table("Arms under two theories", ("arm", "mean (SD)", "reliably better"), rows)


def arms_table(primary: Mapping[str, Any]) -> Table:
    """Adjusted means."""
    rows = [
        [arm_said(row["arm"]), number(row["mean"]), _range(row["low"], row["high"])]
        for row in primary["arms"]
    ]
    return text_table(
        "Means at the mean score before therapy", ("arm", "mean (SD)", "interval"), rows
    )


def change_table(change: Mapping[str, Any]) -> Table:
    """Reliable improvement, recovery, deterioration."""
    rows = [
        [
            arm_said(row["arm"]), str(row["n"]), number(row["mean_fall"]),
            *(_share(row[kind]) for kind in ("improved", "recovered", "deteriorated")),
            _beyond(row["risk_difference"]), _needed(row["number_needed_to_treat"]),
        ]
        for row in change["arms"]
    ]  # fmt: skip
    return text_table(
        "Who got better",
        ("arm", "n", "mean fall (SD)", "reliably improved", "recovered", "deteriorated",
         "improved beyond reference", "number needed to treat"),
        rows,
        f"Reliable change: more than {change['reliable_change']:.2f} SD, which measurement "
        "error makes in 5 of 100. Recovered: improved, and from above to below "
        f"{number(change['cutoff'])} SD, where clients and population meet. The number needed "
        "to treat stands where the interval of the difference leaves 0 out.",
    )  # fmt: skip


def _beyond(found: Mapping[str, Any]) -> str:
    """A difference of shares with its interval; nothing for the reference itself."""
    if found["low"] == found["high"]:
        return NONE
    low, high = signed(100 * found["low"], 0), signed(100 * found["high"], 0)
    return f"{signed(100 * found['difference'], 0)} % ({low} to {high})"


def _needed(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return NONE
    low, high = number(found["low"], 1), number(found["high"], 1)
    return f"{number(found['number'], 1)} ({low} to {high})"


def second_stage_table(found: Mapping[str, Any]) -> Table:
    """Who responded and who was randomised again."""
    rows = [
        [arm_said(row["arm"]), str(row["n"]), str(row["responded"]), str(row["left"]),
         str(row["again"]),
         ", ".join(f"{arm_said(name)} {n}" for name, n in row["options"].items())]
        for row in found["arms"]
    ]  # fmt: skip
    return text_table(
        "Second stage",
        ("arm", "clients", "responded", "left before", "randomised again", "went on with"),
        rows,
    )


def monitoring_table(found: Mapping[str, Any]) -> Table:
    """Interim looks and their bounds."""
    rows = [
        [percent(row["share"]), str(row["clients"]), signed(row["difference"]),
         signed(row["z"]), number(row["bound"], 3), p_short(row["nominal_p"]),
         "crossed" if row["is_crossed"] else "not crossed"]
        for row in found["looks"]
    ]  # fmt: skip
    spending = {"obrien_fleming": "O'Brien-Fleming", "pocock": "Pocock"}[found["spending"]]
    return text_table(
        "Interim looks",
        ("share", "clients", "difference (SD)", "z", "bound of |z|", "p at the bound", "bound"),
        rows,
        f"Lan-DeMets spending of {spending} type. Decided at the first bound that is crossed.",
    )


def _share(found: Mapping[str, Any]) -> str:
    return f"{percent(found['share'])} ({100 * found['low']:.0f} to {100 * found['high']:.0f})"


def gains_table(gains: Rows) -> Table:
    """Sudden gains by arm."""
    rows = [
        [
            arm_said(row["arm"]), percent(row["with_gain"] / row["n"]), str(row["gains"]),
            number(row["median_session"], 0), number(row["mean_fall_with"]),
            number(row["mean_fall_without"]),
        ]
        for row in gains
    ]  # fmt: skip
    return text_table(
        "Sudden gains",
        ("arm", "clients with one", "gains", "median session", "fall with (SD)",
         "fall without (SD)"),
        rows,
    )  # fmt: skip


def ruptures_table(ruptures: Rows) -> Table:
    """Ruptures and repair by arm."""
    rows = [
        [arm_said(row["arm"]), number(row["per_session"]), percent(row["repaired"]),
         of_r(row["repair_outcome"])]
        for row in ruptures
    ]  # fmt: skip
    return text_table(
        "Ruptures and repair",
        ("arm", "ruptures a session", "repaired", "repaired share with fall of symptoms"),
        rows,
    )


def secondary_table(secondary: Rows) -> Table:
    """Contrasts with the reference on the other outcomes."""
    rows = [
        [
            f"{outcome_said(each['outcome'])}: {_pair(row)}", signed(row["difference"]),
            _range(row["low"], row["high"]), signed(row["g"]), p_short(row["p"]),
            _MODELS[each["model"]["kind"]],
        ]
        for each in secondary
        for row in each["contrasts"]
        if row["decides"]
    ]  # fmt: skip
    return text_table(
        "Other outcomes", ("outcome", "difference (SD)", "interval", "g", "p", "model"), rows
    )


def baseline_table(baseline: Rows) -> Table:
    """Clients before therapy."""
    columns = {
        "internalising_before": "internalising", "externalising_before": "externalising",
        "anxiety": "attachment anxiety", "avoidance": "attachment avoidance",
    }  # fmt: skip
    rows = [
        [
            arm_said(row["arm"]), str(row["n"]),
            *(f"{number(row[f'{c}_mean'])} ({number(row[f'{c}_std'])})" for c in columns),
            " / ".join(f"{100 * row['patterns'][p]:.0f}" for p in "ABCD"),
        ]
        for row in baseline
    ]  # fmt: skip
    return text_table(
        "Before therapy",
        ("arm", "n", *columns.values(), "A / B / C / D (%)"),
        rows,
        "Means and standard deviations of what was observed; classes of the Strange Situation.",
    )


def world_table(world: Mapping[str, Any]) -> Table:
    """This world beside what was published."""
    rows = [
        [row["claim"], number(row["here"]), row["published"],
         "like it" if row["is_like"] else "unlike it"]
        for row in world["rows"]
    ]  # fmt: skip
    return text_table(
        "This world beside published findings", ("published finding", "here", "published", ""),
        rows, "Response is symptoms halved on a scale whose zero is 1.5 SD below the mean.",
    )  # fmt: skip


def power_table(power: Mapping[str, Any]) -> Table:
    """Power of every contrast."""
    rows = [
        [
            _pair(row), percent(row["power"]),
            f"{percent(row['low'])} to {percent(row['high'])}",
            percent(row["power_unadjusted"]), signed(row["mean_g"]), number(row["sd_g"]),
            str(row["wrong_direction"]),
        ]
        for row in power["contrasts"]
    ]  # fmt: skip
    models = ", ".join(
        f"{count} \N{MULTIPLICATION SIGN} {_MODELS[kind]}"
        for kind, count in power["models"].items()
        if count
    )
    reasons = "; ".join(f"{text} ({count})" for text, count in power["reasons"].items())
    return text_table(
        "Repetitions",
        ("arms", "power", "interval", "without correction", "mean g", "SD of g",
         "wrong direction"),
        rows,
        f"Models used: {models}." + (f" Least squares where: {reasons}." if reasons else ""),
    )  # fmt: skip
