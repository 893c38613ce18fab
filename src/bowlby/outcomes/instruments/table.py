"""One TOML an instrument, written from the table of instruments and keys.toml.

    python -m bowlby.outcomes.instruments.table instruments.csv

The table says of every number how far it was verified: A (read in the source), B (in a second
source), M (from memory). A field that carries no grade counts as M.
"""

import csv
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

FIELDS = {
    "scoring": "key", "key": "key", "keys": "key", "items": "key", "reverse": "key",
    "form": "key", "scales": "key", "range": "range", "ranges": "range",
    "norms": "moments", "values": "moments", "general population": "moments_other",
    "reliability": "reliability", "alpha": "reliability", "retest": "reliability",
    "cutoff": "cutoff", "cut-offs": "cutoff", "caseness": "cutoff",
    "rc": "reliable_change", "missing rule": "missing", "missing limit": "missing",
    "missing": "missing", "licence": "licence",
}  # fmt: skip
GRADED = ("key", "moments", "reliability", "cutoff", "reliable_change", "missing", "licence")
# Kinds of the numbers, which the table says in words of its own.
CUTOFF_KIND = {"phq9": "screening", "gad7": "caseness", "core10": "c", "coreom": "c",
               "oq45": "c", "ors": "c", "pcl5": "screening"}  # fmt: skip
# CORE-10's and ORS's published constants are the 90 % level; OQ-45's 14 by the clinical SD.
CHANGE_LEVEL = {"core10": 0.90, "ors": 0.90, "oq45": 0.90}


def grades(text: str) -> dict[str, str]:
    """How far each field was verified, from the table's words.

    Args:
        text: Such as `norms B; RC M,C; licence A`.
    """
    found: dict[str, str] = {}
    for part in re.split(r"[;.]\s*", text):
        for name, grade in re.findall(
            r"(general population|missing rule|missing limit|[A-Za-z-]+)(?: \d+)?"
            r" ([ABM])(?![a-z])",
            part,
        ):
            field = FIELDS.get(name.lower())
            if field and field not in found:
                found[field] = grade
        whole = re.match(r"key and values ([ABM])", part)
        if whole:
            found.update(key=whole[1], moments=whole[1])
    return {field: found.get(field, "M") for field in GRADED}


def item_numbers(text: str) -> list[int]:
    """Items of `1-6` or `2;4` or `1,3-5`; words in brackets and `all but` are not read."""
    if not re.fullmatch(r"[\d;,\- ]+(\([^)]*\))?", text.strip()):
        return []
    numbers: list[int] = []
    for part in re.split(r"[;,]", re.sub(r"\([^)]*\)", "", text)):
        first, _, last = part.strip().partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def instrument_toml(row: Mapping[str, str], key: Mapping) -> str:
    """The TOML of one row of the table.

    Args:
        row: The row.
        key: Its entry of keys.toml, or nothing.
    """
    verified = grades(row["verified"])
    lines = ["# Written by bowlby.outcomes.instruments.table: change the table, not this file."]
    for name in ("id", "name", "construct", "direction", "licence", "source"):
        lines.append(f"{name} = {_text(row[name])}")
    lines.append(f"text_may_ship = {_text(row['text_may_ship'])}")
    if row["items"].isdigit():
        lines.append(f"items = {row['items']}")
    lines += [f"{to} = {row[of]}" for of, to in (("min", "minimum"), ("max", "maximum"))
              if _is_number(row[of])]  # fmt: skip
    lines.append(f"missing_rule = {_text(row['missing_rule'])}")
    lines.append(f"risk_items = {item_numbers(row['risk_items'].split(' ')[0])}")
    lines.append(f"loinc = {_text(row['loinc'])}")
    lines.append(f"verified_words = {_text(row['verified'])}")
    if "note" in key:
        lines.append(f"note = {_text(key['note'])}")
    if "answers" in key:
        lines.append(f"answers = {key['answers']}")
        lines.append(f"is_continuous = {str(key.get('is_continuous', False)).lower()}")
    lines += _numbers(row, verified)
    lines += _scales(row, key)
    lines += ["", "[verified]", *(f'{name} = "{grade}"' for name, grade in verified.items())]
    return "\n".join(lines) + "\n"


def _numbers(row: Mapping[str, str], verified: Mapping[str, str]) -> list[str]:
    kinds = {
        "reliability": ("reliability", {"kind": "internal consistency"}),
        "retest": ("reliability", {"kind": "retest"}),
        "norm_mean": ("moments", {}), "norm_sd": ("moments", {}),
        "clinical_mean": ("moments", {}), "clinical_sd": ("moments", {}),
        "cutoff": ("cutoff", {"kind": CUTOFF_KIND.get(row["id"], "published")}),
        "published_rc": ("reliable_change", {"level": CHANGE_LEVEL.get(row["id"], 0.95)}),
    }  # fmt: skip
    lines = []
    for name, (field, more) in kinds.items():
        if not _is_number(row[name]):
            continue
        lines += ["", f"[numbers.{name}]", f"value = {float(row[name])}"]
        lines.append(f'verified = "{verified[field]}"')
        lines += [f"{k} = {json.dumps(v)}" for k, v in more.items()]
    return lines


def _scales(row: Mapping[str, str], key: Mapping) -> list[str]:
    lines = []
    listed = item_numbers(row["reverse_items"]) if row["reverse_items"] else []
    for name, scale in key.get("scales", {}).items():
        items = item_numbers(scale["items"])
        reversed_ = item_numbers(scale["reversed"]) if "reversed" in scale else listed
        lines += ["", f"[scales.{name}]", f"items = {items}"]
        lines.append(f"reversed = {[i for i in reversed_ if i in items]}")
        lines.append(f'how = "{scale["how"]}"')
        lines.append(f"times = {scale.get('times', 1)}")
        lines.append(f"most_missing = {scale['most_missing']}")
        lines += [f"{k} = {scale[k]}" for k in ("recode", "recode_reversed") if k in scale]
    return lines


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text.strip()))


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def all_tomls(table: Path) -> dict[str, str]:
    """The TOML of every instrument of the table, by id.

    Args:
        table: instruments.csv.
    """
    folder = files("bowlby.outcomes.instruments")
    keys = tomllib.loads((folder / "keys.toml").read_text(encoding="utf-8"))
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["id"]: instrument_toml(row, keys.get(row["id"], {})) for row in rows}


if __name__ == "__main__":
    for name, text in all_tomls(Path(sys.argv[1])).items():
        (Path(__file__).parent / "keys" / f"{name}.toml").write_text(text, encoding="utf-8")
