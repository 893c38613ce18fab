"""The game of strategies: does skill win with every client of the practice room?

    python benchmarks/game.py [--courses 64]      writes benchmarks/game.json when run in full

Eight sessions of fifteen minutes, a break after the fourth. The textbook (`bowlby.practice.handbook`)
against nine constant moves, every pair of moves at random, random moves and a clumsy hand (the textbook,
of whose minutes half are the therapist's own failures); support (three warm moves) and insistence are told
beside. Every strategy meets the same clients, after the same weeks of waiting, with the same chances.
Symptoms: the last four of eight weeks after the ending minus the last four of waiting, in SD of the waiting
of all courses; d in the pooled SD of the two changes that are compared.
"""

import argparse
import json
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from bowlby.courses.protocols import THERAPISTS
from bowlby.courses.theories import theory_of
from bowlby.practice import handbook, view
from bowlby.practice.client import of_courses
from bowlby.practice.moves import TRAINEES
from bowlby.simulation import population
from bowlby.simulation.adult_life import pass_week, week_of_life
from bowlby.simulation.arms import dyads_of
from bowlby.simulation.childhood import grow_up
from bowlby.simulation.company.therapist import THERAPIST, treatment
from bowlby.simulation.dyad import People
from bowlby.simulation.encounter import block
from bowlby.simulation.lives import until_first
from bowlby.simulation.observables import zero_sums
from bowlby.simulation.schedule import schedule_of
from bowlby.simulation.sessions import close_session, end_therapy, open_session

SESSIONS, MINUTES, TICKS, WAITING, AFTER = 8, 15, 6, 10, 8
STREAM = 10_000_000
DRAWS = 2
"""Childhoods grown for each course; those whose lesson fits the card are taken, as in the room."""
PARTS = ("seeker", "caregiver", "partner", "partner_quality", "friend")
SUPPORT = ("hold", "validate", "mirror")
INSIST = {"interpret": 0.6, "challenge": 0.2, "mentalise": 0.2}


def textbook(seen, session, dice):
    """The textbook's moves."""
    near = session in (SESSIONS // 2, SESSIONS)
    return [handbook.move(s, absence_is_near=near, dice=dice) for s in seen]


def drawn(moves):
    """Moves drawn with these probabilities, whatever is seen."""
    names, chances = list(moves), list(moves.values())
    return lambda seen, _session, dice: list(dice.choice(names, len(seen), p=chances))


def even(names):
    """The same probability for each."""
    return dict.fromkeys(names, 1.0 / len(names))


PAIRS = {f"{a} or {b}": drawn(even((a, b))) for a, b in combinations(TRAINEES, 2)}
STRATEGIES = {
    "textbook": textbook,
    "clumsy": textbook,
    "random": drawn(even(TRAINEES)),
    **{f"only {move}": drawn({move: 1.0}) for move in TRAINEES},
    "support": drawn(even(SUPPORT)),
    "insist": drawn(INSIST),
    **PAIRS,
}
RIVALS = [name for name in STRATEGIES if name not in ("textbook", "support", "insist")]
AT_ONCE = 25
"""Strategies that are played side by side."""


def tiled(tree, times):
    """Every array repeated along the dyads."""
    return jax.tree.map(lambda x: jnp.concatenate([x] * times, -1), tree)


def taken(tree, which):
    """Every array with these dyads alone."""
    return jax.tree.map(lambda x: x[..., which], tree)


def fitting(pattern, client):
    """Dyads whose childhood taught what a pattern says, before all others."""
    counts = np.asarray(client.experience.memory.counts)[:, 0]
    expected = counts / counts.sum(0)
    first = np.asarray(client.old).argmax(0)
    each = range(first.size)
    fits = np.array([view.fits(pattern, expected[:, first[i], i]) for i in each])
    return np.argsort(~fits, kind="stable")


def joined(trees):
    """Arrays of several groups of dyads side by side."""
    return jax.tree.map(lambda *x: jnp.concatenate(x, -1), *trees)


class Game:
    """Clients who have grown up and waited, for all strategies alike."""

    def __init__(self, courses, seed, ablate=(), changes=None, who=None):
        self.n, self.who = courses, of_courses() if who is None else who
        bases, grown = [], []
        for one in self.who:
            course = one.course(seed=seed, sessions=SESSIONS).model_copy(
                update={"dyads": DRAWS * courses}
            )
            theory = theory_of(course)
            for name in ablate:
                theory = theory.without(name)
            for path, value in (changes or {}).items():
                theory = theory.changed(path, value)
            theory = theory.changed("years_between.own", 1.0).changed("life_load.between", 0.0)
            base = dyads_of(course, np.arange(DRAWS * courses), theory)
            weeks = range(-WAITING, SESSIONS + AFTER + 2)
            stress = np.array([course.life.stress.get(week, 1.0) for week in weeks])
            load = population.loads(base.keys, base.keys, base.world.theory, len(weeks))
            client = grow_up(base, schedule_of(course)).client
            fit = fitting(one.pattern, client)[:courses]
            chosen = {part: taken(getattr(base, part), fit) for part in PARTS}
            load = load[:, fit] * stress[:, None]
            bases.append(base._replace(load=load, keys=base.keys[fit], **chosen))
            grown.append(taken(client, fit))
        # What life brings each client is in their load.
        self.schedule = replace(schedule_of(course), stress={})
        self.each = courses * len(self.who)
        people = {p: joined([getattr(b, p) for b in bases]) for p in PARTS}
        keys = jnp.concatenate([b.keys for b in bases])
        load = np.concatenate([b.load for b in bases], 1)
        one = jnp.ones(self.each)
        self.dyads = bases[0]._replace(
            keys=keys, load=load, treated=one, may_leave=0.0 * one, **people
        )
        self.client = joined(grown)
        self.waited = []
        for week in range(-WAITING, 0):
            self.client, life = live(self.client, self.dyads, self.schedule, week, self.waited)
            self.client = pass_week(self.client, self.dyads.world, life, None)

    def play(self, strategies=STRATEGIES):
        """Change, alliance and insight (strategy, client, course)."""
        names, found = list(strategies), []
        for first in range(0, len(names), AT_ONCE):
            some = {name: strategies[name] for name in names[first : first + AT_ONCE]}
            found.append(Play(self, some).play())
        return {key: np.concatenate([one[key] for one in found]) for key in found[0]}


def live(client, dyads, schedule, week, rows, loss=0.0):
    """A week of life, told in `rows`."""
    at = dyads._replace(load=dyads.load[week + WAITING][None])
    client, lived = week_of_life(client, at, schedule, week, loss=loss)
    rows.append([np.asarray(lived.row[q]) for q in ("life_distress", "life_value")])
    return client, lived.sums


class Play:
    """Some strategies with all clients in one batch, strategy by client by course."""

    def __init__(self, game, strategies):
        self.game, self.strategies, self.each = game, strategies, game.each
        self.times, self.schedule, self.world = len(strategies), game.schedule, game.dyads.world
        self.N = self.each * self.times
        self.clumsy = np.repeat([s == "clumsy" for s in strategies], self.each)
        skilled, clumsy = (
            population.figures(self.N, dict(THERAPISTS[k])) for k in ("skilled", "clumsy")
        )
        mixed = jax.tree.map(
            lambda a, b: jnp.where(jnp.asarray(self.clumsy), b, a), skilled, clumsy
        )
        base, world = game.dyads, game.dyads.world
        parts = {
            p: tiled(getattr(base, p), self.times) for p in (*PARTS, "treated", "may_leave")
        }
        self.dyads = base._replace(
            keys=jnp.concatenate([base.keys] * self.times), therapist=mixed,
            load=np.tile(base.load, (1, self.times)),
            protocol=population.protocols(self.N, "supportive", None, 1, world.theory), **parts,
        )  # fmt: skip
        self.client = tiled(game.client, self.times)
        self.rows = [[np.tile(q, self.times) for q in row] for row in game.waited]

    def live(self, week, loss=0.0):
        """A week of life."""
        self.client, sums = live(self.client, self.dyads, self.schedule, week, self.rows, loss)
        return sums

    def rest(self, life, session=None):
        """The rest of a week."""
        self.client = pass_week(self.client, self.world, life, session)

    def session(self, number, life, loss):
        """A session; returns mean trust and how far the absence was named."""
        theory, acts = self.world.theory, self.world.theory.interventions
        pair, sums = open_session(self.client, self.dyads, loss), zero_sums(self.N, theory)
        until = until_first((SESSIONS // 2, SESSIONS), number)
        absence = jnp.full(self.N, float(theory.endings.is_about(float(until))))
        plan = treatment(self.dyads.protocol, jnp.zeros(self.N), self.client.old, absence)
        people = People(self.dyads.seeker, self.dyads.therapist, self.world)
        seen, heard, trust = [()] * self.N, np.zeros(self.N), []
        for minute in range(MINUTES):
            moves = self._moves(seen, number, minute)
            chosen = np.zeros((TICKS, len(acts.names), self.N), np.float32)
            chosen[:, [acts.index(m) for m in moves], np.arange(self.N)] = 1.0
            fails = np.random.default_rng(77 + 100 * number + minute).uniform(size=self.N) < 0.5
            chosen[:, :, self.clumsy & fails] = 0.0
            pair, sums, trace = block(
                pair, sums, self.dyads.keys, jnp.asarray(STREAM + 1000 * number + minute),
                jnp.asarray(chosen), people, plan, figure=THERAPIST, pace=self.schedule.pace, keeps_ticks=True,
            )  # fmt: skip
            told = ("perceived_stance", "intervention", "distress", "action", "trust")
            t = {q: np.asarray(trace[q]) for q in told}
            heard += (
                t["perceived_stance"][:, 0] * (t["intervention"] == acts.index("name_ending"))
            ).sum(0)
            most = lambda x: np.stack([(x == k).sum(0) for k in range(4)]).argmax(0)  # noqa: E731
            dice = np.random.default_rng([number, minute, 2])
            looks = view.shown(most(t["distress"]), dice)
            now = zip(looks, most(t["action"]), moves, strict=True)
            seen = [(*before, handbook.Seen(*s)) for before, s in zip(seen, now, strict=True)]
            trust.append(t["trust"].mean(0))
        number_ = jnp.asarray(STREAM + 1000 * number + 999)
        done = close_session(
            self.client, pair, sums, life, jnp.ones(self.N), self.dyads, number_
        )
        self.client = done.client
        self.rest(life, done)
        return np.mean(trust, 0), np.asarray(theory.endings.worked_through(heard))

    def _moves(self, seen, number, minute):
        moves = []
        for i, strategy in enumerate(self.strategies.values()):
            here = slice(i * self.each, (i + 1) * self.each)
            same = 0 if strategy is textbook else 1
            dice = np.random.default_rng(1000 * number + 10 * minute + same)
            moves += strategy(seen[here], number, dice)
        return moves

    def play(self):
        """All sessions and what follows; change, alliance and insight (strategy, client, course)."""
        week, named, alliance, endings = -1, np.zeros(self.N), [], self.world.theory.endings
        for number in range(1, SESSIONS + 1):
            is_back = number - 1 == SESSIONS // 2
            for _ in range(2 if is_back else 1):
                week += 1
                life = self.live(week)
            loss = endings.loss_after_break(jnp.asarray(named)) if is_back else 0.0
            trust, named = self.session(number, life, loss)
            alliance.append(trust)
        during = len(self.rows)
        through = jnp.asarray(named, jnp.float32)
        self.client = end_therapy(self.client, self.world, through, jnp.ones(self.N))
        for after in range(AFTER):
            week += 1
            self.rest(self.live(week, endings.loss_at_ending(through) if after == 0 else 0.0))
        return self.told(np.stack(alliance), during)

    def told(self, alliance, during):
        """Change of symptoms, alliance at the end and insight."""
        rows = np.moveaxis(np.array(self.rows), 1, 0)
        z = [
            (x - x[WAITING - 4 : WAITING].mean()) / x[WAITING - 4 : WAITING].mean(0).std()
            for x in rows
        ]
        s = 0.5 * z[0] + 0.5 * z[1]
        shape = (self.times, len(self.game.who), self.game.n)
        before = s[WAITING - 4 : WAITING].mean(0)
        return {
            "change": (s[-4:].mean(0) - before).reshape(shape),
            "during": (s[during - 3 : during].mean(0) - before).reshape(shape),
            "alliance": alliance[-1].reshape(shape),
            "insight": np.asarray(self.client.experience.insight).reshape(shape),
        }


def compared(found, names=None, strategies=STRATEGIES):
    """Each client's table: d of the textbook over each strategy with its interval."""
    table, n = {}, found["change"].shape[-1]
    for c, name in enumerate(names or [who.card.id for who in of_courses()]):
        change, rows = found["change"][:, c], {}
        variance = change.var(1, ddof=1)
        for i, strategy in enumerate(strategies):
            gap, sd = change[i] - change[0], np.sqrt((variance[i] + variance[0]) / 2.0)
            rows[strategy] = {
                "d": float(gap.mean() / sd), "half": float(1.96 * gap.std(ddof=1) / np.sqrt(n) / sd),
                "change": float(change[i].mean()), "during": float(found["during"][i, c].mean()),
                "alliance": float(found["alliance"][i, c].mean()),
                "alliance_gap": float((found["alliance"][i, c] - found["alliance"][0, c]).mean()),
                "insight": float(found["insight"][i, c].mean()),
            }  # fmt: skip
        table[name] = rows
    return table


def summary(table):
    """What the table says in short."""
    rows = [row for rivals in table.values() for name, row in rivals.items() if name in RIVALS]
    return {
        "comparisons": len(rows),
        "d of .3 or more": sum(q["d"] >= 0.3 for q in rows),
        "interval above 0": sum(q["d"] - q["half"] > 0.0 for q in rows),
        "least d": min(q["d"] for q in rows),
        "rivals ahead in alliance by .02": sum(q["alliance_gap"] > 0.02 for q in rows),
        "greatest lead in alliance": max(q["alliance_gap"] for q in rows),
    }


def main():
    """Play and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--courses", type=int, default=64)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--ablate", nargs="*", default=[])
    parser.add_argument("--set", nargs="*", default=[], metavar="MECHANISM.NUMBER=VALUE")
    parser.add_argument("--brief", action="store_true")
    asked = parser.parse_args()
    changes = {k: float(v) for k, v in (entry.split("=") for entry in asked.set)}
    began = time.time()
    table = compared(Game(asked.courses, asked.seed, asked.ablate, changes).play())
    for client, rows in table.items():
        book = rows["textbook"]
        print(f"{client}: textbook change {book['change']:+.2f} (during {book['during']:+.2f}), "
              f"alliance {book['alliance']:.2f}, insight {book['insight']:.2f}")  # fmt: skip
        shown = sorted(rows.items(), key=lambda item: item[1]["d"])
        for strategy, q in shown[:5] if asked.brief else shown:
            if strategy != "textbook":
                print(f"   {strategy:18s} d {q['d']:+.2f} ± {q['half']:.2f}  change {q['change']:+.2f} "
                      f"(during {q['during']:+.2f}) alliance {q['alliance']:.2f} insight {q['insight']:.2f}")  # fmt: skip
    told = summary(table)
    print(told, f"{time.time() - began:.0f} s")
    if asked.courses >= 64 and not asked.ablate and not changes:
        out = Path(__file__).with_suffix(".json")
        out.write_text(
            json.dumps({"courses": asked.courses, "summary": told, "clients": table}, indent=1)
            + "\n"
        )


if __name__ == "__main__":
    main()
