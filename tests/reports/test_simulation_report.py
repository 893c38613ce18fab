import base64
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import unescape

import numpy as np
import pytest
import xarray as xr
from synthetic_run import run

from bowlby.reports.simulation import write_simulation_report
from bowlby.reports.simulation.population import (
    arms_table,
    class_shares,
    course_bands,
    difference_from_first,
    interval_of,
)
from bowlby.reports.simulation.story import quantised, story_data
from bowlby.reports.simulation.wording import encounter_line, encounter_title, story

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
HOSTILE = '</script><img src=x onerror="alert(1)">'


@dataclass(frozen=True)
class Target:
    """A number that must be given."""

    value: float
    tolerance: float
    source: str


def written(tree, folder, **more) -> str:
    path = folder / "report.html"
    write_simulation_report(path, tree, **more)
    return path.read_text(encoding="utf-8")


def one(tree, group="encounters"):
    return tree[group].to_dataset().isel(dyad=0)


def told(tree) -> str:
    return " ".join(story(one(tree, "readouts"), one(tree)))


def row_of(table, arm):
    return next([cell.text for cell in row] for row in table.rows if row[0].text == arm)


@pytest.fixture(scope="module")
def single(tmp_path_factory) -> str:
    return written(run(ticks=30), tmp_path_factory.mktemp("single"))


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> str:
    tree = run(dyads=20, arms=("attachment_informed", "looming"))
    return written(tree, tmp_path_factory.mktemp("many"))


# ---- the story ------------------------------------------------------------------------------


def test_the_story_tells_history_and_pattern():
    text = told(run())
    assert "grew up with a rejecting caregiver" in text
    assert "pattern A (avoidant)" in text


def test_the_story_counts_ruptures_and_repairs():
    assert "The alliance ruptured 3 times; 2 of these ruptures were repaired." in told(run())


def test_the_story_tells_when_the_new_model_opened_and_when_plasticity_peaked():
    expected = (
        "A new relational model opened in session 4; plasticity was highest in session 6."
    )
    assert expected in told(run())


def test_the_story_tells_symptoms_before_after_and_at_follow_up():
    expected = (
        "Symptoms fell from 1.20 SD before to 0.30 SD after, and were 0.40 SD at follow-up."
    )
    assert expected in told(run())


def test_the_story_says_who_ended_an_early_exit():
    tree = run()
    here = tree["encounters"].present
    tree["encounters"]["present"] = here.where(~(tree["encounters"].session > 5), 0.0)
    tree["readouts"]["ended_by"] = xr.DataArray(["client"], dims="dyad")
    expected = "Of 12 planned sessions of therapy (attachment informed) 5 took place; the client ended it."
    assert expected in told(tree)


def test_a_readout_that_is_missing_is_not_mentioned():
    tree = run()
    readouts = one(tree, "readouts").drop_vars(["window_session", "pattern", "aai"])
    text = " ".join(story(readouts, one(tree)))
    assert not re.search("model opened|Strange Situation|nan", text)


def test_an_encounter_is_told_in_words():
    line = encounter_line(one(run()), 14)
    assert "The client mostly withdrew (.40, distress 1.0 of 3)." in line
    assert "mostly validated (.40) and held (.20), and was heard as attuned (.60)." in line
    assert "1 rupture, 0 repaired." in line


def test_an_encounter_is_named_by_its_place_in_the_course():
    encounters = one(run())
    assert encounter_title(encounters, 0) == "Childhood, age 0.5 years"
    assert encounter_title(encounters, 6) == "Waiting, week −4"
    assert encounter_title(encounters, 10) == "Session 1 of 12, week 0"


def test_the_old_model_is_the_one_that_the_new_belief_leaves_out():
    encounters = one(run())
    shuffled = encounters.isel(model=[1, 0, 2]).assign_coords(model=[0, 1, 2])
    belief = next(
        p for p in story_data(shuffled, None, name="x")["panels"] if p["name"] == "model_belief"
    )
    old = next(line for line in belief["lines"] if line["label"] == "old model")
    np.testing.assert_allclose(old["v"][10], 1 - 0.9 / 144, atol=1e-3)  # four digits are kept


# ---- what the page carries -------------------------------------------------------------------


def test_quantised_values_come_back_within_half_a_step():
    values = np.array([-1.3, 0.2, np.nan, 4.0])
    pack = quantised(values)
    codes = np.frombuffer(base64.b64decode(pack["data"]), np.uint8).astype(float)
    step = (pack["high"] - pack["low"]) / 254
    back = np.where(codes == 255, np.nan, pack["low"] + codes * step)
    np.testing.assert_allclose(back, values, atol=step / 2 + 1e-4)


def test_a_shorter_encounter_ends_where_its_ticks_end():
    tree = run(ticks=30)
    data = story_data(one(tree), one(tree, "ticks"), name="x")
    assert data["ticks"]["length"] == [30, 30, 30, 25]


def test_fifty_sessions_of_three_hundred_ticks_stay_below_three_megabytes(tmp_path):
    tree = run(ticks=300)
    tree["encounters"] = tree["encounters"].to_dataset().isel(encounter=[10] * 50)
    tree["ticks"] = xr.DataTree(
        tree["ticks"].to_dataset().isel(encounter=[1] * 50).assign_coords(encounter=range(50))
    ).to_dataset()
    assert len(written(tree, tmp_path).encode()) < 3_000_000


def test_the_page_fetches_nothing(single):
    fetched = re.findall(r'(?:src|href)="(?!#|data:)[^"]*"|@import|url\((?!#)', single)
    assert fetched == []


def test_the_page_says_that_nobody_is_diagnosed(single, many):
    line = "not evidence about patients and diagnose nobody."
    assert line in single
    assert line in many


def test_a_hostile_title_stays_text(tmp_path):
    page = written(run(title=HOSTILE), tmp_path)
    assert "<img src=x" not in page
    assert HOSTILE in unescape(page)


def test_two_arms_of_one_dyad_are_two_stories(tmp_path):
    page = written(run(arms=("supportive", "cold")), tmp_path)
    assert re.findall(r"<option>(.*?)</option>", page) == ["Dyad 0, supportive", "Dyad 0, cold"]


def test_variables_that_are_all_missing_are_left_out(tmp_path):
    tree = run()
    encounters = tree["encounters"].to_dataset()
    tree["encounters"] = encounters.assign(symptoms=encounters.symptoms * np.nan)
    found = re.search(r'class="story-data">(.*?)</script>', written(tree, tmp_path), re.DOTALL)
    assert found is not None
    names = [panel["name"] for panel in json.loads(found.group(1))["panels"]]
    assert "trust" in names
    assert "symptoms" not in names


def test_a_run_that_kept_only_readouts_still_has_a_report(tmp_path):
    tree = run(dyads=8)
    page = written(xr.DataTree.from_dict({"readouts": tree["readouts"].to_dataset()}), tmp_path)
    assert "8 simulated dyads" in page


# ---- many dyads ------------------------------------------------------------------------------


def test_bands_are_quantiles_of_the_arms_dyads():
    encounters = run(dyads=9, arms=("a", "b"))["encounters"].to_dataset()
    bands = course_bands(encounters, ["a", "b"])
    expected = np.quantile(encounters.trust.to_numpy()[9:, 12], 0.75)
    np.testing.assert_allclose(bands.trust.sel(arm="b", quantile=0.75)[12], expected)


def test_bands_are_missing_where_fewer_than_three_dyads_are_left():
    encounters = run(dyads=4)["encounters"].to_dataset()
    gone = (encounters.dyad > 1) & (encounters.session > 6)
    bands = course_bands(
        encounters.assign(trust=encounters.trust.where(~gone)), ["attachment_informed"]
    )
    missing = np.isnan(bands.trust.isel(arm=0, quantile=2).to_numpy())
    np.testing.assert_array_equal(missing[10:22], np.arange(1, 13) > 6)


def test_the_table_gives_mean_change_with_its_standard_error():
    readouts = run(dyads=20, arms=("a", "b"))["readouts"].to_dataset()
    change = (readouts.symptoms_after - readouts.symptoms_before).to_numpy()[20:]
    table = arms_table(readouts, ["a", "b"])
    expected = f"{change.mean():.2f} ± {change.std(ddof=1) / 20**0.5:.2f}".replace("-", "−")
    assert row_of(table, "b")[table.header.index("change after")] == expected


def test_the_table_gives_the_share_who_left_early():
    table = arms_table(run(dyads=20)["readouts"].to_dataset(), ["attachment_informed"])
    assert row_of(table, "attachment informed")[table.header.index("left early")] == "20 %"


def test_arms_are_compared_within_dyads():
    readouts = run(dyads=6, arms=("a", "b"))["readouts"].to_dataset()
    own = 3.0 * np.arange(12) % 7  # whatever a dyad starts from, both arms gain the same
    readouts = readouts.assign(
        symptoms_before=("dyad", own), symptoms_after=("dyad", own - np.repeat([1.0, 0.25], 6))
    )
    found = difference_from_first(readouts, ["a", "b"])["b"]
    np.testing.assert_allclose([found.mean, found.error], [0.75, 0.0], atol=1e-12)


def test_shares_have_wilson_intervals():
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 15 of 148, score method.
    values = np.repeat([1.0, 0.0], [15, 133])
    np.testing.assert_allclose(interval_of(values), (0.0624, 0.1605), atol=5e-5)


def test_a_dyad_in_two_arms_counts_once_among_classes():
    shares = class_shares(run(dyads=8, arms=("a", "b"))["readouts"].to_dataset())
    assert shares["Strange Situation"]["B secure"] == 0.25


def test_measured_synchrony_is_shown_and_unmeasured_is_not(many):
    assert "Synchrony, IBI" in many
    assert "Synchrony, EDA" not in many


# ---- published models ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> str:
    episode = np.arange(20)
    curves = xr.Dataset(
        {
            "rate": ("episode", np.exp(-episode / 5), {"long_name": "Learning rate", "units": "1"}),
            "avoid": (
                ("episode", "case"), np.outer(np.exp(-episode / 9), [1.0, 0.5]),
                {"long_name": "Share who avoid", "units": "1"},
            ),
        },
        {"episode": episode, "case": ["warm", "cold"]},
    )  # fmt: skip
    return written(
        xr.DataTree.from_dict({"readouts": xr.Dataset({"x": ("dyad", [1.0])}, {"dyad": [0]})}),
        tmp_path_factory.mktemp("published"),
        checks={"on_the_edge": 0.5, "too_far": 0.7, "free": 4.0},
        targets={
            "on_the_edge": Target(0.25, 0.25, "derived"),
            "too_far": Target(0.25, 0.25, "published, table 2"),
        },
        curves=curves,
    )


def checks_of(page: str) -> dict[str, str]:
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page)
    return {name: re.sub("<[^>]+>", "|", rest) for name, rest in rows}


def test_a_check_is_met_up_to_its_tolerance(published):
    assert "|met|" in checks_of(published)["on the edge"]


def test_a_check_beyond_its_tolerance_is_missed_and_named(published):
    assert "|missed|" in checks_of(published)["too far"]
    assert "1 of 2 numbers were met. Missed: too far." in published


def test_a_check_without_a_target_is_neither_met_nor_missed(published):
    assert "|no target|" in checks_of(published)["free"]


def test_curves_carry_their_names_and_lines(published):
    assert [t in published for t in ("Learning rate", "Share who avoid", "warm")] == [True] * 3


def test_the_report_does_not_load_the_simulator():
    code = "import sys, bowlby.reports.simulation; assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# ---- in a browser ----------------------------------------------------------------------------

# Plays every control once and writes what came of it into the page.
PLAY = """<script>
addEventListener("load", () => {
  const out = {}, by = (id) => document.getElementById(id);
  const fire = (e, type) => e.dispatchEvent(new Event(type, { bubbles: true }));
  const key = (e, name) => e.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  const ink = (id) => by(id).getContext("2d").getImageData(0, 0, by(id).width, by(id).height)
    .data.some((v) => v > 0);
  const title = () => by("encounter-title").textContent;
  const slider = by("encounter"), ticks = by("tick");
  out.start = title();
  out.words = by("tick-line").textContent;
  out.drawn = ["course", "course-cursor", "session", "session-cursor"].every(ink);
  key(slider, "ArrowRight");
  out.next = title();
  out.spoken = slider.getAttribute("aria-valuetext");
  ticks.value = "7"; fire(ticks, "input");
  out.time = by("tick-time").textContent;
  key(slider, "ArrowRight");
  out.without = by("no-ticks-line").textContent;
  key(slider, "End");
  out.end = title();
  by("nearest").click();
  out.nearest = title();
  out.longest = ticks.max;
  slider.value = "0"; fire(slider, "input");
  out.child = by("tick-line").textContent;
  out.step = (slider.value = String(Number(slider.value) + 1), fire(slider, "input"), title());
  const tall = by("course").height;
  by("more").click();
  out.more = by("course").height > tall;
  out.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const pre = document.createElement("pre");
  pre.id = "outcome";
  pre.textContent = Object.entries(out).map(([k, v]) => `${k}=${v}`).join("\\n");
  document.body.append(pre);
});
</script></head>"""
NARROW = (
    "<script>addEventListener('load', () => setTimeout(() => console.log('overflow', "
    "document.documentElement.scrollWidth - document.documentElement.clientWidth), 300))"
    "</script></head>"
)


def browse(page, profile) -> tuple[str, str]:
    """DOM after loading, and the browser's log."""
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0",
            "--window-size=1280,900", "--virtual-time-budget=4000", "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def played(single, tmp_path_factory) -> tuple[dict[str, str], str]:
    if BROWSER is None:
        pytest.skip("no Chromium is installed")
    folder = tmp_path_factory.mktemp("browser")
    page = folder / "report.html"
    page.write_text(single.replace("</head>", PLAY, 1), encoding="utf-8")
    dom, log = browse(page, folder / "profile")
    found = re.search(r'<pre id="outcome">(.*?)</pre>', dom, re.DOTALL)
    assert found is not None, log
    return dict(line.split("=", 1) for line in unescape(found.group(1)).splitlines()), log


def test_nothing_goes_wrong_in_the_console(played):
    assert "CONSOLE" not in played[1]


def test_a_moment_is_told_in_words(played):
    assert played[0]["words"] == (
        "Client: distressed, withdraws. Therapist validates; heard as dismissive .62. Trust .31."
    )


def test_in_childhood_the_other_is_the_caregiver(played):
    expected = "Child: distressed, withdraws. Caregiver: heard as dismissive .62. Trust .31."
    assert played[0]["child"] == expected


def test_arrow_keys_go_from_session_to_session(played):
    outcome = played[0]
    assert (outcome["start"], outcome["next"]) == (
        "Session 1 of 12, week 0", "Session 2 of 12, week 1",
    )  # fmt: skip
    assert outcome["spoken"].startswith("Session 2 of 12, week 1. The client mostly withdrew")
    assert outcome["end"] == "Follow-up, week 15"


def test_one_small_step_of_the_slider_goes_to_the_next_encounter(played):
    assert played[0]["step"] == "Childhood, age 1 years"


def test_the_second_slider_scrubs_ticks(played):
    assert played[0]["time"] == "1:10"


def test_an_encounter_without_ticks_says_so_and_leads_to_one_with(played):
    outcome = played[0]
    assert outcome["without"] == "No ticks were kept of this part (Session 3 of 12, week 2)."
    assert (outcome["nearest"], outcome["longest"]) == ("Session 12 of 12, week 11", "24")


def test_every_canvas_is_drawn_and_grows_with_more_panels(played):
    assert (played[0]["drawn"], played[0]["more"]) == ("true", "true")


def test_the_page_fits_a_desktop(played):
    assert played[0]["overflow"] == "0"


@pytest.mark.parametrize("name", ["single", "many", "published"])
def test_the_page_fits_a_phone(name, request, tmp_path):
    if BROWSER is None:
        pytest.skip("no Chromium is installed")
    text = request.getfixturevalue(name).replace("</head>", NARROW, 1)
    (tmp_path / "report.html").write_text(text, encoding="utf-8")
    frame = '<iframe src="report.html" style="width:390px;height:800px;border:0">'
    (tmp_path / "phone.html").write_text(frame)
    assert '"overflow 0"' in browse(tmp_path / "phone.html", tmp_path / "profile")[1]
