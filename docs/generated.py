"""What the documentation takes from the program: `<!-- generated: NAME -->` in a page."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import typer

_MARK = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)


def commands() -> str:
    """Each command, its arguments and options, as its --help tells them."""
    from bowlby.cli import app

    group = typer.main.get_command(app)
    return "\n".join(
        line for name in sorted(group.commands) for line in _command(name, group.commands[name])
    )


def formats() -> str:
    """A row for each file format that can be read."""
    from bowlby.recordings.reading import FORMATS

    rows = [(f"`{f.name}`", f.title, f"`{' '.join(f.suffixes)}`") for f in FORMATS]
    return "\n".join(_table(("--format", "what", "endings"), rows))


def presets() -> str:
    """A row for each preset of `bowlby simulate`."""
    from bowlby.simulation.catalogue import presets as packaged

    rows = [(f"`{p.name}`", p.kind, p.reproduces) for p in packaged()]
    return "\n".join(_table(("name", "kind", "what"), rows))


def setup(app: Any) -> dict[str, bool]:
    """Replace the marks when Sphinx reads a page."""
    app.connect("source-read", _on_read)
    return {"parallel_read_safe": True}


_MAKERS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "formats": formats,
    "presets": presets,
}


def _on_read(app: Any, docname: str, source: list[str]) -> None:
    del app, docname
    source[0] = _MARK.sub(lambda mark: _MAKERS[mark[1]](), source[0])


def _command(name: str, command: Any) -> Iterator[str]:
    context = typer.Context(command, info_name=f"bowlby {name}")
    records = [(p, p.get_help_record(context)) for p in command.params]
    rows = {True: [], False: []}
    for parameter, record in records:
        if record and parameter.name != "help":
            is_option = parameter.param_type_name == "option"
            rows[is_option].append((f"`{record[0]}`", record[1]))
    yield f"## bowlby {name}\n\n{command.help}\n"
    if rows[False]:
        yield from (*_table(("argument", "what"), rows[False]), "")
    if rows[True]:
        yield from (*_table(("option", "what"), rows[True]), "")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
