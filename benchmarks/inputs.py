"""How many recordings as labs have them reach the goal by what bowlby itself says.

    python benchmarks/inputs.py FOLDER        # the folder of real files, with twins.py
    python benchmarks/inputs.py FOLDER --out benchmarks/results/inputs.json

Each input is looked at by the first thing that a user would type. It counts as right if what is
found is what other programs found in it (`expected.json`, and `truth.json` of the twins), at once
or after the remedy that the message itself names; an input that cannot be used counts apart, as
refused with the reason. Nothing is measured here: reading is what goes wrong.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

from bowlby.recordings.annotations import read_annotations
from bowlby.recordings.code_files import read_codes
from bowlby.recordings.event_files import read_event_file
from bowlby.recordings.formats import ReadOptions
from bowlby.recordings.inspection import inspect
from bowlby.recordings.samples import read_samples
from bowlby.recordings.speech import read_speech

INPUTS = []


def an_input(name, *files, remedy=None, said="", usable=True):
    """Register a check of one input: `remedy` is what is answered, `said` what must ask for it."""

    def registered(check):
        INPUTS.append((name, files, remedy or {}, said, usable, check))
        return check

    return registered


def signal(session, name, person=0):
    who = session.people[person]
    return next(s for s in session.signals if (s.person, s.name) == (who, name))


def near(found, told, rtol=1e-3):
    np.testing.assert_allclose(found, told, rtol=rtol)


for _file, _kind in (
    ("EDA", "eda"),
    ("BVP", "ppg"),
    ("TEMP", "temperature"),
    ("HR", "heart_rate"),
    ("ACC", "motion"),
):

    @an_input(f"e4 {_file}", f"e4_session/{_file}.csv")
    def _e4(session, told, kind=_kind, file=_file):
        own = told["e4_session"][file]
        assert signal(session, kind).count == own["n"]
        near(signal(session, kind).rate_hz, own["rate_hz"])


@an_input("e4 IBI", "e4_session/IBI.csv")
def _(session, told):
    assert signal(session, "ibi").count == told["e4_session"]["IBI"]["beats"]


@an_input("e4 folder", "e4_session")
def _(session, _told):
    assert len(session.people) == 1
    assert len(session.signals) == 6
    assert session.start.startswith("2019-06-11 19:03:45")


@an_input("polar HR", "polar_sensor_logger/Polar_Sense_HR.txt")
def _(session, _told):
    assert signal(session, "heart_rate").least > 25


@an_input("polar PPI", "polar_sensor_logger/Polar_Sense_PPI.txt")
def _(session, told):
    own = told["polar_sensor_logger"]["PPI"]
    assert signal(session, "ibi").count == own["n"] - own["blocked"]


@an_input("polar ACC", "polar_sensor_logger/Polar_Sense_ACC.txt")
def _(session, told):
    near(signal(session, "motion").rate_hz, told["polar_sensor_logger"]["ACC"]["rate_hz"], 1e-4)
    assert len(session.signals) == 1


@an_input("polar PPG", "polar_sensor_logger/Polar_Sense_PPG.txt")
def _(session, told):
    near(signal(session, "ppg").rate_hz, told["polar_sensor_logger"]["PPG"]["rate_hz"], 1e-4)


@an_input("polar folder", "polar_sensor_logger")
def _(session, _told):
    assert len(session.people) == 1
    assert {s.name for s in session.signals} >= {"heart_rate", "ibi", "motion", "ppg"}


for _s in ("1080p_s11_0", "1080p_s13_0"):

    @an_input(
        f"motion {_s}",
        f"dyads_videoconference/body_motion/{_s}.csv",
        remedy={"rate_hz": 30.0},
        said="--rate",
    )
    def _motion(session, told, s=_s):
        (recording,) = session.recordings
        x, y = (p.signals["motion"].values for p in (recording.first, recording.second))
        own = told[f"dyads_videoconference/body_motion/{s}"]
        near(np.corrcoef(x, y)[0, 1], own["r_lag0_raw"])


@an_input(
    "smiles",
    "dyads_videoconference/au12_r/1080p_s11_0.csv",
    remedy={"rate_hz": 30.0},
    said="--rate",
)
def _(session, told):
    (recording,) = session.recordings
    x, y = (p.signals["face"].values for p in (recording.first, recording.second))
    near(
        np.corrcoef(x, y)[0, 1], told["dyads_videoconference/au12_r/1080p_s11_0"]["r_lag0_raw"]
    )


@an_input("gaze codes", "dyads_videoconference/gaze/s11_0ms_1080p.csv", said="bowlby codes")
def _(session, _told):
    assert not session.recordings
    found = read_codes(session.paths[0], ReadOptions(rate_hz=30.0))
    near(np.mean(found.x == found.y), 0.5587)


@an_input(
    "xdf of two hosts",
    "xdf_two_ecg/two_hosts_two_ecg.xdf",
    remedy={"first": "ECG2 Fp1", "second": "ECG1 Fp1"},
    said='--first "ECG2 Fp1"',
)
def _(session, _told):
    assert [s.count for s in session.signals] == [55_108, 55_075]


@an_input("acq 4.2", "acq/r42_test.acq")
def _(session, _told):
    near(signal(session, "ecg").rate_hz, 1000.0)
    assert "eda" not in {s.name for s in session.signals}


@an_input(
    "acq 3",
    "acq/r35_test.acq",
    remedy={"first": "Analog input", "second": "Analog input #2"},
    said="--first",
)
def _(session, told):
    assert [s.count for s in session.signals] == [own["n"] for own in told["acq/r35_test"][:2]]
    near(session.signals[0].rate_hz, 100.0)


@an_input("opensignals", "opensignals/OSmontage1J.txt")
def _(session, told):
    assert signal(session, "ecg").count == told["opensignals/OSmontage1J"]["rows"]


@an_input("interval list", "rr_list/test_nn_intervals.txt")
def _(session, told):
    assert signal(session, "ibi").count == told["rr_list"]["n"]


@an_input(
    "hormones of single people",
    "cortisol_and_phases/cortisol_sample.csv",
    said="bowlby inspect",
)
def _(session, _told):
    found = read_samples(session.paths[0])
    assert (found.people, found.samples, found.dyads) == (26, 7, 0)


@an_input("elan", "elan/sample_2.8.eaf", said="--phases|--events|phases")
def _(session, told):
    tiers = read_annotations(session.paths[0])
    for name, own in told["elan/sample_2.8"].items():
        assert len(tiers[name]) == own["annotations"]


@an_input("edf", "edf/test_subsecond.edf")
def _(session, told):
    assert session.signals[0].count == told["edf/test_subsecond"]["n"]


@an_input("phase times", "cortisol_and_phases/ecg_time_log.xlsx", usable=False, said=".")
def _(session, _told):
    assert not session.recordings


@an_input("twin movesense folder", "twins/movesense")
def _(session, _told):
    near([s.rate_hz for s in session.signals], [198.95, 198.95], 1e-4)
    assert len(session.people) == 2


@an_input(
    "twin movesense lists",
    "twins/movesense/000000000001/HR-2025_01_25-16_42_59.csv",
    "twins/movesense/000000000002/HR-2025_01_25-16_42_59.csv",
    said="no lag",
    usable=False,
)
def _(session, _told):
    assert session.recordings[0].start_uncertainty_s == np.inf


@an_input("twin family", "twins/family_motion.csv", remedy={"rate_hz": 25.0}, said="--rate")
def _(session, _told):
    assert set(session.people) == {"father", "mother", "therapist"}


@an_input(
    "twin counter last", "twins/motion_frames_last.csv", remedy={"rate_hz": 30.0}, said="--rate"
)
def _(session, _told):
    assert session.people == ("first", "second")


@an_input(
    "twin shimmer",
    "twins/shimmer_A1B2_Calibrated_PC.csv",
    "twins/shimmer_C3D4_Calibrated_PC.csv",
)
def _(session, _told):
    assert {s.name for s in session.signals} == {"eda"}
    near(session.signals[0].rate_hz, 51.2)


@an_input("twin acqknowledge text", "twins/acqknowledge_export.txt")
def _(session, _told):
    assert session.people == ("client", "therapist")
    assert signal(session, "eda").count == 75_000


@an_input("twin openface", "twins/openface_client.csv", "twins/openface_therapist.csv")
def _(session, _told):
    near(signal(session, "AU12_r").missing, 150 / 9000)


@an_input("twin carma", "twins/carma_wife.csv", "twins/carma_husband.csv")
def _(session, _told):
    assert signal(session, "dial").count == 900
    near(signal(session, "dial").rate_hz, 1.0)


@an_input("twin transcript", "twins/transcript.csv", said="bowlby turns")
def _(session, told):
    speech = read_speech(session.paths)
    near(sum(b - a for a, b in speech.spans[0]), told["twins"]["transcript.csv"]["talk_s"]["T"])
    assert len(read_event_file(session.paths[0]).rows[0].events) == 217


@an_input("twin hormones of dyads", "twins/cortisol_dyads.csv", said="bowlby inspect")
def _(session, _told):
    found = read_samples(session.paths[0])
    assert (found.dyads, found.samples, found.unit) == (40, 6, "nmol/l")


def verdict(files, remedy, said, usable, check, told):
    """What became of one input, and why."""
    session = inspect(files)
    words = " ".join((*session.asks, *session.notes))
    how = "at once"
    if said and not re.search(said, words):
        return "wrong", f"does not say {said!r}: {words[:120]}"
    if remedy:
        session, how = session.settle(**remedy), "after its remedy"
    elif said:
        how = "after its remedy"
    try:
        check(session, told)
    except (AssertionError, KeyError, StopIteration, ValueError, IndexError) as error:
        return "wrong", f"{type(error).__name__}: {str(error).strip()[:120]}"
    return (how, "") if usable else ("refused", "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    told = json.loads((asked.folder / "expected.json").read_text())
    with tempfile.TemporaryDirectory() as temporary:
        spec = importlib.util.spec_from_file_location("twins", asked.folder / "twins.py")
        made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        out = Path(temporary)
        with contextlib.redirect_stdout(io.StringIO()):
            makers = (made.movesense, made.family, made.frames_last, made.shimmer,
                      made.acqknowledge, made.openface, made.carma, made.transcript,
                      made.cortisol)  # fmt: skip
            for number, make in enumerate(makers):
                make(out, np.random.default_rng(100 + number))
        told["twins"] = json.loads(json.dumps(made.TRUTH))
        rows = []
        for name, files, remedy, said, usable, check in INPUTS:
            places = tuple(
                out / f.removeprefix("twins/") if f.startswith("twins/") else asked.folder / f
                for f in files
            )
            found, why = verdict(places, remedy, said, usable, check, told)
            rows.append({"input": name, "verdict": found, "why": why})
            print(f"{found:<18} {name} {why}", flush=True)
    counts = {v: sum(r["verdict"] == v for r in rows)
              for v in ("at once", "after its remedy", "refused", "wrong")}  # fmt: skip
    reach = counts["at once"] + counts["after its remedy"]
    usable = sum(one[4] for one in INPUTS)
    share = reach / usable
    print(f"{reach} of {usable} usable inputs reach the goal ({share:.0%}); {counts}")
    if asked.out:
        content = {"inputs": rows, "counts": counts, "usable": usable, "share": share}
        asked.out.write_text(json.dumps(content, indent=1) + "\n")
    sys.exit(counts["wrong"])


if __name__ == "__main__":
    main()
