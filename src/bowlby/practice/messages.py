"""What the page is told and what it may ask: the schema of the interface.

The page renders these and decides nothing. `bowlby practise` serves them as REST and over a
WebSocket (docs/start/practise.md); TypeScript types are made from their JSON schema.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Mode = Literal["hidden", "visible"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class MoveChoice(_Message):
    """Something the trainee can do."""

    name: str
    key: int
    """Digit on the keyboard, 1 to 9."""
    label: str
    hint: str


class ClientCard(_Message):
    """A client to choose."""

    id: str
    name: str
    age: int
    brings: str
    """What brings them, in a line."""
    vignette: str
    severity: Literal["moderate", "severe"]


class Welcome(_Message):
    """What the first page needs."""

    clients: tuple[ClientCard, ...]
    moves: tuple[MoveChoice, ...]
    courses: tuple["CourseCard", ...]
    """Courses that can be continued, latest first."""
    remark: str
    """What this is and is not; shown once."""


class CourseCard(_Message):
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


class Begin(_Message):
    """Ask for a course."""

    client: str
    mode: Mode = "hidden"
    sessions: Annotated[int, Field(ge=1, le=30)] = 8
    minutes: Literal[15, 25, 50] = 25
    """Length of a session; a turn is a minute."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None


class Outward(_Message):
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


class Belief(_Message):
    """A relational model: what is expected of the other."""

    expects: str
    weight: Share
    is_old: bool


class Inward(_Message):
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
    rupture: Literal["", "began", "goes on", "repaired"]
    note: str
    """One reasoned sentence on the move."""


class Turn(_Message):
    """What a turn brought."""

    number: int
    """From 1; 0 is the opening, before the first move."""
    move: str
    said: str
    """The trainee's own note."""
    seen: Outward
    inside: Inward | None


class Mark(_Message):
    """What the trainee thinks is going on."""

    arousal: Literal["inside", "above", "below"]
    heard: Literal["attuned", "intrusive", "dismissive", "frightening"]
    expects: Literal["old", "open", "new"]
    sure: Annotated[float, Field(ge=0.34, le=1.0)]
    """How sure of these (probability)."""


class Room(_Message):
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
    is_formulated: bool
    """Whether the last session that is over has a formulation."""


class Move(_Message):
    """Ask for a turn."""

    move: str
    turn: Annotated[int, Field(ge=1)]
    """Number of the turn this makes; one that was made already is not made again."""
    said: Annotated[str, Field(max_length=2000)] = ""


class Formulation(_Message):
    """The trainee's formulation at the end of a session."""

    text: Annotated[str, Field(max_length=4000)] = ""
    pattern: Literal["avoidant", "ambivalent", "disorganised", "secure"]
    sure: Annotated[float, Field(ge=0.25, le=1.0)]


class Alternative(_Message):
    """What another move would have given, by the same chances."""

    move: str
    label: str
    rupture: Share
    """P(a rupture begins or goes on within three turns)."""
    trust: float
    """Mean P(attuned) after three turns."""


class KeyMoment(_Message):
    """A moment at which another move would have mattered."""

    turn: int
    what: Literal["P(rupture)", "P(heard as attuned)"]
    """Which of the two the moment was about."""
    made: Alternative
    better: Alternative
    difference: float
    """By how much the other move would have been better."""
    low: float
    high: float
    """95 % interval of the difference over futures."""
    futures: int
    sentence: str


class ByState(_Message):
    """How often a move was made in a state of the client."""

    move: str
    label: str
    calm: int
    uneasy: int
    distressed: int
    overwhelmed: int


class MarkOutcome(_Message):
    """A mark against the truth."""

    turn: int
    what: str
    marked: str
    truth: str
    sure: Share


class Supervision(_Message):
    """What can be learnt from a session."""

    course: CourseCard
    session: int
    turns: tuple[Turn, ...]
    moments: tuple[KeyMoment, ...]
    by_state: tuple[ByState, ...]
    missed: tuple[str, ...]
    questions: tuple[str, str, str]
    marks: tuple[MarkOutcome, ...]
    calibration: float | None
    """Brier score of the marks: 0 is best, .25 is what saying "50 %" always gives."""
    formulation: Formulation | None
    truth: str
    """The client's history, told after the formulation (always in the visible mode)."""
    source: str
    """What the feedback rests on."""


class Usability(_Message):
    """Answers to the ten items of the System Usability Scale, 1 to 5."""

    answers: Annotated[
        tuple[Annotated[int, Field(ge=1, le=5)], ...], Field(min_length=10, max_length=10)
    ]


class UsabilityScore(_Message):
    """Score of the System Usability Scale."""

    score: Annotated[float, Field(ge=0.0, le=100.0)]


class Problem(_Message):
    """What went wrong, and what to do."""

    detail: str
