"""The course model against other estimators and its own laws."""

import numpy as np
import pandas as pd
import pytest

from bowlby.outcomes import kalman
from bowlby.outcomes.course import fit_course, panel
from bowlby.outcomes.forecasting import (
    expect,
    expected_from,
    forecast,
    simulate_courses,
    smooth,
)
from bowlby.outcomes.signals import alarm, off_course

# level, SD, slope, SD, r, level steps, slope steps, phi, error
TRUE = np.array([20.0, 5.0, -0.6, 0.4, -0.2, 0.8, 0.05, 0.97, 2.2])
LINEAR = np.array([20.0, 5.0, -0.6, 0.4, -0.2, 1e-9, 1e-9, 1.0, 2.2])


def long(y):
    client, time = np.nonzero(np.isfinite(y))
    names = np.array([f"c{i:04d}" for i in client])
    return pd.DataFrame({"client": names, "time": time, "value": y[client, time]})


@pytest.fixture(scope="module")
def made():
    y = simulate_courses(TRUE, 150, 12, np.random.default_rng(1))
    y[np.random.default_rng(2).random(y.shape) < 0.15] = np.nan
    return long(y)


@pytest.fixture(scope="module")
def model(made):
    return fit_course(made)


def gaussian(p, time, y):
    """Log density of one client's scores from the whole covariance matrix: a second source."""
    n = int(time[-1]) + 1
    f = np.array([[1.0, 1.0], [0.0, p[7]]])
    c = p[4] * p[1] * p[3]
    mean, cov = np.array([p[0], p[2]]), np.array([[p[1] ** 2, c], [c, p[3] ** 2]])
    means, covs = [mean], [cov]
    for _ in range(n - 1):
        means.append(f @ means[-1])
        covs.append(f @ covs[-1] @ f.T + np.diag(p[5:7] ** 2))
    total = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            total[i, j] = total[j, i] = (np.linalg.matrix_power(f, j - i) @ covs[i])[0, 0]
    total = total[np.ix_(time, time)] + p[8] ** 2 * np.eye(len(time))
    off = y - np.array([m[0] for m in means])[time]
    return -0.5 * (
        off @ np.linalg.solve(total, off)
        + np.linalg.slogdet(total)[1]
        + len(y) * np.log(2 * np.pi)
    )


def test_the_filter_equals_the_whole_covariance_matrix_with_gaps():
    time, y = np.array([0, 1, 4, 5, 9]), np.array([21.0, 18.0, 17.5, 12.0, 14.0])
    ours = kalman.loglik(np.array([0, 5]), time, y, TRUE)
    np.testing.assert_allclose(ours, gaussian(TRUE, time, y), rtol=1e-10)


# Both likelihoods are taken at one point; whether statsmodels' search ended there is no matter.
@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
def test_the_linear_case_equals_the_multilevel_likelihood():
    from statsmodels.regression.mixed_linear_model import MixedLM

    table = long(simulate_courses(LINEAR, 60, 6, np.random.default_rng(3)))
    x = np.column_stack([np.ones(len(table)), table.time])
    fit = MixedLM(table.value.to_numpy(), x, table.client.to_numpy(), x).fit(reml=False)
    cov, data = np.asarray(fit.cov_re), panel(table)
    p = np.array([
        fit.fe_params[0], cov[0, 0] ** 0.5, fit.fe_params[1], cov[1, 1] ** 0.5,
        cov[0, 1] / (cov[0, 0] * cov[1, 1]) ** 0.5, 0.0, 0.0, 1.0, fit.scale**0.5,
    ])  # fmt: skip
    np.testing.assert_allclose(
        kalman.loglik(data.starts, data.time, data.y, p), fit.llf, atol=1e-6
    )


def test_known_numbers_come_back(model):
    found = model.described()
    np.testing.assert_allclose(found["level"], 20.0, atol=1.2)
    np.testing.assert_allclose(found["slope"], -0.6, atol=0.15)
    np.testing.assert_allclose(found["error_sd"], 2.2, atol=0.35)


def test_a_smoothed_course_equals_the_regression_on_all_scores():
    time, y = np.array([0, 2, 3]), np.array([22.0, 19.0, 15.0])
    mean, _ = kalman.smoothed(time, y, 3, TRUE)
    step = 1e-4
    moved = [gaussian(TRUE, time, y + step * np.eye(3)[i]) for i in range(3)]
    base = gaussian(TRUE, time, y)
    # Tweedie: E[level | y] = y + R d log p / dy, at the steps that have a score.
    gradient = (np.array(moved) - base) / step
    np.testing.assert_allclose(mean[time], y + TRUE[8] ** 2 * gradient, atol=1e-2)


def test_the_last_filtered_level_is_the_last_smoothed_one(model):
    time, y = np.array([0, 1, 2, 3]), np.array([22.0, 21.0, 19.0, 15.0])
    next_mean, _ = kalman.predictions(time, y, 4, model.numbers[None])
    assert smooth(model, time, y)["mean"].iloc[-1] > next_mean[0, 4] - 2.0


def test_expecting_from_many_first_scores_equals_one_by_one(model):
    mean, sd = expected_from(model.draws, 1, np.array([12.0, 25.0]), 8)
    one = expect(model, np.array([1]), np.array([25.0]), 8)
    np.testing.assert_allclose(mean[1, 2:], one["mean"], rtol=1e-10)
    np.testing.assert_allclose(sd[1, 2:], one.sd, rtol=1e-8)


def test_bands_grow_with_the_steps_ahead(model):
    band = forecast(model, np.array([0, 1, 2]), np.array([20.0, 21.0, 19.0]), 12)
    assert (np.diff(band.high80 - band.low80) > 0).all()


def test_an_80_band_lies_inside_the_95_band(model):
    band = forecast(model, np.array([0, 1, 2]), np.array([20.0, 21.0, 19.0]), 12)
    assert ((band.low95 < band.low80) & (band.high80 < band.high95)).all()


def test_bands_stay_on_the_scale(made):
    model = fit_course(made, minimum=0.0, maximum=27.0)
    band = forecast(model, np.array([0, 1]), np.array([3.0, 1.0]), 12)
    assert band.low95.min() == 0.0


def test_too_few_clients_are_told_so(made):
    few = made[made.client < "c0012"]
    with pytest.raises(ValueError, match="needs 30 clients with 4 scores or more; 12 have"):
        fit_course(few)


def test_the_red_limit_is_the_one_asked_for(model):
    assert abs(alarm(model, 20).ever - 0.10) < 0.002


def test_the_amber_line_marks_far_more_of_those_on_course(model):
    assert alarm(model, 20).ever_amber > 0.25


def test_more_of_the_unchanged_are_found_by_later_sessions(model):
    found = list(alarm(model, 20).found.values())
    assert found == sorted(found)


def test_a_client_far_above_the_course_is_red(model):
    data = panel(pd.DataFrame({"client": "a", "time": [0, 1, 2], "value": [20.0, 20.0, 45.0]}))
    rows = off_course(model, data, alarm(model, 12), np.zeros(3, bool))
    assert rows.signal.tolist() == ["none yet", "on course", "red"]


def test_past_the_planned_sessions_nobody_is_red(model):
    data = panel(pd.DataFrame({"client": "a", "time": [0, 3, 8], "value": [20.0, 19.0, 60.0]}))
    rows = off_course(model, data, alarm(model, 5), np.zeros(3, bool))
    assert rows.signal.tolist()[-1] == "amber"


def test_three_scores_in_the_functional_range_are_green(model):
    data = panel(pd.DataFrame({"client": "a", "time": range(4), "value": [9.0, 6, 5, 5]}))
    rows = off_course(model, data, alarm(model, 12), data.y < 10)
    assert rows.signal.tolist()[2:] == ["green", "green"]
