"""How often are pseudo-dyads called synchronous, and how often is a planted follower found?

All 380 mismatched pairs of the 20 real sessions, over seeds; and a follower at 1.2 s, r = .4,
planted in each session. Default settings.

    .venv/bin/python benchmarks/calibration.py ../shared/data/rmea_psychotherapy_mea
"""

import argparse
import json
from pathlib import Path

import numpy as np

from bowlby import ReadOptions, Settings, read
from bowlby.recordings.emit import planted_follower
from bowlby.recordings.pairing import find_recordings
from bowlby.recordings.recording import Partner, Recording, Signal
from bowlby.synchrony.measuring import measure_pair
from bowlby.synchrony.mismatched import Session, false_positives


def main() -> None:
    """Measure and write the JSON that the docs quote."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--surrogates", type=int, default=199)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".json"))
    args = parser.parse_args()
    found, _ = find_recordings(args.folder)
    recordings = [read(files.paths[0], ReadOptions(rate_hz=25.0)) for files in found]
    rates, power = [], []
    for seed in range(1, args.seeds + 1):
        settings = Settings(surrogates=args.surrogates, seed=seed)
        sessions = [
            Session(r.name, settings.prepared(r)[0], f"{r.name}/1", f"{r.name}/2", r.name)
            for r in recordings
        ]
        rates.append(false_positives(sessions, settings).rate)
        found_at = [_is_found(r, settings, seed, i) for i, r in enumerate(recordings)]
        power.append(np.mean(found_at))
    result = {
        "question": __doc__.splitlines()[0],
        "seeds": args.seeds,
        "surrogates": args.surrogates,
        "rejection_rate_by_seed": rates,
        "rejection_rate": float(np.mean(rates)),
        "power": float(np.mean(power)),
    }
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _is_found(recording: Recording, settings: Settings, seed: int, number: int) -> bool:
    x = recording.first.signals["motion"].values
    rng = np.random.default_rng([seed, number])
    y = planted_follower(x, rate_hz=25.0, lag_s=1.2, correlation=0.4, rng=rng)
    second = Partner(recording.second.role, {"motion": Signal("motion", y, 25.0)})
    (pair,) = settings.prepared(Recording(recording.name, recording.first, second))
    row = measure_pair(pair, settings, name=recording.name).sel(statistic="wcc_peak")
    return bool(row.p <= 0.05) and abs(float(row.peak_lag_s) - 1.2) <= 0.2


if __name__ == "__main__":
    main()
