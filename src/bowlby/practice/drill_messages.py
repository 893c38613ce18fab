"""What the page is told of drills, and what it may ask; the rest is in `messages`."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from bowlby.practice.messages import ClientCard, Message, MoveChoice, Share, Turn, whole


class DrillCard(Message):
    """A single skill to repeat."""

    name: str
    title: str
    skill: str
    """What it is and why, with its evidence; paragraphs."""
    criterion: str
    levels: tuple[str, str, str]
    """What makes each level harder."""
    passed: tuple[int, int, int]
    """Times passed at each level."""
    tried: tuple[int, int, int]
    mastered: int
    """Highest level passed twice running; 0 for none."""


class BeginDrill(Message):
    """Ask for an attempt at a drill."""

    drill: str
    level: Annotated[int, Field(ge=1, le=3)] = 1
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    language: Annotated[str, Field(max_length=10)] = "en"


class DrillRun(Message):
    """An attempt at a drill as it stands."""

    id: str
    drill: str
    level: int
    client: ClientCard
    spoken: str
    """Language in which the client speaks, which may be another than that of the page."""
    scene: str
    """What has happened before."""
    before: tuple[Turn, ...]
    """The last turns of it."""
    turns: tuple[Turn, ...]
    """The trainee's own."""
    minutes: int
    passed: bool | None
    """None while it goes on."""
    verdict: str
    luck: Share | None
    """Share of futures in which the same moves meet the criterion."""
    handbook: str
    """What the handbook would have done, told afterwards."""


class Drills(Message):
    """All drills."""

    drills: tuple[DrillCard, ...]
    moves: tuple[MoveChoice, ...]


class DrillMove(Message):
    """A minute of a drill."""

    move: str
    turn: Annotated[int, Field(ge=1, le=3, strict=True), BeforeValidator(whole)]
