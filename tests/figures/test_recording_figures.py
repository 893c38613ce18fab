import numpy as np
import pytest
from matplotlib.text import Text

from bowlby.figures import (
    figure_png,
    figure_svg,
    lag_map_figure,
    lag_profile_figure,
    null_figure,
    traces_figure,
)

RECORDING_FIGURES = (traces_figure, lag_map_figure, lag_profile_figure, null_figure)


def texts(figure) -> list[Text]:
    return [t for t in figure.findobj(Text) if t.get_text()]


def text_of(figure) -> str:
    return "\n".join(t.get_text() for t in texts(figure))


def centre_of(figure, start: str) -> tuple[float, float]:
    """Middle of a text on the page (pixels)."""
    figure.draw_without_rendering()
    box = next(t for t in texts(figure) if t.get_text().startswith(start)).get_window_extent()
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def test_the_path_goes_through_each_windows_peak_at_its_middle(planted):
    path = lag_map_figure(planted).axes[0].lines[-1]
    np.testing.assert_array_equal(path.get_ydata(), planted.window_peak_lag_s)
    np.testing.assert_array_equal(path.get_xdata(), planted.window_start_s + 10.0)


def test_the_brightest_row_of_the_map_lies_at_the_planted_lag(planted):
    image = lag_map_figure(planted).axes[0].images[0]
    _, _, bottom, top = image.get_extent()
    rows = image.get_array().mean(axis=1)
    height = bottom + (np.argmax(rows) + 0.5) * (top - bottom) / len(rows)
    assert height == pytest.approx(1.0, abs=0.01)


def test_the_map_puts_the_first_partner_at_the_positive_end(planted):
    figure = lag_map_figure(planted)
    assert figure.axes[0].get_ylim()[1] > 0
    assert centre_of(figure, "client leads")[1] > centre_of(figure, "← therapist leads")[1]


def test_the_profile_puts_the_first_partner_at_the_positive_end(planted):
    figure = lag_profile_figure(planted)
    assert figure.axes[0].get_xlim()[1] > 0
    assert centre_of(figure, "client leads")[0] > centre_of(figure, "← therapist leads")[0]


def test_the_profile_marks_its_peak_with_lag_and_p(planted):
    assert "+1.00 s, p = .010" in text_of(lag_profile_figure(planted))


def test_an_absolute_map_starts_at_0(planted):
    assert lag_map_figure(planted).axes[0].images[0].get_clim()[0] == 0


def test_a_signed_map_has_0_in_the_middle(signed):
    low, high = lag_map_figure(signed).axes[0].images[0].get_clim()
    assert low == -high


def test_missing_cells_stay_missing_in_the_map(gapped):
    image = lag_map_figure(gapped).axes[0].images[0]
    np.testing.assert_array_equal(
        np.ma.getmaskarray(image.get_array()), np.isnan(gapped.wcc.to_numpy()).T
    )


def test_a_gap_is_hatched_on_the_trace_that_has_it(gapped):
    first, second = traces_figure(gapped).axes[:2]
    assert [bool(p.get_hatch()) for p in first.patches if p.get_hatch()] == []
    gap = next(p for p in second.patches if p.get_hatch())
    assert (gap.get_x(), gap.get_width()) == pytest.approx((79.9, 40.0))


def test_traces_break_at_a_gap(gapped):
    line = traces_figure(gapped).axes[1].lines[0]
    inside = (line.get_xdata() > 80) & (line.get_xdata() < 120)
    assert np.isnan(line.get_ydata()[inside]).all()


def test_episodes_beyond_chance_carry_their_p(planted):
    assert "p = .0" in text_of(traces_figure(planted))


def test_surrogates_are_counted_in_the_null_figure(planted):
    assert "99 surrogates" in text_of(null_figure(planted))


def test_the_null_figure_says_when_there_are_no_surrogates(untested):
    assert "no surrogates were drawn" in text_of(null_figure(untested))


def test_another_statistic_can_be_shown(planted):
    assert "Lead–lag asymmetry" in text_of(null_figure(planted, "wcc_lead"))


@pytest.mark.parametrize("draw", RECORDING_FIGURES)
@pytest.mark.parametrize("kind", ["planted", "gapped", "untested", "signed", "without_lags"])
def test_every_figure_draws_every_kind_of_result(draw, kind, request):
    assert figure_svg(draw(request.getfixturevalue(kind))).startswith("<?xml")


@pytest.mark.parametrize("draw", RECORDING_FIGURES)
def test_text_is_at_least_7_points(draw, planted):
    assert min(t.get_fontsize() for t in texts(draw(planted))) >= 7


@pytest.mark.parametrize(
    ("draw", "width_mm"), [(traces_figure, 183), (lag_map_figure, 183), (null_figure, 89)]
)
def test_figures_have_the_width_of_a_column(draw, width_mm, planted):
    assert draw(planted).get_figwidth() * 25.4 == pytest.approx(width_mm)


def test_the_same_figure_gives_the_same_svg(planted):
    assert figure_svg(lag_map_figure(planted)) == figure_svg(lag_map_figure(planted))


def test_the_same_figure_gives_the_same_png(planted):
    assert figure_png(lag_map_figure(planted)) == figure_png(lag_map_figure(planted))


def test_an_svg_tells_neither_time_nor_program(planted):
    svg = figure_svg(null_figure(planted))
    assert "<dc:date>" not in svg
    assert "Matplotlib" not in svg.replace("Created with matplotlib", "")


def test_drawing_leaves_the_users_settings_alone(planted):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figure_svg(null_figure(planted))
    assert dict(mpl.rcParams) == before
