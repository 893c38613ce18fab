from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from bowlby.figures import (
    coherence_figure,
    false_positives_figure,
    figure_svg,
    hero_figure,
    lead_lag_figure,
    overview_figure,
    pseudo_dyads_figure,
    sessions_figure,
    specification_figure,
)


@pytest.fixture
def summary() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "recording": ["a", "b & <c>", "d", "e"],
            "signal": "motion",
            "z": [0.2, 3.0, 1.0, -1.0],
            "z_low": [-1.0, 1.0, np.nan, -2.0],
            "z_high": [1.0, 5.0, np.nan, 0.0],
            "p": [0.4, 0.01, 0.2, 0.9],
            "peak_lag_s": [1.0, 2.0, -1.5, 0.5],
            "dyad": ["1", "1", "2", "2"],
            "session": ["s1", "s2", "s1", "s10"],
            "group": ["x", "x", "y", "y"],
        }
    )


@pytest.fixture
def multiverse() -> pd.DataFrame:
    table = pd.DataFrame(
        [(w, s) for w in (10.0, 30.0, 60.0) for s in ("segments", "shift")],
        columns=["window_s", "surrogate"],
    )
    return table.assign(
        step_s=15.0,
        z=[2.0, 0.5, 1.0, 3.0, -1.0, 1.5],
        p=[0.01, 0.3, 0.2, 0.001, 0.8, 0.1],
        share_below_05=np.linspace(0, 1, 6), is_default=[False] * 4 + [True, False],
    )  # fmt: skip


def text_of(figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(Text))


def row_names(axes) -> list[str]:
    return [label.get_text() for label in axes.get_yticklabels()]


def test_recordings_stand_in_order_of_effect_within_groups(summary):
    assert row_names(overview_figure(summary).axes[0]) == ["e", "d", "a", "b & <c>"]


def test_only_recordings_beyond_chance_are_filled(summary):
    beyond = overview_figure(summary).axes[0].collections[-1]
    np.testing.assert_array_equal(beyond.get_offsets()[:, 0], [3.0])


def test_every_signal_has_its_panel(summary):
    both = pd.concat([summary, summary.assign(signal="eda_phasic")])
    titles = [a.get_title(loc="left").replace("\n", " ") for a in overview_figure(both).axes]
    assert titles == ["Motion energy", "Skin conductance responses"]


def test_recordings_without_an_effect_leave_their_row_empty(summary):
    assert figure_svg(overview_figure(summary.assign(z=np.nan, p=np.nan)))


def test_sessions_stand_in_the_order_of_their_numbers(summary):
    axes = sessions_figure(summary).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["s1", "s2", "s10"]


def test_a_recording_led_by_the_first_partner_lies_on_that_partners_side(summary):
    figure = lead_lag_figure(summary, first="client", second="therapist")
    figure.draw_without_rendering()
    label = next(t for t in figure.findobj(Text) if t.get_text().startswith("client leads"))
    axes = figure.axes[0]
    middle = axes.transData.transform((0, 0))[0]
    assert axes.collections[0].get_offsets()[0, 0] == 1.0
    assert label.get_window_extent().x0 > middle


def test_long_roles_do_not_overlap_on_the_lag_axis(summary):
    figure = lead_lag_figure(summary, first="foster caregiver", second="counsellor in training")
    figure.draw_without_rendering()
    left, right = (
        next(t for t in figure.findobj(Text) if t.get_text().startswith(start))
        for start in ("← counsellor", "foster")
    )
    assert left.get_window_extent().x1 < right.get_window_extent().x0


def test_real_and_pseudo_are_compared_in_words():
    rng = np.random.default_rng(1)
    figure = pseudo_dyads_figure(rng.normal(size=20), rng.normal(size=90), d=0.42, p=0.03)
    legend = figure.axes[0].get_legend()
    assert legend.get_title().get_text() == "d = 0.42, p = .030"
    assert [t.get_text() for t in legend.get_texts()] == [
        "90 pseudo-dyads", "20 real dyads",
    ]  # fmt: skip


def test_a_single_real_recording_is_a_tick_without_density():
    assert figure_svg(
        pseudo_dyads_figure(np.array([0.3]), np.array([0.1, 0.2, 0.4]), d=np.nan, p=0.5)
    )


def test_false_positives_state_rate_and_interval():
    figure = false_positives_figure(np.linspace(0.01, 1, 100), rate=0.05, low=0.016, high=0.113)
    assert "5.0 % of 100 pseudo-dyads: p ≤ .05" in text_of(figure)
    assert "1.6 to 11.3 %" in text_of(figure)


def test_specifications_are_sorted_by_effect(multiverse):
    axes = specification_figure(multiverse).axes[0]
    drawn = np.concatenate([c.get_offsets() for c in axes.collections[:2]])
    np.testing.assert_array_equal(drawn[np.argsort(drawn[:, 0]), 1], [-1, 0.5, 1, 1.5, 2, 3])


def test_the_default_specification_is_named_where_it_stands(multiverse):
    axes = specification_figure(multiverse).axes[0]
    default = next(t for t in axes.texts if t.get_text() == "default")
    assert default.xy == (0, -1.0)


def test_only_choices_that_vary_are_shown(multiverse):
    axes = specification_figure(multiverse).axes[1]
    assert [t.get_text() for t in axes.texts] == ["window (s)", "surrogate"]


def test_choices_stand_under_the_effects_they_made(multiverse):
    axes = specification_figure(multiverse).axes[1]
    dots = [c.get_offsets() for c in axes.collections if len(c.get_offsets()) == 2]
    np.testing.assert_array_equal(sorted(dots[0][:, 0]), [1, 4])


@dataclass
class Coherence:
    """A made-up result with phase at a quarter turn and a gap."""

    time_s: np.ndarray
    period_s: np.ndarray
    coherence: np.ndarray
    phase_rad: np.ndarray
    cone_s: np.ndarray


@pytest.fixture
def coherence() -> Coherence:
    time_s, period_s = np.arange(0, 300, 0.5), 2.0 ** np.linspace(1, 6, 40)
    cone_s = np.minimum(time_s, 300 - time_s) / 1.4
    cells = np.full((40, 600), 0.9)
    cells[:, 200:260] = np.nan
    return Coherence(time_s, period_s, cells, np.full((40, 600), np.pi / 2), cone_s)


def test_phase_arrows_point_up_where_the_first_partner_leads(coherence):
    axes = coherence_figure(coherence, first="client", second="therapist").axes[0]
    arrows = next(c for c in axes.collections if hasattr(c, "V"))
    np.testing.assert_allclose(arrows.V, 1.0)
    assert "↑ client leads" in text_of(axes)


def test_no_arrow_stands_in_a_gap_or_outside_the_cone(coherence):
    axes = coherence_figure(coherence, first="client", second="therapist").axes[0]
    arrows = next(c for c in axes.collections if hasattr(c, "V"))
    cone_s = np.interp(arrows.X, coherence.time_s, coherence.cone_s)
    assert (cone_s + 1e-9 >= 2.0**arrows.Y).all()
    assert not ((arrows.X > 100) & (arrows.X < 129.5)).any()


def test_the_hero_shows_recording_and_study_side_by_side(planted, summary):
    real, pseudo = np.random.default_rng(2).normal(size=(2, 30))
    figure = hero_figure(planted, summary, real=real, pseudo=pseudo, d=0.1, p=0.4)
    assert figure.get_figwidth() * 25.4 == pytest.approx(183)
    assert {"a", "b", "c", "d"} <= {t.get_text() for t in figure.findobj(Text)}
    assert figure_svg(figure)
