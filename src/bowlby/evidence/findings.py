"""Published findings: what was found, how it is scored, which mechanism explains it."""

import csv
import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import TextIO

# Rows whose number set an observation cut-off of the model: shown, never scored.
FITTED = frozenset(
    {
        "ssp-secure", "ssp-avoidant", "ssp-resistant", "ssp-disorganized",
        "aai-secure", "aai-dismissing", "aai-preoccupied", "aai-unresolved",
    }
)  # fmt: skip

PACKAGED = "packaged"
"""The table that comes with the package."""

_COLUMNS = ("slug", "area", "claim", "statistic", "value", "source")


class FindingError(ValueError):
    """A table of findings that cannot be read, or a finding that does not exist."""


@dataclass(frozen=True)
class Finding:
    """A published finding.

    Attributes:
        slug: Its name.
        area: Field of research (`attachment`, `synchrony`, `therapy`, ...).
        claim: What was found, in words.
        statistic: Name of the statistic (r, d, g, proportion, sign, ...).
        published: The published number as printed; "" where only a sign was published.
        low: Lower end of the band within which the model agrees; None where only a sign or a
            shape is scored.
        high: Upper end, likewise.
        kind: `assoc`, `contrast`, `level`, `shape`, `interaction` or `null`.
        group: Findings of one group count once.
        source: Publication.
        doi: Its DOI, "" where it could not be checked.
        verified: How far the number was read at its source.
        output: Which output of the model compares.
        mechanism: Mechanism held responsible, decided before any calibration; "" for none.
        ablation: Switch that removes it; "" for none.
        table: Table that it is in: `packaged`, or the name of a file.
    """

    slug: str
    area: str
    claim: str
    statistic: str
    published: str
    low: float | None
    high: float | None
    kind: str
    group: str
    source: str
    doi: str = ""
    verified: str = ""
    output: str = ""
    mechanism: str = ""
    ablation: str = ""
    table: str = PACKAGED

    @property
    def is_scored(self) -> bool:
        """Whether it counts: it set no cut-off of the model."""
        return self.slug not in FITTED

    @property
    def scale(self) -> str:
        """Rows scored alike: `effects`, `levels`, `shapes and signs` or `nulls`."""
        if self.kind == "null":
            return "nulls"
        if self.low is None:
            return "shapes and signs"
        return "levels" if self.kind == "level" else "effects"


def packaged_findings() -> tuple[Finding, ...]:
    """The findings that come with the package, with bands and mechanisms."""
    text = (files("bowlby.evidence.data") / "findings.csv").read_text("utf-8")
    return tuple(_finding(row) for row in csv.DictReader(StringIO(text)))


def read_findings(path: Path, beside: Collection[str] = ()) -> tuple[Finding, ...]:
    """Findings of one's own from a CSV with the columns of the packaged tables.

    Args:
        path: Needs slug, area, claim, statistic, value, source; takes band_low, band_high,
            kind, leak_group, doi, verified, model_output, mechanism, ablation.
        beside: Names that are taken.

    Raises:
        FindingError: If a column is missing, a number is none, a band is turned round, a name
            is taken or an ablation is unknown; names the line.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            return tuple(_read(file, path, set(beside)))
        except UnicodeDecodeError as error:
            raise FindingError(
                f"{path}: not UTF-8 ({error.reason}); save it as that."
            ) from error


def _read(file: TextIO, path: Path, taken: set[str]):
    from bowlby.theory import Theory  # Listing the packaged findings needs no JAX.

    ablations = Theory().ablations()
    reader = csv.DictReader(file)
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        header = ",".join(reader.fieldnames or ())
        commas = " Its columns are divided by semicolons; use commas." if ";" in header else ""
        raise FindingError(
            f"{path}: no column {missing[0]!r}; needed are {', '.join(_COLUMNS)}.{commas}"
        )
    row = None
    for row in reader:
        try:
            if None in row or None in row.values():
                raise ValueError("the row has not as many cells as the first line has columns")
            _check(row, taken, ablations)
            yield _finding(row, table=path.stem)
        except ValueError as error:
            raise FindingError(f"{path}, line {reader.line_num}: {error}.") from error
        taken.add(row["slug"])
    if row is None:
        raise FindingError(f"{path}: no finding below the first line.")


def _check(row: Mapping[str, str], taken: Collection[str], ablations: Collection[str]) -> None:
    """A row of one's own can be scored.

    Raises:
        ValueError: If it cannot.
    """
    empty = [name for name in _COLUMNS if not row[name].strip()]
    if empty:
        raise ValueError(f"{empty[0]} is empty; a finding needs it")
    if row["slug"] in taken:
        raise ValueError(f"slug {row['slug']!r} is taken; choose another name")
    low, high = _number(row, "band_low"), _number(row, "band_high")
    if (low is None) != (high is None):
        raise ValueError("a band has two ends; give band_low and band_high, or neither")
    if low is not None and high is not None and low >= high:
        raise ValueError(
            f"the band is empty or turned round: band_low {low:g} is not below band_high "
            f"{high:g}"
        )
    if low is not None or _is_number(row["value"]):
        # Where only a sign or a shape is scored, the value can be words.
        _within(_number(row, "value"), low, high, row["statistic"])
    ablation = row.get("ablation") or ""
    if ablation and ablation not in ablations:
        near = difflib.get_close_matches(ablation, ablations, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"ablation {ablation!r} is no mechanism{hint}")
    kinds = ("assoc", "contrast", "level", "shape", "interaction", "null")
    if row.get("kind") and row["kind"] not in kinds:
        raise ValueError(f"kind {row['kind']!r} is none of {', '.join(kinds)}")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _within(value: float | None, low: float | None, high: float | None, statistic: str) -> None:
    """A published number is possible, and in its own band."""
    assert value is not None
    least, most = _POSSIBLE.get(statistic, (-math.inf, math.inf))
    if not least <= value <= most:
        raise ValueError(f"value {value:g}: {statistic} is {least:g} to {most:g}")
    if low is not None and high is not None and not low <= value <= high:
        raise ValueError(f"value {value:g} lies outside its own band {low:g} to {high:g}")


_POSSIBLE = {"r": (-1.0, 1.0), "proportion": (0.0, 1.0)}
"""Range of statistics that have one."""


def _number(row: Mapping[str, str], name: str) -> float | None:
    """A number of a row; None where it is empty."""
    text = row.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name} {text!r} is no number")
    return value


def find(findings: tuple[Finding, ...], slug: str) -> Finding:
    """The finding of this name.

    Raises:
        FindingError: If there is none; names the nearest.
    """
    for finding in findings:
        if finding.slug == slug:
            return finding
    near = difflib.get_close_matches(slug, [finding.slug for finding in findings], 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise FindingError(f"No finding {slug!r}{hint} `bowlby evidence --list` shows all.")


def _finding(row: dict[str, str], *, table: str = PACKAGED) -> Finding:
    return Finding(
        slug=row["slug"], area=row["area"], claim=row["claim"], statistic=row["statistic"],
        published=row["value"], low=_number(row, "band_low"), high=_number(row, "band_high"),
        kind=row.get("kind") or "assoc", group=row.get("leak_group") or row["slug"],
        source=row["source"], doi=row.get("doi", ""), verified=row.get("verified", ""),
        output=row.get("model_output", ""), mechanism=row.get("mechanism", ""),
        ablation=row.get("ablation", ""), table=table,
    )  # fmt: skip
