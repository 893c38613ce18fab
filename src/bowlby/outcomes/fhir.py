"""Answers from FHIR: a QuestionnaireResponse, or a Bundle of them.

Items are known by their LOINC code, whether the linkId carries a slash or not. Codes that are
not known are listed in the error, never dropped. The resources are checked by fhir.resources,
which takes a second to load and is loaded only here.
"""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

from bowlby._extras import require
from bowlby.outcomes.instruments.registry import Instrument

FREQUENCY = {"LA6568-5": 0.0, "LA6569-3": 1.0, "LA6570-1": 2.0, "LA6571-9": 3.0}
"""LOINC answers from not at all to nearly every day (PHQ-9, GAD-7)."""
_ORDINAL = ("ordinalValue", "itemWeight")


def read_responses(path: Path, instrument: Instrument) -> pd.DataFrame:
    """Answers of every response of a file: client, date, item, answer.

    Args:
        path: JSON of a QuestionnaireResponse or a Bundle.
        instrument: What the answers belong to.

    Raises:
        ValueError: If the file is not FHIR, a code is unknown or an answer has no value.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name}: this is not JSON ({error}).") from error
    found = _responses(path.name, raw)
    codes = _item_codes(instrument)
    if not codes:
        raise ValueError(
            f"{instrument.id}: its LOINC item codes are not known, so FHIR answers cannot be "
            "read. "
            "Export a CSV instead."
        )
    rows = []
    for i, response in enumerate(found, 1):
        where = f"{path.name}, response {i}"
        rows += _answers(where, response, codes, instrument)
    return pd.DataFrame(rows, columns=["client", "date", "item", "answer"])


def _responses(name: str, raw: Any) -> list[dict[str, Any]]:
    kind = raw.get("resourceType") if isinstance(raw, dict) else None
    if kind == "QuestionnaireResponse":
        return [raw]
    if kind != "Bundle":
        raise ValueError(
            f"{name}: resourceType is {kind!r}; give a QuestionnaireResponse or a Bundle of "
            "them."
        )
    resources = [entry.get("resource", {}) for entry in raw.get("entry", [])]
    found = [r for r in resources if r.get("resourceType") == "QuestionnaireResponse"]
    if not found:
        kinds = sorted({str(r.get("resourceType")) for r in resources})
        raise ValueError(f"{name}: the Bundle holds no QuestionnaireResponse, only {kinds}.")
    return found


def _checked(where: str, response: dict[str, Any]) -> None:
    require("outcomes")
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

    try:
        QuestionnaireResponse.model_validate(response)
    except ValueError as error:
        first = str(error).splitlines()
        raise ValueError(f"{where}: not a valid response ({' '.join(first[1:3])}).") from error


def _item_codes(instrument: Instrument) -> dict[str, int]:
    """LOINC code to item, from the table's list of item codes in order."""
    _, mark, listed = instrument.loinc.partition("items ")
    return {code: i for i, code in enumerate(listed.split(), 1)} if mark else {}


def _total_codes(instrument: Instrument) -> set[str]:
    return set(re.findall(r"\d+-\d", instrument.loinc.partition("items ")[0]))


def _answers(
    where: str, response: dict[str, Any], codes: dict[str, int], instrument: Instrument
) -> list[tuple[str, pd.Timestamp | None, int, float | None]]:
    client = str(response.get("subject", {}).get("reference", "")).removeprefix("Patient/")
    if not client:
        raise ValueError(f"{where}: no subject; every response belongs to somebody.")
    _checked(where, response)
    day = response.get("authored")
    date = pd.Timestamp(str(day)[:10]) if day else None
    rows, unknown = [], []
    for item in _flat(response.get("item", [])):
        link = str(item.get("linkId", "")).lstrip("/").split("/")[-1]
        if link in codes:
            rows.append((client, date, codes[link], _value(f"{where}, item {link}", item)))
        elif item.get("answer") and link not in _total_codes(instrument):
            unknown.append(link)
    if not rows:
        raise ValueError(
            f"{where}: no item of {instrument.id}; its linkIds are {', '.join(unknown[:8])}. "
            f"Items of {instrument.id} are {', '.join(list(codes)[:3])} ..."
        )
    if unknown:
        raise ValueError(
            f"{where}: items {', '.join(unknown[:8])} are not of {instrument.id}. Take them "
            "out of "
            "the file, or give the instrument they belong to."
        )
    return rows


def _flat(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Items and the items inside them."""
    out = []
    for item in items:
        out += [item, *_flat(item.get("item", []))]
    return out


def _value(where: str, item: dict[str, Any]) -> float | None:
    answers = item.get("answer", [])
    if not answers:
        return None
    answer = answers[0]
    for kind in ("valueInteger", "valueDecimal"):
        if kind in answer:
            return float(answer[kind])
    coding = answer.get("valueCoding", {})
    for extension in [*coding.get("extension", []), *answer.get("extension", [])]:
        if str(extension.get("url", "")).endswith(_ORDINAL):
            return float(extension.get("valueDecimal", extension.get("valueInteger")))
    if coding.get("code") in FREQUENCY:
        return FREQUENCY[coding["code"]]
    raise ValueError(
        f"{where}: the answer {coding.get('code') or coding.get('display') or answer} has no "
        "number. Give the Questionnaire's ordinal values in the codings."
    )
