"""Draw the README's picture of a report: one recording of the example study, in Chromium.

    .venv/bin/python docs/images/make_report.py

Nothing in it was recorded from people.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from bowlby.recordings.example import write_example

WIDTH, HEIGHT, SCALE = 1100, 1275, 1.5
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Measure the recording, photograph its report, and keep the first screen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("report.png"))
    parser.add_argument("--browser", default=shutil.which("chromium") or "chromium")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "study").mkdir()
        write_example(folder / "study")
        recording = folder / "study" / "dyad-01.csv"
        subprocess.run(
            [sys.executable, "-m", "bowlby", "measure", recording, "--signals", "motion",
             "--out", folder / "out"],
            check=True,
        )  # fmt: skip
        photograph(args.browser, folder / "out" / "report.html", folder)
        Image.open(folder / "report.png").convert("RGB").quantize(128).save(
            args.out, optimize=True
        )


def photograph(browser: str, page: Path, folder: Path) -> None:
    """Write report.png into the folder."""
    subprocess.run(
        [browser, *QUIET, f"--user-data-dir={folder / 'profile'}",
         f"--force-device-scale-factor={SCALE}", f"--window-size={WIDTH},{HEIGHT}",
         "--virtual-time-budget=8000", f"--screenshot={folder / 'report.png'}",
         page.as_uri()],
        check=True, capture_output=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
