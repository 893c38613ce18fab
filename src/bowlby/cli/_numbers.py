"""Tables of declared numbers, for people, spreadsheets and programs."""

import csv
import inspect
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from bowlby.theory.theory import Number

WORDS = ("theory", "client", "figure", "population", "interventions")
"""What can be shown beside presets and mechanisms."""


def is_shown(name: str | None) -> bool:
    """Whether a name is one of the tables or mechanisms that can be shown."""
    if name in WORDS:
        return True
    from bowlby.theory import Theory

    return name in Theory().mechanisms()


def show_numbers(name: str, *, as_json: bool) -> None:
    """Print a table of numbers: all of the theory, of people, or of one mechanism.

    A terminal gets a table, a pipe or file CSV; `as_json` is for programs.
    """
    rows = _rows(name)
    if as_json:
        typer.echo(json.dumps([row._asdict() for row in rows], indent=2))
    elif sys.stdout.isatty():
        _tell_mechanism(name)
        _draw(rows)
    else:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(rows[0]._fields)
        writer.writerows(rows)


def _rows(name: str) -> "list[Number]":
    from bowlby.courses.numbers import numbers, of_theory
    from bowlby.theory import Theory

    sections = {"client": "client", "figure": "childhood.caregiver",
                "population": "childhood.population"}  # fmt: skip
    if name in sections:
        return [row for row in numbers() if row.name.rpartition(".")[0] == sections[name]]
    rows = of_theory(Theory())
    return rows if name == "theory" else [r for r in rows if r.name.split(".")[1] == name]


def _tell_mechanism(name: str) -> None:
    """The documentation of a mechanism's file: its equation and source."""
    from importlib import import_module

    from bowlby.theory import Theory

    mechanisms = Theory().mechanisms()
    if name in mechanisms or name == "interventions":
        home = type(mechanisms[name]).__module__ if name in mechanisms else (
            "bowlby.theory.interventions"
        )  # fmt: skip
        typer.echo(inspect.cleandoc(import_module(home).__doc__ or "") + "\n")


def _draw(rows: "Sequence[Number]") -> None:
    from rich.console import Console
    from rich.table import Table

    console, group, table = Console(), "", Table()
    for row in rows:
        section = ".".join(row.name.split(".")[: 2 if row.name.startswith("theory.") else -1])
        if section != group:
            if group:
                console.print(table)
            group = section
            table = Table("name", "value", "range", "unit", "meaning", "source", title=group,
                          title_justify="left")  # fmt: skip
        table.add_row(row.name.removeprefix(f"{group}."), f"{row.value:g}",
                      f"{row.low:g} to {row.high:g}", "" if row.unit == "1" else row.unit,
                      row.meaning, row.source)  # fmt: skip
    console.print(table)
