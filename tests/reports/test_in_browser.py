"""The report in a real browser, where one is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bowlby.reports.html import report_html

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")

# Plays every control once and writes what came of it into the page.
PLAY = """<script>
addEventListener("load", () => {
  const out = {}, by = (id) => document.getElementById(id);
  const fire = (e, type) => e.dispatchEvent(new Event(type, { bubbles: true }));
  const ink = (id) => by(id).getContext("2d").getImageData(0, 0, by(id).width, by(id).height)
    .data.some((v) => v > 0);
  const slider = by("time");
  slider.value = 0; fire(slider, "input");
  out.first = by("window-title").textContent;
  slider.value = slider.max; fire(slider, "input");
  out.last = by("window-title").textContent;
  out.spoken = slider.getAttribute("aria-valuetext");
  for (let i = 0; i < 4; i++) { by("next").click(); }
  const pick = by("pick-recording");
  pick.selectedIndex = 3; fire(pick, "change");
  out.gap = by("verdict").textContent;
  for (let i = 0; i <= slider.max; i++) { slider.value = i; fire(slider, "input"); }
  const statistic = by("pick-statistic");
  statistic.selectedIndex = 3; fire(statistic, "change");
  out.statistic = by("statistic-line").textContent;
  out.drawn = ["stage", "cursor", "profile", "null"].every(ink);
  const table = by("summary");
  const head = [...table.tHead.rows[0].cells].find((c) => c.textContent === "estimate");
  head.querySelector("button").click();
  out.sorted = head.getAttribute("aria-sort");
  const main = [...table.querySelectorAll("tr.main")];
  const keys = main.map((r) => +r.cells[head.cellIndex].dataset.key);
  out.rising = keys.every((k, i) => i === 0 || k >= keys[i - 1]);
  out.hidden = getComputedStyle(table.querySelector("tr.other")).display;
  by("all-statistics").click();
  out.shown = getComputedStyle(table.querySelector("tr.other")).display;
  table.querySelector("tr[data-viewer='2'] th button").click();
  out.chosen = pick.value;
  const box = by("canvases").getBoundingClientRect();
  by("canvases").dispatchEvent(new PointerEvent("pointermove",
    { buttons: 1, clientX: box.left + 84 + (box.width - 92) / 2, clientY: box.top + 20 }));
  out.dragged = by("window-title").textContent;
  out.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  out.alerted = window.alerted === true;
  const pre = document.createElement("pre");
  pre.id = "outcome";
  pre.textContent = Object.entries(out).map(([k, v]) => `${k}=${v}`).join("\\n");
  document.body.append(pre);
});
window.alert = () => { window.alerted = true; };
</script></head>"""


def browse(page: Path, folder: Path) -> tuple[str, str]:
    """DOM after loading, and the browser's log."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", f"--user-data-dir={folder}", "--enable-logging=stderr", "--v=0",
            "--window-size=1280,900", "--virtual-time-budget=4000", "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def played(study, tmp_path_factory) -> tuple[dict[str, str], str]:
    folder = tmp_path_factory.mktemp("browser")
    page = folder / "report.html"
    page.write_text(report_html(study).replace("</head>", PLAY, 1), encoding="utf-8")
    dom, log = browse(page, folder / "profile")
    found = re.search(r'<pre id="outcome">(.*?)</pre>', dom, re.DOTALL)
    assert found is not None, log
    return dict(line.split("=", 1) for line in found.group(1).splitlines()), log


@pytest.fixture(scope="module")
def narrow(study, tmp_path_factory) -> str:
    """Log of a page that shows the report 390 pixels wide and tells what sticks out."""
    folder = tmp_path_factory.mktemp("phone")
    tell = "<script>addEventListener('load', () => setTimeout(() => console.log('overflow', document.documentElement.scrollWidth - document.documentElement.clientWidth), 300))</script></head>"
    (folder / "report.html").write_text(
        report_html(study).replace("</head>", tell, 1), encoding="utf-8"
    )
    page = folder / "phone.html"
    page.write_text('<iframe src="report.html" style="width:390px;height:800px;border:0">')
    return browse(page, folder / "profile")[1]


def test_nothing_goes_wrong_in_the_console(played):
    assert "CONSOLE" not in played[1]


def test_the_slider_moves_from_the_first_window_to_the_last(played):
    assert (played[0]["first"], played[0]["last"]) == ("0:00 to 0:20", "3:30 to 3:50")
    assert played[0]["spoken"].startswith("3:30 to 3:50, synchrony")


def test_dragging_over_the_figure_chooses_the_window_below(played):
    assert played[0]["dragged"] == "1:50 to 2:10"


def test_every_canvas_is_drawn(played):
    assert played[0]["drawn"] == "true"


def test_another_statistic_is_explained(played):
    assert played[0]["statistic"].startswith("estimate ")


def test_the_table_sorts_and_unfolds(played):
    outcome = played[0]
    assert (outcome["sorted"], outcome["rising"]) == ("ascending", "true")
    assert (outcome["hidden"], outcome["shown"]) == ("none", "table-row")


def test_a_row_of_the_table_opens_its_recording(played):
    assert played[0]["chosen"] == "s03"


def test_a_hostile_name_runs_nothing(played):
    assert played[0]["alerted"] == "false"


def test_the_page_fits_a_desktop(played):
    assert played[0]["overflow"] == "0"


def test_the_page_fits_a_phone(narrow):
    assert '"overflow 0"' in narrow
