"""Calibration and validation findings apart: one look at the validation, which has to be logged.

    python benchmarks/validation.py FOLDER --seeds 5 --out validation

FOLDER holds validation.csv and validation-scoring.csv (they are no part of this project and are
never fitted). Every look is told in docs/explanation/validation-log.md with its date.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent


def joined(folder: Path) -> pd.DataFrame:
    """Findings and how they are scored; the kind `null` is no missing value."""
    told, scored = (
        pd.read_csv(folder / name, dtype=str, keep_default_na=False)
        for name in ("validation.csv", "validation-scoring.csv")
    )
    return told.merge(scored, on="slug", how="left", validate="one_to_one")


def main():
    """Join the two tables and hold the model against them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("validation"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "validation.csv"
        joined(asked.folder).to_csv(table, index=False)
        command = [
            sys.executable, "-m", "bowlby", "evidence", "--seeds", str(asked.seeds),
            "--findings", str(table), "--functions", str(HERE / "validation_functions.py"),
            "--out", str(asked.out),
        ]  # fmt: skip
        raise SystemExit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
