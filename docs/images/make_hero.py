"""Draw the README's picture from the 20 real therapy sessions that rMEA ships.

    .venv/bin/python docs/images/make_hero.py ../shared/data/rmea_psychotherapy_mea

Data: Kleinbub & Ramseyer (2020), doi:10.1080/10503307.2020.1844334.
"""

import argparse
import tempfile
from pathlib import Path

from bowlby.figures import hero_figure
from bowlby.figures.style import figure_png
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.pairing import find_recordings
from bowlby.recordings.reading import read
from bowlby.studies.plan import Plan
from bowlby.studies.run import run_study
from bowlby.synchrony.measuring import Settings, measure_pair

SHOWN = "107_01"


def main() -> None:
    """Measure the study and draw it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("hero.png"))
    args = parser.parse_args()
    options = ReadOptions(rate_hz=25.0)
    recordings, _ = find_recordings(args.folder, None, options)
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(recordings, options=options, settings=Settings(), workers=2)
        study = run_study(plan, Path(folder) / "out")
    shown = next(files for files in recordings if files.name == SHOWN)
    (pair,) = plan.settings.prepared(read(shown.paths[0], options))
    dataset = measure_pair(pair, plan.settings, name=SHOWN)
    between = study.between["motion"]
    main_rows = study.summary[study.summary.measure == "wcc_peak"]
    figure = hero_figure(
        dataset, main_rows, real=between.real, pseudo=between.pseudo, d=between.d, p=between.p
    )
    args.out.write_bytes(figure_png(figure))


if __name__ == "__main__":
    main()
