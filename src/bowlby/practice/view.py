"""What can be seen from outside, and what went on inside."""

from typing import Literal, cast

import numpy as np

from bowlby.practice import room
from bowlby.practice.messages import Belief, Inward, Outward
from bowlby.practice.moves import label
from bowlby.practice.utterances import ACTS, DISTRESS, STANCES, choose, read_utterances
from bowlby.theory.mentalising import Mentalising

Rupture = Literal["", "began", "goes on", "repaired"]
State = Literal["inside", "above", "below"]

_POSTURE = (
    ("turns a little towards you", "leans in, hands open", "holds the chair and looks at you",
     "reaches out, breath held"),
    ("sits back, looks about, thinks", "looks at you, then at the window",
     "sits upright, eyes moving", "eyes wide, hardly moving"),
    ("sits back, one arm across the body", "looks down and away", "turns to the side, jaw set",
     "very still, as if not quite here"),
    ("shifts in the chair, quick hands", "leans forward, voice up", "on the edge of the chair",
     "half out of the chair"),
)  # fmt: skip
_LEAN = (0.6, 0.15, -0.6, 0.35)
_EXPECTS = (
    "If I reach out, someone is there",
    "People who come close take over",
    "If I show need, I am turned away",
    "The one I turn to is the one to fear",
)
_NOTHING_LEARNT = 0.02


def state_of(arousal: float, width: float) -> State:
    """Whether an arousal is in the window of tolerance."""
    low, high = window(width)
    return "below" if arousal < low else "above" if arousal > high else "inside"


def window(width: float) -> tuple[float, float]:
    """Arousals between which own mentalising is at least half of its best."""
    half = width * np.sqrt(np.log(2.0))
    return float(Mentalising().optimum - half), float(Mentalising().optimum + half)


def leading(pair: "room.Pair", here: room.Standing) -> Literal["old", "open", "new"]:
    """Which expectation leads."""
    share = room.old_share(pair, here)
    return "old" if share > 0.7 else "new" if share < 0.35 else "open"


def only(leaf: object) -> float:
    """The number of the one dyad in the room; by NumPy, as JAX would run a program."""
    return float(np.asarray(leaf)[0])


def usual(minute: room.Minute, name: str) -> int:
    """What was the case for most of a minute."""
    return int(np.bincount(minute.trace[name].astype(int)).argmax())


def heard(minute: room.Minute) -> np.ndarray:
    """Stance perceived over a minute."""
    mean = minute.trace["perceived_stance"].mean(0)
    return mean / mean.sum()


def outward(session: room.Session, turn: int, *, said: frozenset[int]) -> tuple[Outward, int]:
    """What a therapist could see after a turn (0: as the client comes in).

    Args:
        session: The session.
        turn: Which turn.
        said: Utterances used already in this session.

    Returns:
        What is seen, and the utterance it uses.
    """
    here = session.standing
    rng = np.random.default_rng([here.own, session.number, turn])
    if turn:
        minute = session.minutes[turn - 1]
        arousal = float(minute.arousal[-20:, 0].mean())
        act, distress = usual(minute, "action"), usual(minute, "distress")
        stance, pair, move = STANCES[int(heard(minute).argmax())], minute.after, minute.move
    else:
        pair, move, act, distress, stance = session.opening, "", 1, 0, "any"
        arousal = only(pair.body.arousal)
    words = read_utterances(here.who.pattern)
    topic = _topic(session, turn, move, rng)
    index = choose(
        words, distress=DISTRESS[distress], stance=stance, expectation=leading(pair, here),
        topic=topic, act=ACTS[act], said=said, rng=rng,
    )  # fmt: skip
    chosen = words[index]
    seen = Outward(
        words=chosen.text,
        kind=cast(Literal["speech", "silence", "movement"], chosen.kind),
        posture=f"{_POSTURE[act][distress].capitalize()}.",
        lean=_LEAN[act],
        breath_per_min=round(float(np.clip(13.0 + 4.0 * arousal, 7.0, 26.0)), 1),
        breath_depth=float(np.clip(0.65 - 0.15 * abs(arousal), 0.15, 1.0)),
        warmth=float(np.clip(0.45 + 0.2 * arousal, 0.0, 1.0)),
    )
    return seen, index


def _topic(session: room.Session, turn: int, move: str, rng: np.random.Generator) -> str:
    """What is talked of: a topic stays for some minutes, the ending comes when it is near."""
    last = session.number == session.standing.schedule.sessions
    if move == "name_ending" or (last and rng.random() < 0.25):
        return "ending"
    topics = session.standing.who.topics
    weights = np.arange(len(topics), 0, -1.0)
    steady = np.random.default_rng([session.number, turn // 4])
    return str(steady.choice(topics, p=weights / weights.sum()))


def inward(session: room.Session, turn: int) -> Inward | None:
    """The mechanisms after a turn; nothing to tell before the first."""
    if not turn:
        return None
    here, minute = session.standing, session.minutes[turn - 1]
    width = only(here.dyads.seeker.window)
    stance = heard(minute)
    found, band = synchrony(session, turn)
    trace = minute.trace
    return Inward(
        arousal=_rounded(minute.arousal[:, 0]),
        own_arousal=_rounded(minute.arousal[:, 1]),
        window=window(width),
        state=state_of(float(minute.arousal[-20:, 0].mean()), width),
        distress=cast(
            Literal["calm", "uneasy", "distressed", "overwhelmed"],
            DISTRESS[usual(minute, "distress")],
        ),
        heard={name: float(share) for name, share in zip(STANCES, stance, strict=True)},
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
    order = np.argsort(-weights)
    return tuple(
        Belief(
            expects=_EXPECTS[int(expected[:, k].argmax())],
            weight=float(np.clip(weights[k], 0.0, 1.0)),
            is_old=bool(old[k] > 0.5),
        )
        for k in order
        if weights[k] > _NOTHING_LEARNT or old[k] > 0.5
    )


def rupture(session: room.Session, turn: int) -> Rupture:
    """Whether a rupture began, goes on or was repaired in a turn."""
    before = session.minutes[turn - 2].trace["ruptured"][-1] > 0.5 if turn > 1 else False
    trace = session.minutes[turn - 1].trace["ruptured"] > 0.5
    if trace[-1]:
        return "goes on" if before else "began"
    return "repaired" if before or trace.any() else ""


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


_HEARD_AS = {
    "attuned": "was heard as meant",
    "intrusive": "was heard as intrusion",
    "dismissive": "was heard as being left",
    "frightening": "frightened",
}


def note(session: room.Session, turn: int) -> str:
    """One reasoned sentence on a move, from the client's state when it was made."""
    minute = session.minutes[turn - 1]
    name = session.standing.who.card.name
    width = only(session.standing.dyads.seeker.window)
    arousal = only(minute.before.body.arousal)
    trust = only(minute.before.trust)
    stance = heard(minute)
    main = STANCES[int(stance.argmax())]
    state = {"inside": "inside the window", "above": "above the window",
             "below": "below the window"}[state_of(arousal, width)]  # fmt: skip
    level = f"{arousal:.2f}".replace("-", "−")
    known = f"{name} was {state} (arousal {level}) with P(attuned) {trust:.2f}"
    told = f"{known}: “{label(minute.move)}” {_HEARD_AS[main]} ({stance.max():.2f})"
    return f"{told}{_because(session, turn, minute, arousal, main)}."


def _because(
    session: room.Session, turn: int, minute: room.Minute, arousal: float, main: str
) -> str:
    """What follows from the state, for the trainee."""
    change = float(np.abs(minute.arousal[-20:, 0]).mean()) - abs(arousal)
    what = rupture(session, turn)
    if what == "began":
        return ", and a rupture began; own your part before anything else"
    if what == "repaired":
        return ", and the rupture was repaired"
    if main == "attuned":
        return ", and the body settled" if change < -0.2 else ""
    if minute.move in ("interpret", "challenge", "direct") and abs(arousal) > 1.0:
        return "; what asks much was too soon for a body in alarm"
    if minute.move in ("interpret", "challenge"):
        return "; there was not yet enough trust to bear it"
    if minute.move == "hold" and abs(arousal) > 1.0:
        return "; silence leaves need without an answer"
    return (
        "; the old expectation lent its meaning"
        if leading(minute.before, session.standing) == "old"
        else ""
    )
