import numpy as np
import pytest
import xarray as xr

from bowlby.figures.course import course_axis, course_figure, course_panels
from bowlby.figures.curves import curves_figure
from bowlby.figures.population import (
    GroupMean,
    arm_colours,
    bands_figure,
    means_figure,
    window_figure,
)
from bowlby.figures.style import INK, figure_svg

PHASES = ["childhood"] * 4 + ["therapy"] * 16 + ["follow-up"]


def course(**variables) -> xr.Dataset:
    """4 encounters of childhood, 16 sessions, 1 week of follow-up."""
    is_session = np.array(PHASES) == "therapy"
    return xr.Dataset(
        variables,
        {
            "phase": ("encounter", PHASES),
            "session": ("encounter", np.where(is_session, np.cumsum(is_session), 0)),
            "week": ("encounter", np.arange(21) - 4.0),
            "age_years": ("encounter", np.linspace(0.5, 30, 21)),
        },
    )


@pytest.fixture
def bands() -> xr.Dataset:
    values = np.linspace(0, 1, 2 * 5 * 21).reshape(2, 5, 21)
    attrs = {"long_name": "Trust", "units": "P(attuned)"}
    return xr.Dataset(
        {"trust": (("arm", "quantile", "encounter"), values, attrs)},
        {"arm": ["warm", "cold_arm"], "quantile": [0.05, 0.25, 0.5, 0.75, 0.95]},
    )


def test_a_phase_gets_room_by_the_square_root_of_its_encounters():
    room = [phase.end - phase.start for phase in course_axis(course()).phases]
    np.testing.assert_allclose(room, [2 / 7, 4 / 7, 1 / 7], rtol=1e-12)


def test_encounters_are_evenly_spaced_in_the_middle_of_their_share():
    position = course_axis(course()).position
    np.testing.assert_allclose(position[:4], (np.arange(4) + 0.5) / 4 * 2 / 7, rtol=1e-12)


def test_sessions_are_labelled_by_their_number():
    axis = course_axis(course())
    at = {label: x for x, label in axis.ticks}
    np.testing.assert_allclose(at["10"], axis.position[13])


def test_weeks_of_follow_up_count_from_the_end_of_therapy():
    assert "+1 w" in [label for _, label in course_axis(course()).ticks]


def test_a_variable_missing_throughout_has_no_panel():
    encounters = course(
        trust=("encounter", np.full(21, 0.5)), symptoms=("encounter", np.full(21, np.nan))
    )
    assert [panel.name for panel in course_panels(encounters)] == ["trust"]


def test_shares_are_scaled_to_one_and_missing_where_nothing_was_done():
    shares = np.ones((21, 2))
    shares[3] = 0.0
    encounters = course(action_share=(("encounter", "action"), shares)).assign_coords(
        action=["approach", "withdraw"]
    )
    panel = course_panels(encounters)[0]
    np.testing.assert_allclose(panel.lines[0].values[2:5], [0.5, np.nan, 0.5])


def test_models_in_a_stack_start_with_the_old_one():
    belief = np.tile([0.2, 0.7, 0.1], (21, 1))
    encounters = course(
        model_belief=(("encounter", "model"), belief), new_model=("encounter", np.full(21, 0.3))
    )
    labels = [line.label for line in course_panels(encounters)[0].lines]
    assert labels == ["old model", "new model", "new model 2"]


def test_the_course_marks_repaired_and_unrepaired_ruptures():
    ruptures, repairs = np.zeros(21), np.zeros(21)
    ruptures[[6, 9]], repairs[6] = 1.0, 1.0
    figure = course_figure(
        course(
            trust=("encounter", np.full(21, 0.5)), ruptures=("encounter", ruptures),
            repairs=("encounter", repairs),
        )
    )  # fmt: skip
    marks = [collection.get_offsets()[:, 0] for collection in figure.axes[0].collections[-2:]]
    position = course_axis(course()).position
    np.testing.assert_allclose(np.concatenate(marks), position[[6, 9]])


def test_lines_do_not_run_from_one_phase_into_the_next():
    figure = course_figure(course(trust=("encounter", np.full(21, 0.5))))
    lengths = [
        len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "o"
    ]
    assert lengths == [4, 16, 1]


def test_a_course_with_nothing_to_draw_says_so():
    with pytest.raises(ValueError, match="no variable to draw"):
        course_figure(course())


def test_the_same_course_gives_the_same_bytes():
    encounters = course(trust=("encounter", np.linspace(0, 1, 21)))
    assert figure_svg(course_figure(encounters)) == figure_svg(course_figure(encounters))


def test_bands_name_their_arms(bands):
    svg = figure_svg(bands_figure(bands, course_axis(course())))
    assert ("warm" in svg, "cold arm" in svg) == (True, True)


def test_a_single_arm_is_drawn_in_ink():
    assert arm_colours(["all"]) == {"all": INK}


def test_means_stand_in_the_row_of_their_group():
    means = [
        GroupMean("Change", group, "", 9, mean, mean - 1, mean + 1)
        for group, mean in (("A", -1.0), ("B", 2.0))
    ]
    axes = means_figure(means, [""]).axes[0]
    np.testing.assert_allclose(axes.collections[1].get_offsets(), [[-1.0, 0.0], [2.0, 1.0]])


def test_windows_are_percent_of_all_dyads_of_the_arm():
    figure = window_figure({"a": np.array([3.0, 3.0, 5.0, np.nan])}, planned=10)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    np.testing.assert_allclose([heights[2], heights[4], sum(heights)], [50.0, 25.0, 75.0])


def test_curves_have_a_line_for_each_value_of_the_second_dimension():
    curves = xr.Dataset(
        {"avoid": (("episode", "case"), np.arange(12.0).reshape(4, 3))}, {"case": list("abc")}
    )
    lines = curves_figure(curves).axes[0].lines
    np.testing.assert_allclose([line.get_ydata() for line in lines], curves.avoid.to_numpy().T)


def test_curves_without_numbers_say_so():
    with pytest.raises(ValueError, match="no variable of one or two dimensions"):
        curves_figure(xr.Dataset({"empty": ("x", np.full(3, np.nan))}))
