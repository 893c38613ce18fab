"""Trials as courses with a `[trial]` section: what is accepted, and what is said of the rest."""

import tomllib

import pytest

from bowlby.courses.catalogue import trial_names, trial_text
from bowlby.courses.course import CourseError, build_course
from bowlby.courses.trial import arm_names, reference_arm, trial_of

ARMS = [{"protocol": "attachment_informed"}, {"protocol": "waiting_list"}]
OLD = """
clients_per_arm = 8
therapists_per_arm = 2
[[arms]]
protocol = "supportive"
[[arms]]
protocol = "waiting_list"
[clients]
history = "rejecting"
severity = 0.1
encounters = 2
ticks = 50
traits = { gamma = 6.0 }
population = { threat = -0.5 }
[therapy]
sessions = 5
skill_sd = 0.6
life_ticks = 50
follow_up_weeks = 4
[life]
partner_quality = -1.0
[outcome]
blinded = false
[analysis]
alpha = 0.1
"""


def design(trial=None, **changes):
    return build_course({"arms": ARMS, "trial": trial or {}} | changes)


def old(changes=""):
    return build_course(tomllib.loads(OLD + changes))


def test_two_arms_are_a_trial():
    assert arm_names(design()) == ["attachment_informed", "waiting_list"]


@pytest.mark.parametrize("name", trial_names())
def test_trials_that_come_with_bowlby_can_be_read(name):
    assert trial_of(build_course(tomllib.loads(trial_text(name)))).clients_per_arm >= 4


def test_a_course_without_a_trial_says_which_section_is_missing():
    with pytest.raises(ValueError, match=r"no \[trial\] section; add one"):
        trial_of(build_course({}))


def test_the_waiting_list_is_the_reference():
    assert reference_arm(design()) == "waiting_list"


def test_without_a_waiting_list_the_first_arm_is_the_reference():
    arms = [{"protocol": "cold"}, {"protocol": "supportive"}]
    assert reference_arm(design(arms=arms)) == "cold"


def test_therapists_of_a_trial_are_drawn_unless_an_arm_says_otherwise():
    arms = [{"protocol": "cold"}, {"protocol": "supportive", "therapist": "skilled"}]
    assert [arm.therapist for arm in design(arms=arms).arms] == ["population", "skilled"]


def test_all_that_a_course_has_is_open_to_a_trial():
    found = design(
        time_step_s=5, instruments=["laboratory"], childhood={"placed_after": 3},
        life={"partner_quality": -1.0}, therapy={"skill_sd": 0.6, "depth": 1},
        theory={"oxytocin": {"release": 0.01}}, ablate=["repair=0.5"],
    )  # fmt: skip
    assert (found.time_step_s, found.therapy.depth, found.ablate) == (5, 1, {"repair": 0.5})


def test_a_trial_written_before_is_read():
    found = old()
    trial = trial_of(found)
    assert (trial.clients_per_arm, trial.severity, trial.blinded) == (8, 0.1, False)
    assert (trial.alpha, found.life.ticks, found.life.follow_up_weeks) == (0.1, 50, 4)
    assert (found.childhood.caregiver, found.childhood.encounters) == ("rejecting", 2)
    assert (found.client.gamma, found.childhood.population.threat) == (6.0, -0.5)


def test_a_trial_written_before_keeps_the_defaults_it_had():
    assert (old().life.waiting_weeks, old().title) == (8, "Trial")


def test_new_entries_are_read_beside_old_ones():
    assert (old().life.partner_quality, old().therapy.skill_sd) == (-1.0, 0.6)


def test_a_mistake_in_an_old_section_is_told():
    content = tomllib.loads(OLD)
    content["outcome"]["blind"] = True
    with pytest.raises(
        CourseError, match=r"trial.blind: no such parameter; did you mean 'blin"
    ):
        build_course(content)


def test_an_entry_in_its_old_and_its_new_place_is_refused():
    content = tomllib.loads(OLD)
    content["life"]["ticks"] = 100
    with pytest.raises(CourseError, match=r"life_ticks is now called life.ticks, and both"):
        build_course(content)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sede": 3}, "sede: no such parameter; did you mean 'seed'?"),
        ({"therapy": {"sesions": 3}}, "therapy.sesions: no such parameter; did you mean 'sessions'?"),
        ({"arms": [{"protocol": "suportive"}, ARMS[1]]}, "did you mean 'supportive'?"),
        ({"arms": [{"protocol": "cold", "therapist": "skiled"}, ARMS[1]]},
         "arms.1.therapist: 'skiled' is not known; did you mean 'skilled'?"),
        ({"arms": [{"protocol": "cold", "therapist": {"mentalizing": 0.3}}, ARMS[1]]},
         "did you mean 'mentalising'?"),
        ({"arms": ARMS[:1]}, "needs at least two"),
        ({"arms": [ARMS[1], ARMS[1]]}, "arms need different names"),
        ({"trial": {"severity": 9}}, "trial.severity = 9: outside its range -10 to 5 SD"),
        ({"trial": {"therapists_per_arm": 99}}, "some would have nobody to see"),
        ({"trial": {"primary": "internalizing_after"}}, "did you mean 'internalising_after'?"),
        ({"trial": {"primary": "internalising_follow_up"}, "life": {"follow_up_weeks": 2}},
         "set life.follow_up_weeks to 4 or more"),
        ({"trial": {"reference": "waiting"}}, "no arm 'waiting'; did you mean 'waiting_list'?"),
        ({"trial": {"blinded": 1}}, "trial.blinded = 1"),
        ({"trial": {"allocation": [2, 1, 1]}}, "trial.allocation has 3 numbers for 2 arms"),
        ({"trial": {"allocation": [0, 1]}}, "trial.allocation"),
        ({"trial": {"strata": {"anxeity": [0.5]}}}, "no 'anxeity'; did you mean 'anxiety'?"),
        ({"trial": {"strata": {"anxiety": []}}}, "trial.strata.anxiety is a score: give values"),
        ({"trial": {"strata": {"pattern": [1.0]}}}, "trial.strata.pattern has classes: give []"),
        ({"trial": {"strata": {"site": []}}}, "there is one site; set trial.sites"),
        ({"trial": {"sites": 9}}, "some would have no therapist"),
        ({"trial": {"randomisation": "minimization"}}, "did you mean 'minimisation'?"),
        ({"trial": {"randomisation": "minimisation"}}, "needs trial.strata to balance"),
        ({"trial": {"randomisation": "therapists"}}, "nobody on a waiting list has a therapist"),
        ({"trial": {"steps": 3}}, "nobody on a waiting list has a therapist"),
        ({"trial": {"steps": 9}, "arms": [{"protocol": "cold"}, {"protocol": "supportive"}]},
         "each step needs a therapist who changes"),
        ({"trial": {"allocation": [0, 1]}}, "trial.allocation.1 = 0: outside its range 1 to 20"),
        ({"trial": {"allocation": [0.5, 1]}}, "trial.allocation.1 = 0.5: a whole number is expected"),
        ({"trial": {"allocation": "2:1"}}, "trial.allocation = '2:1': a list in brackets is expected"),
        ({"trial": {"strata": {"anxiety": [0.8, 0.2]}}}, "divide it from small to large"),
        ({"trial": {"strata": {"anxiety": [float("nan")]}}}, "divide it from small to large"),
        ({"trial": {"looks": [0.01]}}, "is at about 0.5 outcomes in an arm"),
        ({"trial": 3}, "trial = 3: a section is expected"),
        ({"trial": {"second_stage": 8}}, "trial.second_stage = 8: a section is expected"),
        ({"arms": [{"protocol": "cold", "name": " "}, ARMS[1]]}, "an arm is called ' '"),
        ({"arms": [{"protocol": "cold", "name": "a\nb"}, ARMS[1]]}, "can be read on a line"),
        ({"life": {"stress": {1: 99.0}}}, "life.stress.2 = 99.0: outside its range 0 to 10"),
        ({"trial": {"looks": [0.5, 0.25]}}, "give shares from small to large"),
        ({"trial": {"looks": [1.0]}}, "trial.looks"),
        ({"trial": {"estimand": "hypothetical", "primary": "externalising_after"}},
         "rests on weekly scores"),
        ({"trial": {"missing_by": {"outcome": 1.0}}}, "set trial.missing too"),
        ({"trial": {"clients_per_arm": 6, "therapists_per_arm": 2, "missing": 0.8}},
         "leaves about 1 outcomes in an arm of 6"),
        ({"ablate": ["oxytocine"]}, "did you mean 'oxytocin'?"),
        ({"therapy": {"breaks": [99]}}, "names session 99"),
        ({"therapy": {"sessions": 4, "breaks": [1, 2, 3, 4]}}, "so that none takes place"),
        ({"therapy": {"sessions": 2}}, "therapy.sessions = 2: a trial needs 4 or more"),
        ({"synchrony": {}}, "a trial measures no synchrony"),
        ({"kind": "childhood"}, "a trial is about therapy"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_do(changes, said):
    with pytest.raises(CourseError) as error:
        design(**changes)
    assert said in str(error.value)
