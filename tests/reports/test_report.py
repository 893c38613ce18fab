import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from bowlby.reports import ExtraFigure, ReportContent, write_report
from bowlby.reports.html import report_html


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        """Keep what readers see."""
        if not self.tags or self.tags[-1][0] not in ("script", "style"):
            self.words.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of all tags of one name."""
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="session")
def study_html(study) -> str:
    return report_html(study)


@pytest.fixture(scope="session")
def one_html(one) -> str:
    return report_html(one)


def viewer_data(html: str) -> list[dict]:
    found = re.findall(
        r'<script type="application/json" class="recording-data">(.*?)</script>',
        html,
        re.DOTALL,
    )
    return [json.loads(text) for text in found]


def test_the_report_needs_nothing_from_the_network(study_html):
    assert "http:" not in study_html
    assert "https:" not in study_html
    assert not [a for a in Page(study_html).all("script") if "src" in a]


def test_links_lead_only_into_the_page_or_into_data(study_html):
    targets = [a["href"] for tag in ("a", "link", "use") for a in Page(study_html).all(tag)]
    assert {target.partition(":")[0] if target[0] != "#" else "#" for target in targets} == {
        "#", "data",
    }  # fmt: skip


def test_a_hostile_name_stays_text(study_html):
    assert "<img" not in study_html
    assert "onerror=alert(1)&gt;" in study_html


def test_a_hostile_name_reaches_the_viewer_whole(study, study_html):
    names = [data["recording"] for data in viewer_data(study_html)]
    assert names == [dataset.attrs["recording"] for dataset in study.datasets]


def test_one_recording_is_answered_in_three_questions(one_html):
    page = " ".join(Page(one_html).words)
    assert "are client and therapist synchronised beyond chance? Yes" in page.replace("  ", " ")
    assert "Who leads?" in page
    assert "The two meet best at a lag of +1.00 s" in page


def test_a_study_is_answered_by_a_count_and_what_chance_would_give(study_html):
    text = study_html.replace("\N{NO-BREAK SPACE}", " ")
    assert "of 3 recordings exceed chance (p ≤ .05). Chance alone would give 0.2;" in text


def test_nothing_measured_says_so_and_why(failed_only):
    html = report_html(failed_only)
    assert "No recording could be measured." in html
    assert "It is empty." in html


def test_without_surrogates_nothing_is_called_beyond_chance(study):
    alone = replace(
        study, datasets=study.datasets[2:3], summary=study.summary.query("recording == 's03'"),
        false_positives=None, pseudo_dyads=None, multiverse=None,
    )  # fmt: skip
    html = report_html(alone)
    assert html.count('<p class="short">Not tested</p>') == 3


def test_a_multiverse_alone_is_a_report(study):
    html = report_html(ReportContent("x", (), pd.DataFrame(), multiverse=study.multiverse))
    assert "1 of 2 beyond chance" in html
    assert "No recording could be measured" not in html


def test_failures_and_skipped_files_are_listed(study_html):
    assert "s05.csv, line 3: “&lt;b&gt;” is not a number." in study_html
    assert "notes.docx" in study_html


def test_every_figure_has_a_text_for_those_who_cannot_see_it(study_html):
    plots = [a for a in Page(study_html).all("svg") if a.get("class") == "plot"]
    assert len(plots) == 4 * 4 + 2 + 3
    assert all(a["role"] == "img" and len(a["aria-label"]) > 20 for a in plots)


def test_ids_are_unique(study_html):
    ids = [a["id"] for _, a in Page(study_html).tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_references_inside_figures_are_resolved(study_html):
    ids = {a["id"] for _, a in Page(study_html).tags if "id" in a}
    used = re.findall(r"url\(#([^)]+)\)", study_html) + re.findall(
        r'href="#([^"]+)"', study_html
    )
    assert set(used) <= ids


def test_headings_do_not_skip_a_level(study_html):
    levels = [int(tag[1]) for tag, _ in Page(study_html).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert max(np.diff(levels)) <= 1


def test_the_download_holds_the_whole_summary(study, study_html):
    link = next(a for a in Page(study_html).all("a") if a.get("download") == "summary.csv")
    csv = base64.b64decode(link["href"].partition("base64,")[2]).decode()
    table = pd.read_csv(io.StringIO(csv))
    assert list(table["recording"]) == list(study.summary["recording"])
    np.testing.assert_allclose(table["estimate"], study.summary["estimate"])


def test_the_table_marks_each_recordings_main_statistic(study_html):
    rows = [a for a in Page(study_html).all("tr") if "data-viewer" in a]
    assert [a["data-viewer"] for a in rows if "main" in a["class"].split()] == list("0123")


def test_the_methods_state_parameters_sign_and_null(one_html):
    assert "Windows of 20 s started every 10 s; lags went to 3 s each way." in one_html
    assert "Positive lags mean that client leads" in one_html
    assert "99 surrogates" in one_html
    assert "no more related at matching moments" in one_html


def test_the_limits_are_said_once(study_html):
    assert study_html.count("diagnose nobody") == 1
    assert study_html.count("Synchrony is not quality") == 1


def test_the_viewer_keeps_the_map_within_half_a_step(one, one_html):
    data = viewer_data(one_html)[0]
    codes = np.frombuffer(base64.b64decode(data["map"]["data"]), np.uint8).reshape(-1, 31)
    step = (data["map"]["high"] - data["map"]["low"]) / 254
    values = data["map"]["low"] + codes * step
    np.testing.assert_allclose(values, one.datasets[0].wcc, atol=step / 2 + 1e-9)


def test_the_viewer_keeps_gaps_missing(study, study_html):
    data = viewer_data(study_html)[3]
    codes = np.frombuffer(base64.b64decode(data["traces"][1]["data"]), "<u2")
    assert (codes == 65535).any()
    assert data["traces"][1]["gaps"] == [[79.9, 119.9]]
    running = [value is None for value in data["running"]]
    np.testing.assert_array_equal(running, np.isnan(study.datasets[3].running))


def test_lags_thinned_for_the_viewer_keep_lag_0(one):
    from bowlby.reports.viewer_data import viewer_data as thin

    data = one.datasets[0]
    fine = np.linspace(-3, 3, 751)
    wide = data[[v for v in data if "lag" not in data[v].dims]]
    over_lags = {v: data[v] for v in data if "lag" in data[v].dims}
    wide = wide.assign(
        {v: a.swap_dims(lag="lag_s").interp(lag_s=fine).rename(lag_s="lag").drop_vars("lag")
         for v, a in over_lags.items()}
    ).assign_coords(lag_s=("lag", fine))  # fmt: skip
    lags = thin(wide)["lag"]
    assert len(lags) <= 102
    assert min(abs(np.array(lags))) < 1e-12


def test_one_recording_fits_into_150_kb_and_120_more(one_html):
    assert len(one_html.encode()) < 270_000


def test_a_figure_drawn_elsewhere_is_taken_in(one):
    svg = '<?xml version="1.0"?><svg viewBox="0 0 10 5" xmlns="http://x"><g id="a"></g></svg>'
    html = report_html(replace(one, figures=(ExtraFigure("Rhythm & map", "What.", svg),)))
    assert ">Rhythm &amp; map</h2>" in html
    assert "http:" not in html


def test_the_same_study_gives_the_same_bytes(one, one_html):
    assert report_html(one) == one_html


def test_the_report_is_written_as_utf8(one, tmp_path):
    write_report(tmp_path / "report.html", one)
    assert "–" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_leaders_of_a_study_are_counted_by_role(study_html):
    assert "Leading there: client in 3." in study_html
