"""Sequential designs: who goes on with what, regimes compared, and what cannot be run."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from bowlby.courses.course import CourseError, build_course
from bowlby.courses.trial import regimes_of
from bowlby.runs.kept import Kept
from bowlby.runs.workers import Serial
from bowlby.simulation import population as people
from bowlby.theory import Theory
from bowlby.trials.allocation import allocate
from bowlby.trials.analysis import second_stage
from bowlby.trials.clients import _going_on
from bowlby.trials.comparison import compare, replicated
from bowlby.trials.simulating import check_response, simulate_trial

ARMS = [{"name": "A", "protocol": "supportive"}, {"name": "B", "protocol": "cold"}]
OPTIONS = {"A": ["supportive", "attachment_informed"], "B": ["cold", "supportive"]}
TRUTH = {"A, else supportive": 0.0, "A, else attachment_informed": -0.6, "B, else cold": 0.3,
         "B, else supportive": 0.3}  # fmt: skip


def design(stage=None, arms=ARMS, trial=None, **more):
    trial = {"clients_per_arm": 60, "therapists_per_arm": 6, **(trial or {})}
    stage = {"session": 8, "options": OPTIONS} | (stage or {})
    return build_course({"arms": arms, "trial": trial | {"second_stage": stage}} | more)


def clients(plan, seed, *, effect=1.0, between=0.3):
    """Half of each arm responds and fares better; effects are those of TRUTH on the regime."""
    rng = np.random.default_rng(seed)
    where = allocate(plan, {}, repetition=seed)
    n, names = len(where.arm), np.array(["A", "B"])[where.arm]
    before = rng.normal(1.5, 0.7, n)
    responded = rng.random(n) < 0.5
    option = ["" if r else OPTIONS[a][o]
              for a, o, r in zip(names, where.option, responded, strict=True)]  # fmt: skip
    # A regime's mean differs by its truth when those who go on differ by twice as much.
    moved = [2.0 * TRUTH[f"{a}, else {o}"] if o else 0.0
             for a, o in zip(names, option, strict=True)]  # fmt: skip
    shared = between * rng.normal(size=where.therapist.max() + 1)
    after = (0.5 * before - 1.0 * responded + effect * np.array(moved)
             + shared[where.therapist] + rng.normal(scale=0.7, size=n))  # fmt: skip
    return pd.DataFrame({
        "client": np.arange(n), "arm": names, "therapist": where.therapist, "site": 0,
        "period": 0, "internalising_before": before, "externalising_before": before,
        "anxiety": 0.5, "avoidance": 0.5, "pattern": "B", "internalising_after": after,
        "exit_session": np.nan, "responded": responded, "randomised_again": ~responded,
        "option": option,
    })  # fmt: skip


def test_regimes_are_arms_with_what_follows():
    assert [r.name for r in regimes_of(design())] == list(TRUTH)
    assert [r.name for r in regimes_of(design({"options": {"A": OPTIONS["A"]}}))] == [
        "A, else supportive", "A, else attachment_informed", "B",
    ]  # fmt: skip


def test_options_are_drawn_in_equal_numbers_within_each_arm():
    where = allocate(design(), {})
    for arm in (0, 1):
        assert (np.bincount(where.option[where.arm == arm]) == 30).all()
    assert (
        allocate(design({"options": {"A": OPTIONS["A"]}}), {}).option[where.arm == 1] == -1
    ).all()


def test_a_second_stage_leaves_the_first_lot_as_it_is():
    plain = build_course(
        {"arms": ARMS, "trial": {"clients_per_arm": 60, "therapists_per_arm": 6}}
    )
    for first, second in zip(allocate(design(), {})[:5], allocate(plain, {})[:5], strict=True):
        assert np.array_equal(first, second)


def test_therapists_who_are_told_are_told_in_the_second_stage_too():
    plan, theory = design(arms=[{**ARMS[0], "feedback": True}, ARMS[1]]), Theory()
    arm, option = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    job = SimpleNamespace(
        design=plan, arm=arm, option=option, therapist=np.zeros(4, int), repetition=0
    )
    dyads = SimpleNamespace(
        protocol=people.protocols(4, "supportive", None, 1, theory),
        world=SimpleNamespace(theory=theory),
    )
    again = np.array([True, True, True, False])
    going_on = _going_on(job, np.arange(4), dyads, again)
    np.testing.assert_array_equal(going_on.told, [1.0, 1.0, 0.0, 0.0])
    np.testing.assert_array_equal(going_on.forced, [0.0, 0.0, 1.0, 0.0])


def test_weights_stand_for_everybody_who_was_randomised():
    """Nahum-Shani et al. (2012): 2 for those who went on, 4 for those randomised again."""
    plan = design()
    table = clients(plan, 1)
    person, group, weight = replicated(plan, table)
    went_on = table.responded.to_numpy()[person]
    assert set(weight[went_on]) == {2.0}
    assert set(weight[~went_on]) == {4.0}
    assert (np.bincount(person) == np.where(table.responded, 2, 1)).all()
    # Everybody who was randomised is stood for once, up to who happened to respond.
    assert np.bincount(group, weight) == pytest.approx([120.0] * 4, rel=0.15)


def test_regimes_are_weighted_least_squares_of_replicated_rows():
    """Against statsmodels, on rows replicated in a loop."""
    plan = design()
    table = clients(plan, 2)
    before = table.internalising_before - table.internalising_before.mean()
    rows = []
    for at, client in table.iterrows():
        for i, name in enumerate(TRUTH):
            arm, option = name.split(", else ")
            if client.arm == arm and client.option in ("", option):
                mine = [float(i == j) for j in range(4)]
                weight = 4.0 if client.option else 2.0
                rows.append([client.internalising_after, *mine, before[at], weight])
    data = np.array(rows)
    b = sm.WLS(data[:, 0], data[:, 1:6], weights=data[:, 6]).fit().params
    names = list(TRUTH)
    for row in compare(plan, table, "internalising_after")["contrasts"]:
        expected = b[names.index(row["first"])] - b[names.index(row["second"])]
        assert row["difference"] == pytest.approx(expected)


def test_regimes_are_compared_without_bias():
    plan = design()
    found = [compare(plan, clients(plan, s), "internalising_after") for s in range(60)]
    for i, row in enumerate(found[0]["contrasts"]):
        truth = TRUTH[row["first"]] - TRUTH[row["second"]]
        seen = np.mean([each["contrasts"][i]["difference"] for each in found])
        assert seen == pytest.approx(truth, abs=0.1), (row["first"], row["second"])


def test_contrasts_with_the_first_regime_of_the_reference_decide():
    rows = compare(design(), clients(design(), 1), "internalising_after")["contrasts"]
    assert [row["second"] for row in rows if row["decides"]] == ["A, else supportive"] * 3
    assert all((row["g_low"] <= 0.0 <= row["g_high"]) == (row["p"] > 0.05) for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("therapists", [3, 6, 12])
def test_the_level_is_kept(therapists):
    plan = design(trial={"therapists_per_arm": therapists})
    rows = [compare(plan, clients(plan, s, effect=0.0), "internalising_after")["contrasts"]
            for s in range(500)]  # fmt: skip
    for i in range(len(rows[0])):
        assert abs(np.mean([row[i]["p"] < 0.05 for row in rows]) - 0.05) < 0.03


def test_the_flow_adds_up():
    row = second_stage(design(), clients(design(), 1))["arms"][0]
    assert row["n"] == row["responded"] + row["left"] + row["again"]
    assert sum(row["options"].values()) == row["again"]


def test_a_criterion_that_nobody_meets_is_told():
    with pytest.raises(CourseError, match=r"Nobody of the first 10 .*criterion = 0.8.* Lower"):
        check_response(design(), np.zeros(10, int), np.zeros(10))


def test_a_criterion_that_everybody_meets_is_told():
    plan = design({"response": "score", "criterion": 2.0})
    with pytest.raises(CourseError, match=r"Everybody .*criterion = 2 .* Lower it"):
        check_response(plan, np.zeros(10, int), np.ones(10))


@pytest.mark.parametrize(
    ("stage", "more", "said"),
    [
        ({"session": 99}, {}, "therapy has 30 sessions, so that no week is left that a second stage could change; use 4 to 28"),
        ({"session": 4}, {"therapy": {"sessions": 5}}, "could change; set therapy.sessions to 6 or more"),
        ({"session": 2}, {}, "trial.second_stage.session = 2"),
        ({"options": {"A": ["suportive", "cold"]}}, {}, "did you mean 'supportive'?"),
        ({"options": {"A": ["waiting_list", "cold"]}}, {}, "no protocol 'waiting_list' with"),
        ({"options": {"a": ["supportive", "cold"]}}, {}, "no arm 'a'"),
        ({"options": {"A": ["cold"]}}, {}, "a lot needs two options or more"),
        ({"options": {"A": ["cold", "cold"]}}, {}, "an option is named twice"),
        ({"options": {}}, {}, "name an arm, as options = { \"A\""),
        ({"criterion": 99}, {}, "trial.second_stage.criterion = 99: outside its range -3 to 5"),
        ({"response": "fal"}, {}, "did you mean 'fall'?"),
        ({}, {"trial": {"looks": [0.5]}}, "second_stage and trial.looks exclude each other"),
        ({}, {"trial": {"steps": 2}}, "second_stage and trial.steps exclude each other"),
        ({}, {"trial": {"estimand": "hypothetical"}}, 'use estimand = "treatment_policy"'),
        ({}, {"trial": {"clients_per_arm": 4, "therapists_per_arm": 2}}, "too few for 2 options"),
        ({"options": {"W": ["supportive", "cold"]}},
         {"arms": [ARMS[0], {"name": "W", "protocol": "waiting_list"}]},
         "nobody on a waiting list has a therapy to go on with"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_told(stage, more, said):
    with pytest.raises(CourseError) as error:
        design(stage, **more)
    assert said in str(error.value)


SHORT = {
    "arms": [{"name": "A", "protocol": "supportive"}, {"name": "W", "protocol": "waiting_list"}],
    "protocols": {"same": {"early": {"hold": 0.3, "validate": 0.4, "mirror": 0.3}}},
    "childhood": {"encounters": 1, "ticks": 50}, "therapy": {"sessions": 7, "ticks": 50},
    "life": {"ticks": 50, "waiting_weeks": 4, "follow_up_weeks": 0},
}  # fmt: skip


def short(options, **stage):
    trial = {"clients_per_arm": 20, "therapists_per_arm": 2, "severity": -10.0}
    if options:
        trial["second_stage"] = {
            "session": 4,
            "criterion": 0.0,
            "options": {"A": options},
        } | stage
    return build_course(SHORT | {"trial": trial})


@pytest.mark.slow
def test_going_on_with_the_same_is_a_therapy_of_one_stage(tmp_path):
    one = simulate_trial(short([]), Serial(), Kept(tmp_path / "one")).clients
    two = simulate_trial(
        short(["supportive", "same"]), Serial(), Kept(tmp_path / "two")
    ).clients
    pd.testing.assert_frame_equal(one, two[one.columns])
    again = two[two.randomised_again]
    assert set(again.option) == {"supportive", "same"}
    assert not again.responded.any()
    assert (two[two.arm == "W"].option == "").all()


@pytest.mark.slow
def test_another_option_changes_those_who_were_drawn_for_it_and_nobody_else(tmp_path):
    one = simulate_trial(short([]), Serial(), Kept(tmp_path / "one")).clients
    two = simulate_trial(
        short(["supportive", "looming"]), Serial(), Kept(tmp_path / "two")
    ).clients
    same = np.isclose(one.internalising_after, two.internalising_after)
    drawn = (two.option == "looming").to_numpy()
    assert drawn.any()
    assert same[~drawn].all()
    assert not same[drawn].any()


@pytest.mark.slow
def test_the_score_of_the_second_stage_is_that_of_the_table_of_sessions(tmp_path):
    trial = simulate_trial(short(["supportive", "cold"]), Serial(), Kept(tmp_path / "kept"))
    weeks = trial.sessions[(trial.sessions.session >= 1) & (trial.sessions.session <= 4)]
    mean = weeks.groupby("client").symptoms_observed.mean()
    assert np.allclose(mean, trial.clients.set_index("client").second_stage_score, atol=1e-5)
