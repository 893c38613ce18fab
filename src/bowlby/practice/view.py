"""What can be seen from outside, and what went on inside."""

from collections.abc import Mapping, Sequence
from typing import Literal, cast

import numpy as np

from bowlby.practice import room
from bowlby.practice.language import entry, say
from bowlby.practice.messages import Belief, Inward, Outward
from bowlby.practice.moves import label
from bowlby.practice.utterances import ACTS, DISTRESS, STANCES, Moment, choose
from bowlby.theory.mentalising import Mentalising

Rupture = Literal["", "began", "goes on", "repaired", "left open"]
State = Literal["inside", "above", "below"]
Leading = Literal["old", "open", "new"]
Profile = Literal["secure", "ambivalent", "intrusive", "dismissive", "disorganised"]

NEAR_END = 2
"""Minutes before the end from which it is felt."""

_LEAN = (0.6, 0.15, -0.6, 0.35)
_OFF = 0.25
_NOTHING_LEARNT = 0.02
_TOPIC_MINUTES = 4
# Profiles of what is expected: from which share somebody is there, or is to be feared.
_THERE, _SOMETIMES, _FEARED = 0.6, 0.35, 0.27
_LOW_TRUST, _HIGH_TRUST = 0.35, 0.6


def state_of(arousal: float, width: float) -> State:
    """Whether an arousal is in the window of tolerance."""
    low, high = window(width)
    return "below" if arousal < low else "above" if arousal > high else "inside"


def window(width: float) -> tuple[float, float]:
    """Arousals between which own mentalising is at least half of its best."""
    half = width * np.sqrt(np.log(2.0))
    return float(Mentalising().optimum - half), float(Mentalising().optimum + half)


def leading(pair: "room.Pair", here: room.Standing) -> Leading:
    """Which expectation leads."""
    share = room.old_share(pair, here)
    return "old" if share > 0.7 else "new" if share < 0.35 else "open"


def profile(expected: np.ndarray) -> Profile:
    """What a relational model expects, by its shares of stances (stance).

    Not the likeliest stance: one who is met half of the time, and never knows when, does not
    expect to be met.
    """
    attuned, intrusive, dismissive, frightening = expected
    if attuned >= _THERE:
        return "secure"
    if frightening >= _FEARED:
        return "disorganised"
    if attuned >= _SOMETIMES:
        return "ambivalent"
    return "intrusive" if intrusive > dismissive else "dismissive"


def fits(pattern: str, expected: np.ndarray) -> bool:
    """Whether what a childhood has taught is what a client's pattern says (stance)."""
    named = profile(expected)
    return named == pattern or (pattern == "avoidant" and named in ("dismissive", "intrusive"))


def only(leaf: object) -> float:
    """The number of the one dyad in the room; by NumPy, as JAX would run a program."""
    return float(np.asarray(leaf)[0])


def usual(minute: room.Minute, name: str) -> int:
    """What was the case for most of a minute."""
    return int(np.bincount(minute.trace[name].astype(int)).argmax())


def distress_of(minute: room.Minute) -> str:
    """How distressed the client was for most of a minute."""
    return DISTRESS[usual(minute, "distress")]


def act_of(minute: room.Minute) -> str:
    """What the client did for most of a minute."""
    return ACTS[usual(minute, "action")]


def heard(minute: room.Minute) -> np.ndarray:
    """Stance perceived over a minute."""
    mean = minute.trace["perceived_stance"].mean(0)
    return mean / mean.sum()


def heard_as(minute: room.Minute) -> str:
    """The stance perceived most."""
    return STANCES[int(heard(minute).argmax())]


def arousal_of(session: room.Session, turn: int) -> State:
    """Where the client's arousal was at the end of a turn."""
    width = only(session.standing.dyads.seeker.window)
    return state_of(float(session.minutes[turn - 1].arousal[-20:, 0].mean()), width)


def outward(
    session: room.Session,
    turn: int,
    *,
    said: Sequence[int] | frozenset[int] = (),
    earlier: Mapping[int, int] | None = None,
    facts: frozenset[str] | None = None,
) -> tuple[Outward, int]:
    """What a therapist could see after a turn (0: as the client comes in).

    Args:
        session: The session.
        turn: Which turn.
        said: Lines used in this session, in order.
        earlier: By line, how many sessions ago it was last said.
        facts: What is true of the course (`bowlby.practice.memory`); that of a first or a later
            session by default.

    Returns:
        What is seen, and the line it uses.
    """
    here = session.standing
    rng = np.random.default_rng([here.own, session.number, turn])
    if turn:
        minute = session.minutes[turn - 1]
        arousal = float(minute.arousal[-20:, 0].mean())
        act, distress = usual(minute, "action"), usual(minute, "distress")
        stance, pair, move = heard_as(minute), minute.after, minute.move
    else:
        pair, move, act, distress, stance = session.opening, "", 1, 0, "any"
        arousal = only(pair.body.arousal)
        distress = _arriving(arousal, only(here.dyads.seeker.window))
    usually = frozenset({"first" if session.number == 1 else "later"})
    moment = Moment(
        DISTRESS[distress], stance, leading(pair, here), _topic(session, turn, move, rng),
        ACTS[act], "turn" if turn else "opening", move, usually if facts is None else facts,
    )  # fmt: skip
    words = here.who.words
    index = choose(words, moment, said=tuple(said), earlier=earlier, rng=rng)
    chosen = words[index]
    seen = Outward(
        words=chosen.text,
        kind=cast(Literal["speech", "silence", "movement"], chosen.kind),
        posture=_posture(here.who.language, act, looks(session, turn), rng),
        lean=_LEAN[act],
        breath_per_min=round(
            float(np.clip(13.0 + 4.0 * arousal + rng.normal(0.0, 1.5), 7.0, 26.0)), 1
        ),
        breath_depth=float(np.clip(0.65 - 0.15 * abs(arousal), 0.15, 1.0)),
        warmth=float(np.clip(0.45 + 0.2 * arousal, 0.0, 1.0)),
    )
    return seen, index


def parting(
    session: room.Session, *, earlier: Mapping[int, int] | None, facts: frozenset[str]
) -> int:
    """The line that is said at the door."""
    here, minute = session.standing, session.minutes[-1]
    rng = np.random.default_rng([here.own, session.number, 999])
    moment = Moment(
        distress_of(minute), "any", leading(minute.after, here), "any", "explore", "goodbye",
        facts=facts,
    )  # fmt: skip
    return choose(here.who.words, moment, earlier=earlier, rng=rng)


def _arriving(arousal: float, width: float) -> int:
    """How distressed a client looks who comes in."""
    far = abs(arousal) / width
    return 0 if far < 0.5 else 1 if far < 1.0 else 2


def _posture(language: str, act: int, shown: int, rng: np.random.Generator) -> str:
    """How a client sits who looks so distressed."""
    return f"{rng.choice(entry(language, f'posture.{ACTS[act]}')[shown])}."


def shown(distress: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How distressed clients look: now and then a shade too much or too little."""
    shade = rng.choice([-1, 1], distress.shape) * (rng.random(distress.shape) < _OFF)
    return np.clip(distress + shade, 0, len(DISTRESS) - 1)


def looks(session: room.Session, turn: int) -> int:
    """How distressed the client looks after a turn (0: as the client comes in)."""
    here = session.standing
    if turn:
        distress = usual(session.minutes[turn - 1], "distress")
    else:
        distress = _arriving(only(session.opening.body.arousal), only(here.dyads.seeker.window))
    rng = np.random.default_rng([here.own, session.number, turn, 1])
    return int(shown(np.array([distress]), rng)[0])


def _topic(session: room.Session, turn: int, move: str, rng: np.random.Generator) -> str:
    """What is talked of: a topic stays for some minutes and moves on; the ending comes last.

    Each course and each session has an order of its own, the client's first topics likelier
    first.
    """
    last = session.number == session.standing.schedule.sessions
    if move == "name_ending" or (last and turn and rng.random() < 0.25):
        return "ending"
    topics = session.standing.who.topics
    weights = np.arange(len(topics), 0, -1.0)
    own = np.random.default_rng([session.standing.own, session.number])
    order = own.choice(len(topics), size=len(topics), replace=False, p=weights / weights.sum())
    return topics[order[turn // _TOPIC_MINUTES % len(topics)]]


def inward(session: room.Session, turn: int) -> Inward | None:
    """The mechanisms after a turn; nothing to tell before the first."""
    if not turn:
        return None
    here, minute = session.standing, session.minutes[turn - 1]
    width = only(here.dyads.seeker.window)
    found, band = synchrony(session, turn)
    trace = minute.trace
    return Inward(
        arousal=_rounded(minute.arousal[:, 0]),
        own_arousal=_rounded(minute.arousal[:, 1]),
        window=window(width),
        state=arousal_of(session, turn),
        distress=cast(
            Literal["calm", "uneasy", "distressed", "overwhelmed"], distress_of(minute)
        ),
        heard={name: float(share) for name, share in zip(STANCES, heard(minute), strict=True)},
        beliefs=beliefs(minute.after, here),
        plasticity=float(trace["learning_rate"].mean()),
        surprise=float((trace["free_energy_self"] + trace["free_energy_other"]).mean()),
        mentalising=float(np.clip(trace["mentalising"].mean(), 0.0, 1.0)),
        synchrony=found,
        synchrony_band=band,
        alliance=float(np.clip(trace["trust"][-1], 0.0, 1.0)),
        rupture=rupture(session, turn),
        note=note(session, turn),
    )


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(v) for v in np.round(values, 3))


def beliefs(pair: "room.Pair", here: room.Standing) -> tuple[Belief, ...]:
    """What is expected of the other, the most believed first; without models not yet met."""
    expected, weights = room.expectations(pair), room.believed(pair)
    old = np.asarray(here.client.old)[:, 0]
    found = []
    for k in np.argsort(-weights):
        if weights[k] <= _NOTHING_LEARNT and old[k] <= 0.5:
            continue
        named = profile(expected[:, k])
        found.append(
            Belief(
                expects=say(here.who.language, f"expects.{named}"),
                weight=float(np.clip(weights[k], 0.0, 1.0)),
                is_old=bool(old[k] > 0.5),
                is_safe=named == "secure",
            )
        )
    return tuple(found)


def rupture(session: room.Session, turn: int) -> Rupture:
    """What became of a rupture in a turn; `left open`: it ended without being owned."""
    before = session.minutes[turn - 2].trace["ruptured"][-1] > 0.5 if turn > 1 else False
    trace = session.minutes[turn - 1].trace
    ruptured = trace["ruptured"] > 0.5
    if ruptured[-1]:
        return "goes on" if before else "began"
    if trace["repaired"].any():
        return "repaired"
    return "left open" if before or ruptured.any() else ""


def synchrony(
    session: room.Session, turn: int
) -> tuple[float | None, tuple[float, float] | None]:
    """Correlation of the two arousals over three minutes, and the band of shifted surrogates.

    The surrogates turn one series against the other by at least 20 s, as circular shifts do in
    `bowlby measure`; 95 % of them lie in the band.
    """
    if turn < 3:
        return None, None
    both = np.concatenate([m.arousal for m in session.minutes[turn - 3 : turn]])
    x, y = (both - both.mean(0)).T
    scale = np.sqrt((x @ x) * (y @ y))
    if scale < 1e-9:
        return None, None
    turned = np.fft.irfft(np.fft.rfft(x).conj() * np.fft.rfft(y), len(x)) / scale
    shifted = turned[20 : len(y) - 19]
    low, high = np.quantile(shifted, [0.025, 0.975])
    return float(x @ y / scale), (float(low), float(high))


def note(session: room.Session, turn: int) -> str:
    """One reasoned sentence on a move, from the client's state when it was made."""
    minute, here = session.minutes[turn - 1], session.standing
    language, name = here.who.language, here.who.card.name
    arousal, trust = only(minute.before.body.arousal), only(minute.before.trust)
    where = state_of(arousal, only(here.dyads.seeker.window))
    main = heard_as(minute)
    height = "low" if trust < _LOW_TRUST else "high" if trust > _HIGH_TRUST else "middle"
    distress = DISTRESS[int(minute.trace["distress"][0])]
    state = say(
        language, "note.state", name=name, distress=say(language, f"words.{distress}"),
        state=say(language, f"words.{where}"), trust=say(language, f"note.trust_{height}"),
    )  # fmt: skip
    told = say(language, f"note.heard_{main}", move=label(minute.move, language), name=name)
    why = _because(session, turn, minute, arousal, main)
    because = say(language, f"note.{why}") if why else ""
    return say(language, "note.whole", state=state, heard=told, because=because)


def _because(
    session: room.Session, turn: int, minute: room.Minute, arousal: float, main: str
) -> str:
    """What follows from the state, for the trainee: the name of a phrase, or nothing."""
    change = float(np.abs(minute.arousal[-20:, 0]).mean()) - abs(arousal)
    what = rupture(session, turn)
    if what in ("began", "repaired", "left open"):
        return what.replace(" ", "_")
    if main == "attuned":
        return "settled" if change < -0.2 else ""
    if minute.move in ("interpret", "challenge", "direct") and abs(arousal) > 1.0:
        return "too_soon"
    if minute.move in ("interpret", "challenge"):
        return "no_trust"
    if minute.move == "hold" and abs(arousal) > 1.0:
        return "silence"
    return "old" if leading(minute.before, session.standing) == "old" else ""
