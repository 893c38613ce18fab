"""What the documentation takes from the program: `<!-- generated: NAME -->` in a page."""

import csv
import inspect
import json
import math
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer

_MARK = re.compile(r"^<!-- generated: (\w+)((?: \w+)*) -->$", re.MULTILINE)


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
    from bowlby.courses.catalogue import presets as packaged

    rows = [(f"`{p.name}`", p.kind, p.reproduces) for p in packaged()]
    return "\n".join(_table(("name", "kind", "what"), rows))


def sections() -> str:
    """Each section of a course, its entries with default, range and meaning."""
    from bowlby.courses.course import Course

    schema = Course.model_json_schema()
    lines: list[str] = []
    told: list[str] = []
    for path, section in _entries("", schema, schema["$defs"]):
        if section["title"] in told:
            continue
        told.append(section["title"])
        lines += [f"### `{path}`" if path else "### A course", ""]
        lines += [*section.get("description", "").splitlines(), ""]
        lines += _table(
            ("entry", "what", "default", "meaning"),
            [
                (f"`{name}`", _allowed(entry), _default(entry), entry.get("description", ""))
                for name, entry in section["properties"].items()
            ],
        )
        lines.append("")
    return "\n".join(lines)


def protocols() -> str:
    """A line for each protocol."""
    from bowlby.courses.protocols import DESCRIPTIONS

    return "\n".join(f"- `{name}`: {what}" for name, what in DESCRIPTIONS.items())


def ablations() -> str:
    """A row for each ablation: the numbers it changes, and what they are without."""
    from bowlby.theory import Theory

    rows = [
        (f"`{name}`", ", ".join(f"`{number}` = {value:g}" for number, value in off.items()))
        for name, off in sorted(Theory().ablations().items())
    ]
    return "\n".join(_table(("name", "numbers without it"), rows))


def _entries(path: str, section: dict, defs: dict) -> Iterator[tuple[str, dict]]:
    """A section and those in it, depth first, each with its heading in TOML."""
    yield path, section
    inside = path.strip("[]")
    for name, entry in section["properties"].items():
        where = f"{inside}.{name}" if inside else name
        for reference, heading in _references(entry, where):
            yield from _entries(heading, defs[reference], defs)


def _references(entry: dict, where: str) -> Iterator[tuple[str, str]]:
    """Sections that an entry holds, with their heading in TOML."""
    held = [
        (entry, f"[{where}]"),
        *((one, f"[{where}]") for one in (*entry.get("anyOf", ()), *entry.get("allOf", ()))),
        (entry.get("items", {}), f"[[{where}]]"),
        (entry.get("additionalProperties", {}), f"[{where}.NAME]"),
    ]
    for one, heading in held:
        if isinstance(one, dict) and "$ref" in one:
            yield one["$ref"].rsplit("/", 1)[-1], heading


def _allowed(entry: dict) -> str:
    """What an entry may be, in words."""
    some = [one for one in entry.get("anyOf", [entry]) if one.get("type") != "null"]
    return " or ".join(dict.fromkeys(_of_type(one, entry.get("unit", "")) for one in some))


def _of_type(one: dict, unit: str) -> str:
    if "$ref" in one:
        return "a section"
    if "enum" in one:
        return ", ".join(f"`{choice}`" for choice in one["enum"])
    if "const" in one:
        return f"`{one['const']}`"
    kinds = {
        "boolean": "`true` or `false`", "string": "text", "array": "a list",
        "object": "a table", "integer": "whole number", "number": "number",
    }  # fmt: skip
    kind = kinds.get(one.get("type", ""), "anything")
    if "minimum" in one or "maximum" in one:
        ends = one.get("minimum", -math.inf), one.get("maximum", math.inf)
        kind += ", {} to {}".format(
            *(f"{e:,}" if isinstance(e, int) else f"{e:g}" for e in ends)
        )
    return kind + (f" {unit}" if unit and unit != "1" else "")


def _default(entry: dict) -> str:
    value = entry.get("default")
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"`{value:g}`"
    return f"`{value}`" if isinstance(value, str) and value else ""


def numbers(*names: str) -> str:
    """A row for each number of some mechanisms of the theory."""
    from bowlby.theory import Theory

    rows = [
        (
            f"`{n.name}`",
            n.meaning,
            _value(n.default, n.unit),
            f"{n.low:g} to {n.high:g}",
            n.source,
        )
        for n in Theory().numbers()
        if n.name.split(".")[0] in names
    ]
    return "\n".join(_table(("number", "meaning", "default", "range", "source"), rows))


def mechanisms(*told: str) -> str:
    """A section for each mechanism but those that a page tells of itself."""
    from bowlby.theory import Theory

    theory = Theory()
    parts = []
    for name, module in theory.mechanisms().items():
        if name in told:
            continue
        text = inspect.getmodule(type(module)).__doc__.split("\n", 1)
        parts += [f"## {name.replace('_', ' ').capitalize()}", "", f"*{text[0]}*", ""]
        parts += ["```text", textwrap.dedent(text[1]).strip(), "```", "", numbers(name), ""]
        if module.OFF:
            parts += [f"Ablation: {', '.join(f'`{off}`' for off in module.OFF)}.", ""]
    return "\n".join(parts)


def people() -> str:
    """A row for each number that differs between people."""
    from bowlby.theory.declared import declarations
    from bowlby.theory.people import AttachmentFigure, CareSeeker, RelationalMind
    from bowlby.theory.populations import CaregiverPopulation

    sections = {
        "client": (RelationalMind, CareSeeker),
        "figure": (AttachmentFigure,),
        "childhood.population": (CaregiverPopulation,),
    }
    rows = [
        (f"`{section}.{name}`", d.meaning, _value(d.value, d.unit), f"{d.low:g} to {d.high:g}")
        for section, modules in sections.items()
        for module in modules
        for name, d in declarations(module).items()
    ]
    return "\n".join(_table(("entry", "meaning", "default", "range"), rows))


def interventions() -> str:
    """A row for each intervention."""
    from bowlby.theory.intervention_rows import COLUMNS, built_in_rows

    rows = [(f"`{r['name']}`", *(f"{float(r[c]):g}" for c in COLUMNS)) for r in built_in_rows()]
    return "\n".join(_table(("name", *COLUMNS), rows))


def readouts() -> str:
    """A row for each readout."""
    from bowlby.simulation.instruments import READOUTS

    rows = [
        (f"`{name}`", r.meaning, r.unit, f"{r.noise:g}" if r.noise else "")
        for name, r in READOUTS.items()
    ]
    return "\n".join(_table(("readout", "meaning", "unit", "SD of its error"), rows))


def instruments() -> str:
    """A row for each score with an instrument: method, shares, source."""
    from bowlby.theory.instruments import instruments as packaged

    rows = [
        (
            f"`{name}`", i.construct, f"{i.method}, {i.informant}",
            f"{i.reliability:g} ({i.kind})", f"{i.occasion_share:g}", f"{i.method_share:g}",
            f"{i.construct_share:.2f}", f"{i.spread:g}", i.among, i.source,
        )
        for name, i in packaged().items()
    ]  # fmt: skip
    head = ("score", "construct", "method", "reliability", "occasion", "method share",
            "construct share", "spread", "among", "source")  # fmt: skip
    return "\n".join(_table(head, rows))


def observables() -> str:
    """A row for each variable of encounters and weeks."""
    from bowlby.simulation.observables import ENCOUNTERS

    rows = [
        (f"`{name}`", v.meaning, v.unit, ", ".join(v.dims), v.phases.replace(" ", ", "))
        for name, v in ENCOUNTERS.items()
    ]
    return "\n".join(_table(("variable", "meaning", "unit", "dims", "of"), rows))


def advised() -> str:
    """A row for each state in which supervision advises."""
    from bowlby.practice.moves import label
    from bowlby.practice.textbook import ADVISED

    rows = [(state, ", ".join(map(label, moves))) for state, moves in ADVISED.items()]
    return "\n".join(_table(("state", "advised"), rows))


def game() -> str:
    """A row for each client: the textbook against its rivals."""
    from bowlby.practice.client import of_courses

    told = _benchmark("game")
    rows = []
    for client in of_courses():
        rivals = told["clients"][client.card.id]
        book, one, pairs = rivals["textbook"], *_rivals(rivals)
        ahead = max(q["alliance_gap"] for q in (*one.values(), *pairs.values()))
        rows.append((
            client.card.name, f"{book['change']:+.2f}", f"{book['alliance']:.2f}",
            _nearest(one), _won(one), _nearest(pairs), _won(pairs), f"{ahead:+.2f}",
            _d(rivals["support"]), _d(rivals["insist"]),
        ))  # fmt: skip
    head = ("client", "change with the textbook (SD)", "alliance at the end",
            "nearest of eleven", "d of .3, and above 0", "nearest pair at random",
            "d of .3, and above 0", "greatest lead of a rival in alliance",
            "over support", "over insistence")  # fmt: skip
    return "\n".join(_table(head, rows))


def game_sums() -> str:
    """What the table of the game comes to."""
    told = _benchmark("game")["clients"]
    one, pairs = (
        {
            f"{client}: {name}": q
            for client in told
            for name, q in _rivals(told[client])[k].items()
        }
        for k in (0, 1)
    )
    ahead = max(q["alliance_gap"] for q in (*one.values(), *pairs.values()))
    return (
        "Against nine constant moves, random and clumsy, *d* is .3 or more, and its interval "
        f"above 0, in {_won(one)}; the least is {_nearest(one)}. Against the pairs of moves at "
        f"random it is {_won(pairs)}; the least is {_nearest(pairs)}. No rival is ahead in "
        f"alliance by more than {ahead:.2f}."
    )


def _rivals(rows: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The simple strategies of a client, and the pairs of moves at random."""
    kinds = [
        {
            name: row
            for name, row in rows.items()
            if name in ("clumsy", "random") or "only" in name
        },
        {name: row for name, row in rows.items() if " or " in name},
    ]
    return kinds[0], kinds[1]


def _nearest(rows: dict[str, Any]) -> str:
    if not rows:
        return "not played"
    name = min(rows, key=lambda name: rows[name]["d"])
    return f"{name}, {_d(rows[name])}"


def _won(rows: dict[str, Any]) -> str:
    large = sum(row["d"] >= 0.3 for row in rows.values())
    return f"{large} and {sum(row['d'] > row['half'] for row in rows.values())} of {len(rows)}"


def advice() -> str:
    """A row for each state: what supervision advised there, and how often."""
    from bowlby.practice.moves import TRAINEES, label

    told = _benchmark("advice")
    rows = [
        (state, *(str(counts.get(move, "")) for move in TRAINEES))
        for state, counts in told["by_state"].items()
    ]
    rows += [
        (name, *(f"{told[key].get(move, 0):.0%}" for move in TRAINEES))
        for name, key in (
            ("of all advice", "advised"), ("best of nine", "best"),
            ("best by 5 points", "best_alone"),
        )
    ]  # fmt: skip
    return "\n".join(_table(("state", *map(label, TRAINEES)), rows))


def repeats() -> str:
    """A row for each client: lines said before within three sessions."""
    from bowlby.practice.client import find_client

    found = _benchmark("advice")["repeats"]
    rows = [(find_client(name).card.name, f"{share:.1%}") for name, share in found.items()]
    return "\n".join(_table(("client", "said before"), rows))


def own_words() -> str:
    """A row for each move: what its lines were heard as."""
    from bowlby.practice.moves import label

    told = _benchmark("own_words")
    labels = [label(move) for move in told["moves"]]
    rows = [
        (name, *(f"{share:.0%}" if share >= 0.005 else "" for share in row))
        for name, row in zip(labels, told["confusion"], strict=True)
    ]
    return "\n".join(_table(("is", *labels), rows))


def variance() -> str:
    """A row for each score: per cent of its variance by source."""
    from bowlby.evidence.variance import TITLES
    from bowlby.simulation.instruments import READOUTS

    shares: dict[str, dict[str, float]] = {}
    for row in _benchmark_table("variance/variance"):
        shares.setdefault(row["score"], {})[row["source"]] = float(row["share"])
    rows = [
        (
            f"`{name}`", READOUTS[name].meaning,
            *(f"{100.0 * max(of.get(source, 0.0), 0.0):.0f}" for source in TITLES),
        )
        for name, of in shares.items()
    ]  # fmt: skip
    return "\n".join(_table(("score", "what it is", *TITLES.values()), rows))


def agreement() -> str:
    """A row for each two views of one thing: how far they agree, beside published agreement."""
    rows = [
        (
            f"`{row['first']}` and `{row['second']}`",
            f"{float(row['model']):.2f}",
            f"{float(row['published']):.2f} ({row['source']})",
        )
        for row in _benchmark_table("variance/agreement")
    ]
    return "\n".join(_table(("two views", "model, r", "published, r"), rows))


def _benchmark_table(name: str) -> list[dict[str, str]]:
    path = Path(__file__).parents[1] / "benchmarks" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _benchmark(name: str) -> Any:
    path = Path(__file__).parents[1] / "benchmarks" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def _d(row: Any) -> str:
    return f"{row['d']:.2f} ± {row['half']:.2f}"


def setup(app: Any) -> dict[str, bool]:
    """Replace the marks when Sphinx reads a page."""
    app.connect("source-read", _on_read)
    return {"parallel_read_safe": True}


_MAKERS: dict[str, Callable[..., str]] = {
    "advice": advice,
    "agreement": agreement,
    "ablations": ablations,
    "advised": advised,
    "commands": commands,
    "formats": formats,
    "game": game,
    "game_sums": game_sums,
    "interventions": interventions,
    "mechanisms": mechanisms,
    "numbers": numbers,
    "observables": observables,
    "instruments": instruments,
    "own_words": own_words,
    "people": people,
    "presets": presets,
    "readouts": readouts,
    "protocols": protocols,
    "repeats": repeats,
    "sections": sections,
    "variance": variance,
}


def _on_read(app: Any, docname: str, source: list[str]) -> None:
    del app, docname
    source[0] = _MARK.sub(lambda mark: _MAKERS[mark[1]](*mark[2].split()), source[0])


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
    for part, its_own in sorted(getattr(command, "commands", {}).items()):
        yield from _command(f"{name} {part}", its_own)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines]


def _value(value: float, unit: str) -> str:
    return f"{value:g}" + ("" if unit == "1" else f" {unit}")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
