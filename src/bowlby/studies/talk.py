"""Runs on turns of speech and on codes: one folder with a table and a report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bowlby.recordings.code_files import Codes, read_codes
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.speech import Speech, read_speech
from bowlby.runs.folder import new_folder
from bowlby.runs.manifest import checksum, made_by, write_manifest
from bowlby.studies.tables import write_table
from bowlby.synchrony.codes import CodeAgreement, code_agreement
from bowlby.synchrony.turns import TurnMeasure, measure_turns, transfers, turns_of

if TYPE_CHECKING:
    import pandas as pd

    from bowlby.reports.page import Page


def run_turns(
    paths: Sequence[Path],
    options: ReadOptions,
    out: Path,
    *,
    surrogates: int = 999,
    seed: int = 1,
    command: str = "",
) -> "pd.DataFrame":
    """Measure two people's turn-taking and write one folder.

    Args:
        paths: File or files of speech; see `read_speech`.
        options: Roles.
        out: Folder to write.
        surrogates: Random turns of the second person's speech.
        seed: Their seed.
        command: The command as typed.

    Returns:
        A row for each measure.

    Raises:
        RecordingError: If the files cannot be read.
        ValueError: If somebody never speaks.
    """
    import pandas as pd

    speech = read_speech(paths, options)
    found = measure_turns(*speech.spans, speech.duration_s, surrogates=surrogates, seed=seed)
    table = _turn_table(speech, found)
    turns, back = turns_of(*speech.spans)
    listed = pd.DataFrame(
        [
            {"person": speech.people[each.person], "begin_s": each.begin_s,
             "end_s": each.end_s, "is_back_channel": kind}
            for several, kind in ((turns, False), (back, True)) for each in several
        ]
    ).sort_values("begin_s")  # fmt: skip
    times, who = transfers(turns)
    page = _turn_page(speech, table, times, who, command)
    settings = {"surrogates": surrogates, "seed": seed}
    _write(out, "turns", {"turn_taking": table, "turns": listed}, page, paths, settings,
           options, command)  # fmt: skip
    return table


def run_codes(
    path: Path,
    options: ReadOptions,
    out: Path,
    *,
    max_lag_s: float = 5.0,
    horizon_s: float = 2.0,
    ignored: Sequence[str] = (),
    surrogates: int = 999,
    seed: int = 1,
    command: str = "",
) -> "tuple[pd.DataFrame, CodeAgreement]":
    """Measure how two people's codes go together and write one folder.

    Args:
        path: The file; see `read_codes`.
        options: Rate, columns.
        out: Folder to write.
        max_lag_s: Largest lag, each way (s).
        horizon_s: How long after a change of the first a change of the second counts (s).
        ignored: Codes that match nothing.
        surrogates: Random shifts.
        seed: Their seed.
        command: The command as typed.

    Raises:
        RecordingError: If the file cannot be read or holds no such code.
        ValueError: If too few moments are coded for both.
    """
    import pandas as pd

    codes = read_codes(path, options)
    numbers = {name: number for number, name in codes.names.items()}
    unknown = [name for name in ignored if name not in numbers]
    if unknown:
        raise ValueError(
            f"--ignore {unknown[0]!r}: no such code; there are {', '.join(numbers)}."
        )
    found = code_agreement(
        codes.x, codes.y, rate_hz=codes.rate_hz, max_lag_s=max_lag_s, horizon_s=horizon_s,
        ignored=[numbers[name] for name in ignored], surrogates=surrogates, seed=seed,
    )  # fmt: skip
    table = _code_table(codes, found)
    profile = pd.DataFrame(
        {"lag_s": found.lag_s, "same": found.profile, "low": found.low, "high": found.high}
    )
    names = [codes.names[c] for c in found.codes]
    joint = pd.DataFrame(found.table, index=names, columns=names)
    page = _code_page(codes, table, found, names, command)
    settings = {"surrogates": surrogates, "seed": seed, "max_lag_s": max_lag_s,
                "horizon_s": horizon_s, "ignored": list(ignored)}  # fmt: skip
    tables = {"codes": table, "code_lags": profile,
              "code_pairs": joint.rename_axis("first").reset_index()}  # fmt: skip
    _write(out, "codes", tables, page, [path], settings, options, command)
    return table, found


def _turn_table(speech: Speech, found: Sequence[TurnMeasure]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "recording": speech.name, "measure": one.name,
                "person": "" if one.person is None else speech.people[one.person],
                "value": one.comparison.estimate, "null_mean": one.comparison.null_mean,
                "null_sd": one.comparison.null_sd, "z": one.comparison.z,
                "p": one.comparison.p, "count": one.count,
            }
            for one in found
        ]
    )  # fmt: skip


def _code_table(codes: Codes, found: CodeAgreement) -> "pd.DataFrame":
    import pandas as pd

    rows = []
    for name, compared, lag_s in (
        ("agreement", found.agreement, 0.0), ("kappa", found.kappa, 0.0),
        ("recurrence_peak", found.peak, found.peak_lag_s),
    ):  # fmt: skip
        rows.append(
            {
                "recording": codes.name, "first": codes.people[0], "second": codes.people[1],
                "measure": name, "estimate": compared.estimate,
                "null_mean": compared.null_mean, "null_sd": compared.null_sd,
                "z": compared.z, "p": compared.p, "peak_lag_s": lag_s,
                "moments": found.moments,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _write(
    out: Path,
    kind: str,
    tables: "Mapping[str, pd.DataFrame]",
    page: "Page",
    paths: Sequence[Path],
    settings: Mapping[str, Any],
    options: ReadOptions,
    command: str,
) -> None:
    from bowlby.reports.page import page_html

    with new_folder(out, replaces=True) as folder:
        for name, table in tables.items():
            write_table(table, folder / name)
        inputs = [{"file": str(path), "sha256": checksum(path)} for path in paths]
        content = {
            **made_by(kind, command), "settings": dict(settings), "options": asdict(options),
            "inputs": inputs,
        }  # fmt: skip
        write_manifest(folder / "run.json", content)
        (folder / "report.html").write_text(page_html(page), encoding="utf-8")


_TURN_TITLES = {
    "talk_s": "speech (s)", "talk_share": "share of all speech", "turns": "turns",
    "turn_mean_s": "mean turn (s)", "turn_median_s": "median turn (s)",
    "back_channels": "back-channels", "latency_mean_s": "mean time to answer (s)",
    "latency_median_s": "median time to answer (s)", "gap_mean_s": "mean gap (s)",
    "both_speaking_s": "both speaking (s)", "gap_median_s": "median gap (s)",
    "gap_iqr_s": "spread of gaps, IQR (s)", "overlap_share": "answers that overlap (share)",
    "latency_follows": "own time to answer follows the other's (Spearman)",
}  # fmt: skip


def _shown(value: float, digits: int = 3) -> str:
    from bowlby.reports.numbers import minus

    return minus(f" {value:.{digits}g}").strip() if np.isfinite(value) else "–"


def _turn_page(
    speech: Speech, table: "pd.DataFrame", times: np.ndarray, who: np.ndarray, command: str
) -> "Page":
    from bowlby.figures.turns import turns_figure
    from bowlby.reports.page import Page, Section, draw, text_table

    rows = [
        [_TURN_TITLES[r["measure"]], r["person"] or "both", _shown(r["value"]),
         _shown(r["null_mean"]), _shown(r["z"]), _shown(r["p"]), str(r["count"])]
        for r in table.to_dict("records")
    ]  # fmt: skip
    header = ("measure", "person", "value", "by chance", "z", "p", "count")
    note = (
        "Gaps are from the end of a turn to the begin of the other's answer, negative where it "
        "overlaps. Stretches under 1 s inside the other's speech are back-channels, no turns. "
        "By chance: the second person's speech turned round the session."
    )
    figure = draw(
        turns_figure(speech.people, speech.spans, speech.duration_s, times, who),
        "turns", "Speech of both and times to answer",
        "Above: who spoke when. Below: times to answer; left of 0 the answer began before the "
        "other had ended.",
    )  # fmt: skip
    return Page(
        title=f"Turn-taking: {speech.name}", kind="turn-taking report",
        limits="Speech goes on and off, and people who talk take turns: no correlation of "
        "their speech is given, for it would be negative for anybody who listens.",
        sections=[
            Section("Who speaks, and how fast they answer", drawings=[figure],
                    tables=[text_table("", header, rows, note)]),
        ],
        methods=speech.notes, methods_title="What was found in the file", command=command,
    )  # fmt: skip


def _code_page(
    codes: Codes,
    table: "pd.DataFrame",
    found: CodeAgreement,
    names: Sequence[str],
    command: str,
) -> "Page":
    from bowlby.figures.turns import code_profile_figure
    from bowlby.reports.page import Page, Section, draw, text_table

    titles = {"agreement": "same code (share of moments)", "kappa": "Cohen's kappa",
              "recurrence_peak": "same code at the best lag"}  # fmt: skip
    rows = [
        [titles[r["measure"]], _shown(r["estimate"]), _shown(r["null_mean"]), _shown(r["z"]),
         _shown(r["p"]), _shown(r["peak_lag_s"])]
        for r in table.to_dict("records")
    ]  # fmt: skip
    first, second = codes.people
    joint = [
        [name, *map(str, row)] for name, row in zip(names, found.table.tolist(), strict=True)
    ]
    changes = [
        [name, *map(str, row)] for name, row in zip(names, found.changes.tolist(), strict=True)
    ]
    figure = draw(
        code_profile_figure(found.lag_s, found.profile, found.low, found.high, codes.people),
        "codes", "Share of the same code by lag",
        "Share of moments with the same code when one person is moved against the other, with "
        "the band in which 95 % of shifted sessions stay at all lags.", is_narrow=True,
    )  # fmt: skip
    return Page(
        title=f"Categories: {codes.name}", kind="categories report",
        limits="Codes are names. No correlation of them is given, for it would depend on the "
        "numbers that the names happen to have.",
        sections=[
            Section(
                "Do the two share their states?", drawings=[figure],
                tables=[
                    text_table("", ("measure", "value", "by chance", "z", "p", "lag (s)"), rows,
                               f"{found.moments} moments at which both were coded. By chance: "
                               "the second person's codes shifted round the session."),
                    text_table(f"Moments, {first} (rows) by {second} (columns)",
                               ("", *names), joint),
                    text_table(f"Changes of {second} (columns) after one of {first} (rows)",
                               ("", *names), changes),
                ],
            )
        ],
        methods=codes.notes, methods_title="What was found in the file", command=command,
    )  # fmt: skip
