"""Options of `bowlby outcomes`, and the question they make."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bowlby.cli import _options as o

if TYPE_CHECKING:
    from bowlby.outcomes.loading import Question

_FILE, _NUMBERS, _HOW = "The file", "Numbers to judge by", "What to compute"

File = Annotated[
    Path, typer.Argument(metavar="SCORES", help="CSV, XLSX, Parquet, SPSS or Stata file.")
]
Instrument = Annotated[
    str, typer.Option(help="Its id (`bowlby outcomes instruments`) or a TOML of your own.")
]
Out = Annotated[Path, typer.Option(help="Folder to write.", rich_help_panel=o.OUTPUT)]
Name = Annotated[
    str, typer.Option(help="Name of a scale of your own.", rich_help_panel=_NUMBERS)
]
Lower = Annotated[
    bool | None,
    typer.Option(
        "--lower-is-better/--higher-is-better", help="Which way is better, where not known.",
        rich_help_panel=_NUMBERS,
    ),
]  # fmt: skip
Scale = Annotated[
    str | None, typer.Option(help="Which scale, if there are several.", rich_help_panel=_FILE)
]
Columns = Annotated[
    str | None,
    typer.Option(help="What columns are: client=id,value=phq.", rich_help_panel=_FILE),
]
Map = Annotated[
    Path | None,
    typer.Option("--map", help="TOML that says what columns are.", rich_help_panel=_FILE),
]
Missing = Annotated[
    str | None, typer.Option(help="Codes for missing, e.g. -99.", rich_help_panel=_FILE)
]
Dates = Annotated[
    str | None,
    typer.Option(help="What comes first in 5/3/2024: day or month.", rich_help_panel=_FILE),
]
Keep = Annotated[
    str | None,
    typer.Option(help="Which of two scores at one time: last or first.", rich_help_panel=_FILE),
]
Time = Annotated[
    str, typer.Option("--time", help="Count in session or week.", rich_help_panel=_FILE)
]
Numbers = Annotated[
    str | None,
    typer.Option(
        help="Numbers of your own: reliability=.89,sd=6.1,cutoff=10,reliable_change=6,"
        "clinical_mean=,clinical_sd=,functional_mean=,functional_sd=,minimum=,maximum=.",
        rich_help_panel=_NUMBERS,
    ),
]
Level = Annotated[
    str,
    typer.Option(
        "--reliable-change", help="published, or computed at 95 or 90 %.",
        rich_help_panel=_NUMBERS,
    ),
]  # fmt: skip
Unverified = Annotated[
    bool,
    typer.Option(
        "--accept-unverified", help="Use numbers that bowlby knows from memory only.",
        rich_help_panel=_NUMBERS,
    ),
]  # fmt: skip
Planned = Annotated[
    int | None,
    typer.Option(help="Sessions planned; from the file by default.", rich_help_panel=_HOW),
]
Ever = Annotated[
    float,
    typer.Option(help="Share of clients on course who may ever be red.", rich_help_panel=_HOW),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        help="A further instrument of the same clients: srs, or srs=alliance.csv. May be given "
        "again.",
        rich_help_panel=_HOW,
    ),
]


def question(
    file: Path, instrument: str, *, name: str = "", lower: bool | None = None,
    scale: str | None = None, columns: str | None = None, mapping: Path | None = None,
    missing: str | None = None, dates: str | None = None, keep: str | None = None,
    time: str = "session", numbers: str | None = None, level: str = "published",
    accept_unverified: bool = False,
) -> "Question":  # fmt: skip
    """The question, checked."""
    from bowlby.outcomes.loading import Question

    direction = "" if lower is None else ("lower" if lower else "higher")
    return Question(
        file, instrument, name, direction, scale, _pairs(columns, "--columns"), mapping,
        o.numbers(missing, "--missing") if missing else (), dates, keep, time,
        _numbers(numbers), level, accept_unverified,
    )  # fmt: skip


def _pairs(text: str | None, option: str) -> dict[str, str]:
    made = {}
    for part in o.split(text):
        name, mark, value = part.partition("=")
        if not mark or not value:
            raise ValueError(f"{option} {part!r}: write name=value, e.g. {option} client=id.")
        made[name.strip()] = value.strip()
    return made


def _numbers(text: str | None) -> dict[str, float]:
    made = {}
    for name, value in _pairs(text, "--numbers").items():
        try:
            made[name] = float(value)
        except ValueError:
            raise ValueError(f"--numbers {name}={value}: {value!r} is not a number.") from None
    return made


def settings(asked: "Question", **more: object) -> dict[str, object]:
    """What shapes the numbers, for run.json."""
    from dataclasses import asdict

    plain = {k: v for k, v in asdict(asked).items() if k != "file"}
    return {k: str(v) if isinstance(v, Path) else v for k, v in (plain | more).items()}
