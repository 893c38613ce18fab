"""How well does the measuring code recover coupling planted into simulated bodies?

Three ways of planting: `slow`, arousal of SD 1 whose second person follows the first by 2 s,
with correlation = strength; `follower`, fast arousal and breath of the second pulled to the
first's, and `mutual`, of both to each other's, with fast_coupling = strength. Unless planted,
arousal is of two unrelated people. Bias is the median lag minus the lag that the law implies;
its spread is half the range of the middle 68 %. One BLAS thread is faster than many here.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/emitted_synchrony.py --dyads 12
"""

import argparse
import json
import platform
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

from bowlby.recordings.emit import coupled_states
from bowlby.recordings.emit.states import drifting
from bowlby.recordings.recording import Recording
from bowlby.simulation.emission import (
    BREATH_FORGETTING_S,
    BREATH_SHARE,
    FORGETTING_S,
    LATENCY_S,
    RHYTHM_HZ,
    RHYTHM_RISE_HZ,
    STRENGTH,
    emit_session,
    synchrony_readouts,
)
from bowlby.synchrony.measuring import Settings

STRENGTHS = (0.0, 0.25, 0.5, 0.75)
MINUTES = (10, 30, 50)
SLOW_LAG_S = 2.0
LEVEL = 0.5
SIGNALS = {
    "slow": ("ibi", "eda_phasic", "dial"),
    "follower": ("ibi", "eda_phasic", "respiration", "motion"),
    "mutual": ("ibi", "eda_phasic", "respiration", "motion"),
}


def arousal_of(way: str, strength: float, seconds: int, rng: np.random.Generator) -> np.ndarray:
    """Slow arousal of both, (seconds, 2)."""
    if way == "slow":
        pair = coupled_states(
            seconds,
            1.0,
            lag_s=SLOW_LAG_S,
            correlation=strength,
            rng=rng,
            spectrum=drifting(4.0),
        )
        return np.stack(pair, axis=1)
    steps = 0.06 * rng.standard_normal((seconds, 2))
    return LEVEL + lfilter([1.0], [1.0, -np.exp(-1.0 / 60.0)], steps, axis=0)


def session(way: str, strength: float, minutes: int, seed: int) -> Recording:
    """One planted session."""
    rng = np.random.default_rng([seed, minutes, round(100 * strength)])
    coupling = {"slow": 0.0, "follower": (0.0, strength), "mutual": strength}[way]
    full = np.ones(60 * minutes)
    return emit_session(
        arousal_of(way, strength, 60 * minutes, rng), full, full, rng=rng,
        fast_coupling=coupling, name=f"{way}-{strength}-{minutes}-{seed}",
        kinds=tuple(signal.removesuffix("_phasic") for signal in SIGNALS[way]),
    )  # fmt: skip


def implied_lag_s(way: str, signal: str, strength: float) -> float:
    """Lag at which the law puts the peak; NaN without coupling."""
    if strength == 0.0:
        return np.nan
    if way != "follower":
        return SLOW_LAG_S if way == "slow" else 0.0
    is_breath = signal == "respiration"
    decay = 1.0 / (BREATH_FORGETTING_S if is_breath else FORGETTING_S)
    pull = STRENGTH * strength * (BREATH_SHARE if is_breath else 1.0)
    lag_s = np.arange(0.0, 5.0, 0.01)
    late = np.abs(lag_s - LATENCY_S)
    # A response pull e^(-bt), b = decay + pull, to an input of covariance e^(-decay |t|).
    before = pull / (2 * decay + pull) * np.exp(-decay * late)
    after = np.exp(-decay * late) - (2 * decay) / (2 * decay + pull) * np.exp(
        -(decay + pull) * late
    )
    covariance = np.where(lag_s < LATENCY_S, before, after)
    if is_breath:
        rhythm_hz = RHYTHM_HZ + RHYTHM_RISE_HZ * LEVEL
        covariance = covariance * np.abs(np.cos(2 * np.pi * rhythm_hz * (lag_s - LATENCY_S)))
    return float(lag_s[np.argmax(covariance)])


def row(way: str, signal: str, strength: float, minutes: int, readouts) -> dict:
    """One line of the table."""
    lag, effect = readouts.lag_s[signal], readouts.effect[signal]
    implied = implied_lag_s(way, signal, strength)
    low, middle, high = np.quantile(lag, (0.16, 0.5, 0.84))
    return {
        "way": way,
        "signal": signal,
        "strength": strength,
        "minutes": minutes,
        "effect": round(float(effect.mean()), 2),
        "effect_sd": round(float(effect.std(ddof=1)), 2),
        "found": round(float(np.mean(readouts.p[signal] <= 0.05)), 2),
        "implied_lag_s": None if np.isnan(implied) else round(implied, 2),
        "lag_bias_s": None if np.isnan(implied) else round(float(middle - implied), 2),
        "lag_spread_s": round(float(high - low) / 2, 2),
        "first_leads": round(float(np.mean(readouts.lead[signal] > 0)), 2),
    }


def main() -> None:
    """Measure and write the JSON that the docs quote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dyads", type=int, default=12)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    args = parser.parse_args()
    settings = Settings(surrogates=99, lag_step_s=0.25)
    table = []
    for way, signals in SIGNALS.items():
        for strength in STRENGTHS:
            for minutes in MINUTES:
                sessions = [session(way, strength, minutes, s) for s in range(args.dyads)]
                readouts = synchrony_readouts(sessions, settings, signals=signals)
                rows = [row(way, s, strength, minutes, readouts) for s in signals]
                table.extend(rows)
                print(*rows, sep="\n", flush=True)
    result = {
        "question": __doc__.splitlines()[0],
        "dyads": args.dyads,
        "surrogates": settings.surrogates,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "table": table,
    }
    lines = ",\n".join(json.dumps(line) for line in table)
    text = json.dumps({**result, "table": []}, indent=2).replace("[]", f"[\n{lines}\n]")
    args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
