"""What the page is told and what it may ask: the schema of the interface.

The page renders these and decides nothing. `bowlby practise` serves them as REST and over a
WebSocket (docs/start/practise.md); TypeScript types are made from their JSON schema.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Mode = Literal["hidden", "visible"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


def whole(value: Any) -> Any:
    """A whole number that JSON writes with a point, as such; all else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Message(BaseModel):
    """What goes to the page or comes from it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class MoveChoice(Message):
    """Something the trainee can do."""

    name: str
    key: int
    """Digit on the keyboard, 1 to 9."""
    label: str
    hint: str


class ClientCard(Message):
    """A client to choose."""

    id: str
    name: str
    age: int
    brings: str
    """What brings them, in a line."""
    vignette: str
    severity: Literal["moderate", "severe"]
    content_note: str = ""
    """What a reader may want to know beforehand; "" where there is nothing."""


class Welcome(Message):
    """What the first page needs."""

    clients: tuple[ClientCard, ...]
    """With whom a course can be begun, the easiest first."""
    not_offered: tuple["NotOffered", ...]
    """Clients with whom none is begun, and why."""
    moves: tuple[MoveChoice, ...]
    courses: tuple["CourseCard", ...]
    """Courses that can be continued, latest first."""
    unreadable: tuple["UnreadableCourse", ...]
    """Courses that cannot be shown, and why."""
    language: str
    languages: dict[str, str]
    """Code to the language's own name."""
    remark: str
    """What this is and is not; shown once."""
    take_back_s: float
    """Seconds for which a move can be taken back."""


class NotOffered(Message):
    """A client who is met in drills; a course with them is begun by address alone."""

    card: "ClientCard"
    why: str


class UnreadableCourse(Message):
    """A course that is kept and cannot be shown."""

    id: str
    why: str


class CourseCard(Message):
    """A course that was begun."""

    id: str
    client: ClientCard
    mode: Mode
    session: int
    """Number of the session that is open or comes next, from 1."""
    sessions: int
    state: Literal["between", "in session", "ended"]
    began: str
    """Day and time, ISO 8601, UTC."""
    pseudonym: str
    language: str
    seed: int


class Begin(Message):
    """Ask for a course."""

    client: str
    mode: Mode = "hidden"
    sessions: Annotated[int, Field(ge=1, le=30)] = 8
    minutes: Literal[15, 25, 50] = 25
    """Length of a session; a turn is a minute."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    """Whoever begins with the same client and seed meets the same person."""
    pseudonym: Annotated[str, Field(max_length=60)] = ""
    language: Annotated[str, Field(max_length=10)] = "en"


class Outward(Message):
    """What a therapist could see of the client."""

    words: str
    kind: Literal["speech", "silence", "movement"]
    posture: str
    """One sentence."""
    lean: Annotated[float, Field(ge=-1.0, le=1.0)]
    """-1 turned away, 1 leaning in."""
    breath_per_min: float
    breath_depth: Share
    warmth: Share
    """Colour of the face: 0 pale, 1 flushed."""


class Belief(Message):
    """A relational model: what is expected of the other."""

    expects: str
    weight: Share
    is_old: bool
    is_safe: bool
    """Whether somebody is expected to be there: leaving this one is no gain."""


class Inward(Message):
    """The mechanisms after a turn; only in the visible mode, and after a session."""

    arousal: tuple[float, ...]
    """The client's arousal, one number a second of the turn; 0 is the set point."""
    own_arousal: tuple[float, ...]
    """The therapist's."""
    window: tuple[float, float]
    """The window of tolerance, in arousal."""
    state: Literal["inside", "above", "below"]
    distress: Literal["calm", "uneasy", "distressed", "overwhelmed"]
    heard: dict[str, Share]
    """Stance perceived: attuned, intrusive, dismissive, frightening."""
    beliefs: tuple[Belief, ...]
    plasticity: float
    """Learning rate, counts per tick."""
    surprise: float
    """Free energy, nat per tick."""
    mentalising: Share
    synchrony: float | None
    """Correlation of the two arousals over the last three minutes; none at first."""
    synchrony_band: tuple[float, float] | None
    """Where 95 % of shifted surrogates lie."""
    alliance: Share
    rupture: Literal["", "began", "goes on", "repaired", "left open"]
    note: str
    """One reasoned sentence on the move."""


class Turn(Message):
    """What a turn brought."""

    number: int
    """From 1; 0 is the opening, before the first move."""
    move: str
    said: str
    """The trainee's own note."""
    seen: Outward
    inside: Inward | None


Question = Literal["arousal", "heard", "expects"]


class Mark(Message):
    """What the trainee thinks is going on; what is not asked may be left out."""

    arousal: Literal["inside", "above", "below"] | None = None
    heard: Literal["attuned", "intrusive", "dismissive", "frightening"] | None = None
    expects: Literal["old", "open", "new"] | None = None
    sure: Annotated[float, Field(ge=0.34, le=1.0)]
    """How sure of these (probability)."""


class Room(Message):
    """The room as it stands: all that the page shows."""

    course: CourseCard
    minutes: int
    turns: tuple[Turn, ...]
    """Turns of the open session, or of the last one."""
    is_last: bool
    """Whether this is the last session."""
    break_ahead: bool
    """Whether next week's session does not take place."""
    asks_mark: bool
    """Whether the trainee is asked to mark what they think is going on."""
    asks: tuple[Question, ...]
    """What is asked now: only what could surprise."""
    is_formulated: bool
    """Whether the last session that is over has a formulation."""
    parting: str
    """Last words at the door, once the session is over."""


class Move(Message):
    """Ask for a turn."""

    move: str
    turn: Annotated[int, Field(ge=1, strict=True), BeforeValidator(whole)]
    """Number of the turn this makes; one that was made already is not made again."""
    said: Annotated[str, Field(max_length=2000)] = ""


class Formulation(Message):
    """The trainee's formulation at the end of a session."""

    text: Annotated[str, Field(max_length=4000)] = ""
    pattern: Literal["avoidant", "ambivalent", "disorganised", "secure"]
    sure: Annotated[float, Field(ge=0.25, le=1.0)]


Aim = Literal["rupture", "settled", "understood", "explored", "changed"]


class Alternative(Message):
    """What another move would have given, by the same chances."""

    move: str
    label: str
    share: Share
    """Share of the futures in which it came about; for `understood` and `changed` the mean."""


class KeyMoment(Message):
    """A moment at which another move would have mattered."""

    turn: int
    what: Aim
    """What the moment was about: a rupture (less of it is better), coming to rest, expecting to
    be understood, going on thinking, holding less to the old expectation."""
    made: Alternative
    better: Alternative
    difference: float
    """By how much the other move would have been better."""
    low: float
    high: float
    """95 % interval of the difference over futures."""
    futures: int
    sentence: str


class ByState(Message):
    """How often a move was made in a state of the client."""

    move: str
    label: str
    calm: int
    uneasy: int
    distressed: int
    overwhelmed: int


class MarkOutcome(Message):
    """A mark against the truth."""

    turn: int
    what: Question
    marked: str
    truth: str
    sure: Share


class Reading(Message):
    """How well a session was read."""

    session: int
    right: int
    asked: int
    brier: float
    """Mean of (sure - right)^2: 0 is best."""
    base: float
    """The same for one who never looks and always says what is most frequent."""
    skill: float | None
    """Share of what one who never looks gets wrong that was got right: 0 is not reading, 1 is
    always right; None where there is nothing to read."""


class NextDrill(Message):
    """One thing to practise next."""

    drill: str
    """Name of a drill; "" for none."""
    why: str


class Supervision(Message):
    """What can be learnt from a session."""

    course: CourseCard
    session: int
    turns: tuple[Turn, ...]
    moments: tuple[KeyMoment, ...]
    by_state: tuple[ByState, ...]
    done: tuple[str, ...]
    """What was done well."""
    missed: tuple[str, ...]
    practise_next: NextDrill
    questions: tuple[str, str, str]
    marks: tuple[MarkOutcome, ...]
    calibration: float | None
    """Brier score of the marks: 0 is best."""
    reading: Reading | None
    """The marks of this session against not reading."""
    learning: tuple[Reading, ...]
    """The same for every session of the course that is over and has marks."""
    formulation: Formulation | None
    truth: str
    """The client's history, told after the formulation (always in the visible mode)."""
    source: str
    """What the feedback rests on."""


class Retry(Message):
    """Other moves from a moment on, by the same chances."""

    turn: Annotated[int, Field(ge=1)]
    """First turn that is played again."""
    moves: Annotated[tuple[str, ...], Field(min_length=1, max_length=3)]


class Retried(Message):
    """Both lines, side by side."""

    turn: int
    was: tuple[Turn, ...]
    instead: tuple[Turn, ...]
    chances: tuple["Chance", ...]
    """How often each would have come about, over futures."""


class Chance(Message):
    """How often something comes about with either line of moves."""

    what: Aim
    was: Share
    instead: Share
    low: float
    """95 % interval of the difference (instead - was), over futures."""
    high: float


class SessionOutcome(Message):
    """A session, in a line."""

    session: int
    alliance: Share
    """Mean expectation of being understood."""
    ruptures: int
    repairs: int
    old: Share
    """What was left of the old model at its end."""


class Outcome(Message):
    """What became of a client."""

    symptoms_before: float
    """Internalising in the last four weeks of waiting (SD)."""
    symptoms_after: float
    """In the last four of eight weeks after the ending."""
    relapse: float
    """Rise from the first to the last four of those weeks (SD)."""
    security: Share
    """Expectation that someone is there, over all models as they are believed."""
    security_before: Share
    old: Share
    alliance: Share
    """Mean of the last session."""
    sessions: tuple[SessionOutcome, ...]


class CourseEnd(Message):
    """What became of the client, beside a handbook therapist and one's own earlier courses."""

    course: CourseCard
    own: Outcome
    par: Outcome | None
    """A handbook therapist with the same person; None while played, and where that failed."""
    no_par: str
    """Why there will be none; "" where there is one or it is being played."""
    earlier: tuple["EarlierCourse", ...]


class EarlierCourse(Message):
    """How an earlier course with the same client ended."""

    course: CourseCard
    outcome: Outcome


class OwnWords(Message):
    """Something that the trainee would say."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]


class HeardAs(Message):
    """Which of the moves that sounds like."""

    move: str | None
    """None where it is not sure."""
    label: str
    sure: Share
    second: str | None
    """The next likeliest."""


class Usability(Message):
    """Answers to the ten items of the System Usability Scale, 1 to 5."""

    answers: Annotated[
        tuple[Annotated[int, Field(ge=1, le=5)], ...], Field(min_length=10, max_length=10)
    ]


class UsabilityScore(Message):
    """Score of the System Usability Scale."""

    score: Annotated[float, Field(ge=0.0, le=100.0)]


class Readiness(Message):
    """How far the room is: what is compiled at the first start of an installation."""

    share: Share
    doing: str
    """Name of what is being done; "" when all is."""


class Problem(Message):
    """What went wrong, and what to do."""

    detail: str
