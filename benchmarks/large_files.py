"""Peak memory of `bowlby measure` on long recordings: asked under 1 GB.

    python benchmarks/large_files.py            # ten minutes; writes large_files.json beside it

Two hours of ECG at 2 kHz of two people, in one table and in two; six hours of motion at 25 Hz.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def ecg(seconds: int, rate: int, seed: int) -> np.ndarray:
    """A train of spikes with breathing in it, and noise."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 0.02, seconds * rate)
    half = rate // 25
    spike = np.exp(-((np.arange(-half, half + 1) / rate / 0.012) ** 2))
    at = 0.5
    while at < seconds - 1:
        place = int(at * rate)
        values[place - half : place + half + 1] += spike
        at += 0.8 + 0.05 * np.sin(at / 3) + rng.normal(0, 0.02)
    return values


def written(path: Path, header: str, columns: list[np.ndarray]) -> Path:
    """A table of text, a piece at a time."""
    with path.open("w") as file:
        file.write(header + "\n")
        for a in range(0, len(columns[0]), 100_000):
            block = np.column_stack([column[a : a + 100_000] for column in columns])
            np.savetxt(file, block, "%.4f", ",")
    return path


def peak_mb(*arguments: str, out: Path) -> tuple[float, float]:
    """Peak memory (MB) and wall time (s) of one command, in a process of its own."""
    code = (
        "import resource, subprocess, sys; "
        "done = subprocess.run(sys.argv[1:], capture_output=True, check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-m", "bowlby", "measure", *arguments]
    command += ["--surrogates", "19", "--workers", "1", "--out", str(out)]
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1000, time.perf_counter() - begin


def main() -> None:
    """Write the files, measure them, tell and keep the peaks."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = ecg(7200, 2000, 1), ecg(7200, 2000, 2)
        time_s = np.arange(len(first)) / 2000
        both = written(
            folder / "both.csv", "time,client_ecg,therapist_ecg", [time_s, first, second]
        )
        files = [
            written(folder / f"{who}.csv", "ecg", [values])
            for who, values in (("client", first), ("therapist", second))
        ]
        motion = np.abs(np.random.default_rng(3).normal(0, 1, (2, 6 * 3600 * 25)))
        moved = written(folder / "motion.csv", "client_motion,therapist_motion", [*motion])
        del first, second, time_s
        for title, arguments in (
            ("two hours of ECG at 2 kHz, one table", [str(both)]),
            ("the same in two files", [*map(str, files), "--rate", "2000", "--offset", "0"]),
            ("six hours of motion at 25 Hz", [str(moved), "--rate", "25"]),
        ):
            memory, seconds = peak_mb(*arguments, out=folder / "out")
            found[title] = {"peak_mb": round(memory), "seconds": round(seconds)}
            print(f"{title}: {memory:.0f} MB, {seconds:.0f} s", flush=True)
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
