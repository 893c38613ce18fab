"""The example study: four simulated dyads whose coupling is known.

Nothing here was recorded from people. The study shows what bowlby reports, and whether it
finds what was put in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from bowlby.recordings.emit import emit_dyad, write_tidy

DURATION_S = 600.0
ROLES = ("client", "therapist")
KINDS = ("ibi", "eda", "motion", "dial")
_SEED = 1969  # Bowlby's Attachment appeared in 1969.


@dataclass(frozen=True)
class Truth:
    """What was put into one dyad.

    Attributes:
        client: Identity of the client.
        therapist: Identity of the therapist.
        lag_s: Lag of each kind of signal (s); positive means that the client leads.
        correlation: Correlation of the latent bodily states at that lag.
        gap_s: Start and end of the pause in the recording (s), if there is one.
    """

    client: str
    therapist: str
    lag_s: Mapping[str, float]
    correlation: float
    gap_s: tuple[float, float] | None = None


def _lags(ibi: float, eda: float, motion: float, dial: float) -> Mapping[str, float]:
    return MappingProxyType({"ibi": ibi, "eda": eda, "motion": motion, "dial": dial})


TRUTH: Mapping[str, Truth] = MappingProxyType(
    {
        "dyad-01": Truth("C01", "T01", _lags(1.5, 2.0, 1.2, 3.0), 0.8),
        "dyad-02": Truth("C02", "T02", _lags(-1.0, -2.5, -0.8, -2.0), 0.8),
        "dyad-03": Truth("C03", "T01", _lags(1.5, 2.0, 1.2, 3.0), 0.8, gap_s=(270.0, 300.0)),
        "dyad-04": Truth("C04", "T02", _lags(0.0, 0.0, 0.0, 0.0), 0.0),
    }
)


def write_example(folder: Path) -> tuple[Path, ...]:
    """Write the example study: one table a dyad, `participants.tsv` and `README.txt`.

    The files are the same at every call.

    Args:
        folder: Where to write; made if it is not there.

    Returns:
        The recordings' files, in order of the dyads' names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    seeds = np.random.SeedSequence(_SEED).spawn(len(TRUTH))
    paths = tuple(
        write_tidy(
            emit_dyad(
                duration_s=DURATION_S,
                lag_s=truth.lag_s,
                correlation=truth.correlation,
                kinds=KINDS,
                gap=truth.gap_s,
                rng=np.random.default_rng(seed),
                roles=ROLES,
                name=name,
            ),
            folder / f"{name}.csv",
        )
        for seed, (name, truth) in zip(seeds, TRUTH.items(), strict=True)
    )
    (folder / "participants.tsv").write_text(_participants(), encoding="utf-8")
    (folder / "README.txt").write_text(_readme(), encoding="utf-8")
    return paths


def _participants() -> str:
    lines = ["recording\tdyad\tclient\ttherapist\tgroup"]
    lines.extend(
        f"{name}\t{name}\t{truth.client}\t{truth.therapist}\t"
        f"{'coupled' if truth.correlation else 'control'}"
        for name, truth in TRUTH.items()
    )
    return "\n".join(lines) + "\n"


def _readme() -> str:
    lines = [
        "SIMULATED DATA. Nobody was recorded: bowlby wrote these files to show what it does.",
        "",
        f"Four dyads of {ROLES[0]} and {ROLES[1]}, {DURATION_S / 60:g} minutes each. Columns: "
        "person, time (s), signal, value.",
        "ibi: inter-beat interval (ms) at the beat that ends it. eda: skin conductance (uS), "
        "4 Hz.",
        "motion: motion energy (changed pixels), 25 Hz. dial: affect rating from 0 to 100, "
        "1 Hz.",
        "",
        f"What was put in (lag in s; positive means that the {ROLES[0]} leads; r is the "
        "correlation of the latent",
        "bodily states at that lag, the signals have somewhat less):",
    ]
    for name, truth in TRUTH.items():
        if truth.correlation == 0.0:
            lines.append(f"  {name}: no coupling at all")
            continue
        lags = ", ".join(f"{kind} {lag:+g}" for kind, lag in truth.lag_s.items())
        gap = ""
        if truth.gap_s is not None:
            gap = f"; nothing recorded from {truth.gap_s[0]:g} to {truth.gap_s[1]:g} s"
        lines.append(f"  {name}: {lags}; r = {truth.correlation:g}{gap}")
    return "\n".join(lines) + "\n"
