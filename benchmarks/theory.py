"""Each sentence of the theory as an effect, and what becomes of it without its mechanism.

    python benchmarks/theory.py            five seeds; writes benchmarks/theory.json

The full model shows an effect when its 95 % interval over seeds excludes the wrong side of zero;
the ablation loses it when its own does not, and the difference from the full model (same seeds, same
people, same random numbers) excludes zero. Rows that benchmarks/theory.json holds are not run
again: remove it to begin anew. 128 people a seed, 512 where people are compared with each other
(`TOWN`) or must be distressed enough to come (`CLIENTS`).
"""

import json
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path

import jax
import numpy as np

from bowlby.courses.course import build_course
from bowlby.courses.protocols import THERAPISTS
from bowlby.evidence.measures._effects import correlation, standardised_difference
from bowlby.simulation.simulate import simulate
from bowlby.statistics.correlation import residual

SEEDS = (21, 22, 23, 24, 25)
DYADS = 128
T_QUANTILE = 2.776  # Five seeds, 95 %.
ARMS = {
    "skilled": ("attachment_informed", "skilled"),
    "unready": ("interpretation_only", "skilled"),
    "supportive": ("supportive", "skilled"),
    "looming": ("looming", "average"),
    "waiting": ("waiting_list", "average"),
    "mixed": ("attachment_informed", "population"),
    "obtuse": ("attachment_informed", dict(THERAPISTS["skilled"]) | {"mentalising": 0.0}),
}
CLIENTS = {"dyads": 512, "recruiting": {"severity": 0.5}}
"""Those of a town who are distressed enough to come: whoever is well has nothing to gain."""
TOWN = {"dyads": 512}
"""For what is compared between people: a correlation over 128 moves by .09 from seed to seed."""
GAINS = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
GOOD = {"contingency": 0.9, "mentalising": 0.7}


def therapy(seed, ablate, arm, whom=None, **therapy):
    """A course of one arm; everybody has the same people and random numbers in each."""
    protocol, therapist = ARMS[arm]
    return course(
        seed, ablate, arms=[{"protocol": protocol, "therapist": therapist}], caseload=4,
        childhood={"ticks": 250},
        therapy={"sessions": 24, "ticks": 150, "may_leave": False} | therapy,
        life={"waiting_weeks": 8, "follow_up_weeks": 8, "stress": {"28": 3.0}},
        **(whom or {"instruments": ["laboratory"]}),
    )  # fmt: skip


def childhood(seed, ablate, **settings):
    """A childhood."""
    return course(seed, ablate, kind="childhood", childhood=settings)


def course(seed, ablate, **content):
    """A simulated course; what several rows need is run once."""
    content = {"dyads": DYADS, "seed": seed, "ablate": sorted(ablate), **content}
    return _course(json.dumps(content, sort_keys=True))


@lru_cache(maxsize=128)
def _course(content):
    return simulate(build_course(json.loads(content)))


def weeks(tree, name, first, last):
    """Mean of a weekly variable over these weeks, per dyad."""
    data = tree["encounters"].to_dataset()
    at = ((data.week >= first) & (data.week < last)).to_numpy()
    return data[name].isel(encounter=np.flatnonzero(at)).mean("encounter").to_numpy()


def sessions(tree, name):
    """A variable in the sessions (dyad, session, ...)."""
    data = tree["encounters"].to_dataset()
    return data[name].isel(encounter=np.flatnonzero(data.session > 0)).to_numpy()


def patterns(tree):
    """Strange Situation class of each."""
    return tree["readouts"].pattern.to_numpy()


# Rows -----------------------------------------------------------------------------------------


def mirrored_arousal(seed, ablate):
    """Correlation of the two's arousal, second by second, minus that of strangers."""
    tree = course(
        seed, ablate, dyads=24, keep="ticks", childhood={"encounters": 4},
        arms=[{"protocol": "attachment_informed", "therapist": "average"}],
        therapy={"sessions": 2, "ticks": 150, "may_leave": False},
        life={"waiting_weeks": 1, "follow_up_weeks": 1},
    )  # fmt: skip
    ticks = tree["ticks"].to_dataset()
    last = ticks.isel(encounter=-1).dropna("tick", how="all", subset=["arousal"])
    arousal = last.arousal.transpose("dyad", "partner", "tick", "second").to_numpy()
    arousal = arousal.reshape(*arousal.shape[:2], -1)

    def most(own, other):
        """Largest correlation with the other following by 0 to 10 s."""
        return max(correlation(own[: len(own) - k], other[k:]) for k in range(11))

    n = len(arousal)
    real = np.mean([most(arousal[i, 0], arousal[i, 1]) for i in range(n)])
    strangers = np.mean([most(arousal[i, 0], arousal[(i + 1) % n, 1]) for i in range(n)])
    return float(real - strangers)


def mirrored_hormones(seed, ablate):
    """Correlation over pairs of the two's cortisol after a session, minus strangers'."""
    both = sessions(therapy(seed, ablate, "skilled"), "cortisol")[:, 12:].mean(1)
    return correlation(both[:, 0], both[:, 1]) - correlation(both[:, 0], np.roll(both[:, 1], 1))


def regulation_between(seed, ablate):
    """Security at the best regulation gain between the extremes, minus at the better extreme."""
    secure = [
        float(
            (
                childhood(seed, ablate, caregiver=GOOD | {"gain": gain})["readouts"].pattern
                == "B"
            ).mean()
        )
        for gain in GAINS
    ]
    return max(secure[1:-1]) - max(secure[0], secure[-1])


def rejection_by_contagion(seed, ablate):
    """Harsh answers of a caregiver who catches the child's arousal, minus of one who does not."""
    harsh = []
    for contagion in (0.08, 0.0):
        caregiver = {"contingency": -0.3, "mentalising": 0.5, "contagion": contagion}
        tree = childhood(seed, ablate, caregiver=caregiver)
        share = tree["encounters"].stance_share.mean(("dyad", "encounter"))
        harsh.append(float(share.sel(stance=["intrusive", "dismissive"]).sum()))
    return harsh[0] - harsh[1]


def transmission(seed, ablate):
    """Correlation of security of parents, when they were children, with that of their children."""
    parents, children = (
        course(seed, ablate, kind="childhood", childhood={"generations": n}, **TOWN)
        for n in (1, 2)
    )
    secure = [patterns(tree) == "B" for tree in (parents, children)]
    return correlation(*secure)


def plasticity_peaks(seed, ablate):
    """Learning rate in therapy: ln of its peak over its end, median of the avoidant."""
    tree = therapy(seed, ablate, "skilled")
    rate = sessions(tree, "learning_rate")[patterns(tree) == "A"]
    return float(np.median(np.log(rate[:, 1:].max(1) / rate[:, -3:].mean(1))))


def uncertainty_first(seed, ablate):
    """Sessions by which uncertainty about the other peaks before learning (insecure)."""
    tree = therapy(seed, ablate, "skilled")
    insecure = patterns(tree) != "B"
    unsure = sessions(tree, "uncertainty")[insecure].argmax(1)
    return float(np.mean(sessions(tree, "learning_rate")[insecure].argmax(1) - unsure))


def closing_with_age(seed, ablate):
    """Learning rate in the first fifth of childhood over the last, ln."""
    rate = childhood(seed, ablate)["encounters"].learning_rate.mean("dyad").to_numpy()
    return float(np.log(rate[:2].mean() / rate[-2:].mean()))


def sharper_perception(seed, ablate):
    """Accuracy of reading others gained from the first session to the end."""
    tree = therapy(seed, ablate, "skilled")
    first = weeks(tree, "cue_accuracy", -1, 0)
    return float((weeks(tree, "cue_accuracy", 20, 24) - first).mean())


def insight_keeps(seed, ablate):
    """Symptoms after a stressful week: supported minus explored clients (d)."""
    later = (
        weeks(therapy(seed, ablate, arm), "symptoms", 28, 32)
        for arm in ("supportive", "skilled")
    )
    return standardised_difference(*later)


def late_trust(action):
    """Sessions until trust is near its end: by an action in distress before the therapy."""

    def revise(seed, ablate):
        tree = therapy(seed, ablate, "skilled", TOWN)
        trust = sessions(tree, "trust")
        first, last = trust[:, 0], trust[:, -3:].mean(1)
        near = trust >= (first + 0.8 * (last - first))[:, None]
        when = np.where(near.any(1), near.argmax(1), trust.shape[1]).astype(float)
        grows = last > first + 0.05
        habit = weeks(tree, action, -8, 0)
        low, high = np.quantile(habit, (1 / 3, 2 / 3))
        return float(when[grows & (habit > high)].mean() - when[grows & (habit < low)].mean())

    word = action.removeprefix("life_")
    revise.__doc__ = (
        f"Sessions until trust is near its end: the third with most {word} minus least."
    )
    return revise


def more_models(seed, ablate):
    """Relational models in use at the end: after good therapy minus after waiting (number)."""
    skilled, waiting = (
        therapy(seed, ablate, arm)["readouts"].complexity for arm in ("skilled", "waiting")
    )
    return float(skilled.mean() - waiting.mean())


def _accepting_first(seed, ablate, name):
    """A variable of the insecure, eight sessions: accepting first minus interpreting (d)."""
    insecure = patterns(therapy(seed, ablate, "skilled")) != "B"
    first = (
        sessions(therapy(seed, ablate, arm), name)[insecure, :8].mean(1)
        for arm in ("skilled", "unready")
    )
    return standardised_difference(*first)


def acceptance_first(seed, ablate):
    """Trust of the insecure, eight sessions: accepting first minus interpreting (d)."""
    return _accepting_first(seed, ablate, "trust")


def acceptance_opens(seed, ablate):
    """Mentalising of the insecure, eight sessions: accepting first minus interpreting (d)."""
    return _accepting_first(seed, ablate, "mentalising")


def looming_harms(seed, ablate):
    """Symptoms at the end: with a looming therapist minus waiting (d)."""
    end = (
        weeks(therapy(seed, ablate, arm), "symptoms", 20, 24) for arm in ("looming", "waiting")
    )
    return standardised_difference(*end)


def contact_in_ruptures(seed, ablate):
    """Fall of contact in ruptures (share of ticks)."""
    tree = therapy(seed, ablate, "mixed")
    ruptured = sessions(tree, "ruptured_share") > 0.02
    within = sessions(tree, "ruptured_contact")[ruptured].mean()
    return float(np.nanmean(sessions(tree, "contact")) - within)


def repair_pays(seed, ablate):
    """Trust at the end, given trust in the first sessions, with the share of ruptures repaired."""
    tree = therapy(seed, ablate, "mixed", TOWN)
    began = sessions(tree, "ruptures").sum(1)
    share = sessions(tree, "repairs").sum(1) / np.where(began > 0.0, began, np.nan)
    trust = sessions(tree, "trust")
    first, last = trust[:, :3].mean(1), trust[:, -3:].mean(1)
    known = np.isfinite(share)
    if known.sum() < 4 or np.std(share[known]) == 0.0:
        return 0.0
    return correlation(share, residual(last, first))


def ruptures_mended(seed, ablate):
    """Share of ruptures that are repaired."""
    tree = therapy(seed, ablate, "skilled")
    repaired = sessions(tree, "repairs").sum()
    return float(repaired / sessions(tree, "ruptures").sum())


def two_brains(seed, ablate):
    """Accuracy of feeling oneself gained in therapy: with a mentalising minus an obtuse therapist."""
    gained = []
    for arm in ("skilled", "obtuse"):
        tree = therapy(seed, ablate, arm)
        gained.append(
            (weeks(tree, "interoception", 24, 32) - weeks(tree, "interoception", -1, 0)).mean()
        )
    return float(gained[0] - gained[1])


def body_read(seed, ablate):
    """Belief in distress one does not have, eight sessions: unmentalised minus mentalised."""
    obtuse, skilled = (
        sessions(therapy(seed, ablate, arm), "interoceptive_error")[:, :8].mean()
        for arm in ("obtuse", "skilled")
    )
    return float(obtuse - skilled)


def gains(tree):
    """Improvement, given symptoms before."""
    return -residual(weeks(tree, "symptoms", 20, 24), weeks(tree, "symptoms", -4, 0))


def therapists_differ(seed, ablate, whom=TOWN):
    """Correlation of a therapist's mentalising with improvement, given symptoms before."""
    tree = therapy(seed, ablate, "mixed", whom)
    return correlation(tree["readouts"].therapist_mentalising, gains(tree))


def mourned_endings(seed, ablate):
    """Old model in life after the ending: faltering minus announced (probability)."""
    faltering, announced = (
        weeks(therapy(seed, ablate, "skilled", falters=falters), "life_model_belief", 24, 32)
        for falters in (True, False)
    )
    return float(faltering[:, 0].mean() - announced[:, 0].mean())


def threat_shuts_exploration(seed, ablate):
    """Exploring of children: of caregivers without threat minus of frightening ones."""
    explored = []
    for threat in (0.0, 1.2):
        tree = childhood(seed, ablate, caregiver=GOOD | {"threat": threat})
        share = tree["encounters"].action_share.sel(action="explore").mean("encounter")
        explored.append(share.to_numpy())
    return standardised_difference(*explored)


def soothing_fails(seed, ablate):
    """Efficacy of self-soothing after childhood: sensitive minus frightening care (0 to 1)."""
    sensitive, frightening = (
        childhood(seed, ablate, caregiver=who)["encounters"].self_soothing.isel(encounter=-1)
        for who in ("sensitive", "frightening")
    )
    return float(sensitive.mean() - frightening.mean())


def disorganised_is_not_avoidant(seed, ablate):
    """Disorganised children of frightening minus of rejecting care (share)."""
    found = [
        float((childhood(seed, ablate, caregiver=who)["readouts"].pattern == "D").mean())
        for who in ("frightening", "rejecting")
    ]
    return found[0] - found[1]


def agency(seed, ablate):
    """Information between own acts and own distress to come: secure minus insecure (d)."""
    tree = therapy(seed, ablate, "mixed", TOWN)
    value, secure = tree["readouts"].controllability.to_numpy(), patterns(tree) == "B"
    return standardised_difference(value[secure], value[~secure])


def own_figure(seed, ablate):
    """Arousal under stress in the laboratory: with a stranger minus with one's own partner."""
    tree = therapy(seed, ablate, "waiting")["readouts"]
    return float((tree.lab_arousal_stranger - tree.lab_arousal_figure).mean())


def not_alone(seed, ablate):
    """Arousal under stress in the laboratory: alone minus with a stranger."""
    tree = therapy(seed, ablate, "waiting")["readouts"]
    return float((tree.lab_arousal_alone - tree.lab_arousal_stranger).mean())


def unfelt(seed, ablate):
    """Distress of the body beyond what is felt in life: those who withdraw most minus least."""
    tree = therapy(seed, ablate, "waiting", TOWN)
    gap = weeks(tree, "life_body", -8, 0) - weeks(tree, "life_distress", -8, 0)
    habit = weeks(tree, "life_withdrawal", -8, 0)
    low, high = np.quantile(habit, (1 / 3, 2 / 3))
    return float(gap[habit > high].mean() - gap[habit < low].mean())


def alliance_pays(seed, ablate, whom=TOWN):
    """Correlation of the alliance, as clients rate it, with improvement, given symptoms before."""
    tree = therapy(seed, ablate, "mixed", whom)
    return correlation(tree["readouts"].alliance_client.to_numpy(), gains(tree))


def gated_revision(seed, ablate):
    """Fall of the avoidant's surprise at the other over the sessions (nat per tick)."""
    tree = therapy(seed, ablate, "skilled")
    surprise = sessions(tree, "free_energy_other")[patterns(tree) == "A"]
    return float(surprise[:, :3].mean() - surprise[:, -3:].mean())


@dataclass(frozen=True)
class Row:
    """A sentence of the theory, its effect and the mechanisms without which it should be lost.

    Attributes:
        says: The sentence.
        effect: A number per seed and ablation; positive if the sentence is right.
        without: Switches that are turned off together; none where there is no such switch.
    """

    says: str
    effect: Callable[[int, tuple[str, ...]], float]
    without: tuple[str, ...] = ()


ROWS = (
    Row("bodies are entrained: arousal", mirrored_arousal, ("coupling",)),
    Row("hormones mirror each other", mirrored_hormones, ("coupling",)),
    Row("regulate: neither control nor ignore", regulation_between, ("latency",)),
    Row("negative affect evokes rejection", rejection_by_contagion, ("figure_arousal",)),
    Row("care is passed on", transmission, ("transmission",)),
    Row("windows of learning close with age", closing_with_age, ("plasticity",)),
    Row("windows open and close in therapy", plasticity_peaks, ("reopening",)),
    Row("uncertainty peaks first", uncertainty_first, ("several_models",)),
    Row("beliefs about the other are revised", gated_revision, ("several_models",)),
    Row("exploration sharpens perception", sharper_perception, ("epistemic",)),
    Row("perception is learnt", sharper_perception, ("precision_learning",)),
    Row("revision beats reassurance after stress", insight_keeps, ("interpretation",)),
    Row("rigid withdrawal revises late", late_trust("life_withdrawal"), ("bond",)),
    Row("rigid protest revises late", late_trust("life_protest"), ("bond",)),
    Row("therapy makes models more complex", more_models, ("several_models",)),
    Row("oxytocin opens complexity", more_models, ("oxytocin_precision",)),
    Row("acceptance before interpretation: trust", acceptance_first, ("arousal_gate",)),
    Row("acceptance before interpretation: mentalising", acceptance_opens, ("arousal_gate",)),
    Row("looming harms", looming_harms, ("perceived_stance",)),
    Row("contact falls in ruptures", contact_in_ruptures, ("keeping_away",)),
    Row("ruptures are mended", ruptures_mended, ("repair",)),
    Row("repair goes with trust regained", repair_pays, ("repair",)),
    Row("two brains bind energy better than one", two_brains, ("borrowed_brain",)),
    Row("two brains read a body better than one", body_read, ("borrowed_brain",)),
    Row("therapists differ", therapists_differ, ("perceived_stance", "failures")),
    Row(
        "therapists differ with clients",
        partial(therapists_differ, whom=CLIENTS),
        ("perceived_stance", "failures"),
    ),
    Row("endings are to be mourned", mourned_endings, ("endings",)),
    Row("threat shuts exploration", threat_shuts_exploration, ("arousal_gate",)),
    Row("frightening care spoils self-soothing", soothing_fails, ("self_soothing",)),
    Row("disorganised is not avoidant", disorganised_is_not_avoidant, ("fright",)),
    Row("agency is lower in insecure histories", agency),
    Row("one's own figure calms better than a stranger", own_figure, ("bond",)),
    Row("a stranger calms better than nobody", not_alone, ("coupling",)),
    Row("what the deactivating do not feel the body has", unfelt, ("deactivation",)),
    Row("alliance pays", alliance_pays, ("bond",)),
    Row("alliance pays with clients", partial(alliance_pays, whom=CLIENTS), ("bond",)),
)

OUT = Path(__file__).with_suffix(".json")


def of_seed(job):
    """Every row of one seed: its number with all mechanisms, and without the named ones."""
    seed, known = job
    cache = Path.home() / ".cache" / "bowlby" / "jax"
    jax.config.update("jax_compilation_cache_dir", str(cache))
    found, begun = {}, time.monotonic()
    for row in ROWS:
        if row.says in known:
            found[row.says] = known[row.says]
            continue
        ablated = row.effect(seed, row.without) if row.without else None
        found[row.says] = {"full": row.effect(seed, ()), "ablated": ablated}
        print(
            f"{seed} {time.monotonic() - begun:5.0f} s  {row.says}: {found[row.says]}",
            flush=True,
        )
    return found


def interval(values):
    """Mean and half-width of the 95 % interval over seeds."""
    values = np.array(values)
    return float(values.mean()), float(T_QUANTILE * values.std(ddof=1) / len(values) ** 0.5)


def verdict(full, ablated):
    """What the numbers of all seeds say of a row."""
    mean, half = interval(full)
    if mean - half <= 0.0:
        return "not shown"
    if ablated is None:
        return "shown; no ablation"
    rest, rest_half = interval(ablated)
    fall, fall_half = interval(np.subtract(full, ablated))
    if rest - rest_half <= 0.0 < fall - fall_half:
        return "shown, and lost"
    return "shown; less without" if fall - fall_half > 0.0 else "shown, not lost"


def main():
    """Run what is not there yet, write the table."""
    kept = json.loads(OUT.read_text())["seeds"] if OUT.exists() else {}
    todo = [(seed, kept.get(str(seed), {})) for seed in SEEDS]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for (seed, _), found in zip(todo, pool.map(of_seed, todo), strict=True):
            kept[str(seed)] = found
            OUT.write_text(json.dumps({"seeds": kept}, indent=1) + "\n")
    print("| the theory says | full | without | | verdict |\n|---|---|---|---|---|")
    for row in ROWS:
        full = [found[row.says]["full"] for found in kept.values()]
        ablated = (
            [found[row.says]["ablated"] for found in kept.values()] if row.without else None
        )
        told = "{:.2f} ± {:.2f}".format(*interval(full))
        rest = "{:.2f} ± {:.2f}".format(*interval(ablated)) if ablated else ""
        print(
            f"| {row.says} | {told} | {', '.join(row.without)} | {rest} | {verdict(full, ablated)} |"
        )


if __name__ == "__main__":
    main()
