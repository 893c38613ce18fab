"""Calibration and validation findings apart: one look at the validation, which has to be logged.

    python benchmarks/validation.py FOLDER --seeds 3 --out validation

FOLDER holds validation.csv and validation-scoring.csv (they are no part of this project and are
never fitted). Every look is told in docs/explanation/evidence.md with its date.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent


def main():
    """Join the two tables and hold the model against them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("validation"))
    asked = parser.parse_args()
    told = pd.read_csv(asked.folder / "validation.csv", dtype=str)
    scored = pd.read_csv(asked.folder / "validation-scoring.csv", dtype=str)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "validation.csv"
        told.merge(scored, on="slug", how="left").to_csv(table, index=False)
        command = [
            sys.executable, "-m", "bowlby", "evidence", "--seeds", str(asked.seeds),
            "--findings", str(table), "--functions", str(HERE / "validation_functions.py"),
            "--out", str(asked.out),
        ]  # fmt: skip
        raise SystemExit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
