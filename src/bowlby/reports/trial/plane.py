"""The report of power over a plane."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bowlby.figures.trial import plane_figure
from bowlby.reports.numbers import percent, signed
from bowlby.reports.page import OF_A_MODEL, Page, Section, draw, page_html, text_table
from bowlby.reports.trial.wording import arm_said

if TYPE_CHECKING:
    import pandas as pd


def write_plane_report(
    path: Path, table: "pd.DataFrame", over: Sequence[str], about: Mapping[str, Any]
) -> None:
    """Write the report.

    Args:
        path: File to write.
        table: Of `trials.plane.simulate_plane`.
        over: Names of the entries that vary.
        about: `title`, `seed`, `command`, `most`, `width`, `version`.
    """
    path.write_text(page_html(_page(table, over, about)), encoding="utf-8")


def _page(table: "pd.DataFrame", over: Sequence[str], about: Mapping[str, Any]) -> Page:
    by_power = table.sort_values("power", kind="stable")
    worst, best = by_power.iloc[0], by_power.iloc[-1]
    enough = table[table["low"] >= 0.8].sort_values("clients", kind="stable")
    said = f"Power is {percent(worst['power'])} at {_at(worst, over)} and "
    said += f"{percent(best['power'])} at {_at(best, over)}."
    if len(enough):
        smallest = enough.iloc[0]
        said += f" The fewest clients with a power surely above 80 %: {smallest['clients']} "
        said += f"({_at(smallest, over)})."
    else:
        said += " No combination has a power surely above 80 %."
    stops = (
        f"Each combination was repeated until the interval of its power was {about['width']:g} "
        f"wide, at most {about['most']} times."
        if about["width"]
        else f"Each combination was repeated {about['most']} times."
    )
    world = (
        "Power is that of the world it was simulated in. `bowlby trial` with the same design "
        "holds this world against published findings in the head of its report; vary "
        "`parameters` or `theory` to see how far the answer rests on them."
    ).replace("`", "")
    drawing = draw(
        plane_figure(table, over), "plane", "Power of every combination.",
        "Share of repetitions in which the contrast was found, with Wilson's 95 % interval. "
        "Dashed: 80 %.",
    )  # fmt: skip
    return Page(
        title=about["title"], kind="power of a virtual trial",
        meta=f"bowlby {about['version']} · seed {about['seed']} · {len(table)} rows",
        summary=[said, world], limits=OF_A_MODEL,
        sections=[Section("Power", stops, [drawing], [_table(table, over)])],
        command=about["command"],
    )  # fmt: skip


def _at(row: "pd.Series", over: Sequence[str]) -> str:
    return ", ".join(f"{name.removeprefix('trial.')} = {row[name]}" for name in over)


def _table(table: "pd.DataFrame", over: Sequence[str]) -> Any:
    rows = [
        [
            f"{arm_said(row['first'])} \N{EN DASH} {arm_said(row['second'])}",
            *(str(row[name]) for name in over), str(row["clients"]), str(row["repetitions"]),
            percent(row["power"]), f"{percent(row['low'])} to {percent(row['high'])}",
            signed(row["mean_g"]),
        ]
        for _, row in table.iterrows()
    ]  # fmt: skip
    names = [name.removeprefix("trial.") for name in over]
    return text_table(
        "Every combination",
        ("arms", *names, "clients", "repetitions", "power", "interval", "mean g"), rows,
    )  # fmt: skip
