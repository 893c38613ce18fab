"""A therapist's reading: need and trust are seen only through what the client does.

    P(need is read) = sigmoid(6 (.6 visibility + m - .75)), else a guess from one's own arousal
    d reading = attention distressed (.3 + .7 m) (shown - reading) dt
    reading' = reading + goes_by (rated - reading)    before a session, where clients are asked

Source: ours (docs/explanation/mechanisms.md).
"""

import jax
import jax.numpy as jnp

from bowlby.maths._arrays import Array, Float, Scalar
from bowlby.maths.short_axis import weighted
from bowlby.theory.declared import Mechanism, parameter
from bowlby.theory.vocabulary import ACTIONS


class TherapistReading(Mechanism):
    """Reading of need and trust, and how sharply they are told apart."""

    slope: Scalar = parameter(
        6.0,
        low=0.5,
        high=30.0,
        unit="nat",
        meaning="sharpness of reading need",
        source="ours: as in caregivers",
    )
    visible: Scalar = parameter(
        0.6,
        low=0.0,
        high=5.0,
        unit="1",
        meaning="help of what the client shows",
        source="ours: a little less than in children, who hide less",
    )
    threshold: Scalar = parameter(
        0.75,
        low=-1.0,
        high=2.0,
        unit="1",
        meaning="what must be shown or read for need to be read half of the time",
        source="ours: as in caregivers",
    )
    guess: Scalar = parameter(
        0.35,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="need that a calm therapist guesses",
        source="ours: the mean of clients",
    )
    guess_by_arousal: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far own arousal colours the guess",
        source="ours: countertransference, in part",
    )
    shows_trust: Scalar = parameter(
        (1.0, 0.3, 0.0, 0.3), low=0.0, high=1.0, unit="share",
        meaning="trust that each action of a distressed client shows",
        source="ours: who approaches trusts",
        over=ACTIONS,
    )  # fmt: skip
    attention: Scalar = parameter(
        0.005,
        low=0.0,
        high=0.2,
        unit="1/s",
        meaning="rate at which trust is read while the client is distressed",
        source="ours: over a few minutes of distress",
    )
    unmentalised: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="share of that rate in a therapist who does not mentalise",
        source="ours: as in reading faces",
    )
    newcomer: Scalar = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="trust that is read into a client who has just come",
        source="ours: cautious",
    )
    distressed_at: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="need at which a client is distressed",
        source="ours: the middle",
    )
    distressed_width: Scalar = parameter(
        0.08,
        low=0.005,
        high=1.0,
        unit="share",
        meaning="width of that edge",
        source="ours: nearly a category",
    )
    trusting_at: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="probability",
        meaning="reading at which a client is trusting",
        source="ours: the middle",
    )
    trusting_width: Scalar = parameter(
        0.1,
        low=0.005,
        high=1.0,
        unit="probability",
        meaning="width of that edge",
        source="ours: nearly a category",
    )

    goes_by: Scalar = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="how far a therapist who is told what the client rates goes by it",
        source="about half of therapists use what they are told (de Jong et al. 2012, "
        "Psychotherapy Research 22, 464-474, in words)",
    )

    def told(self, reading: Scalar, rated: Scalar, asked: Scalar) -> Float[Array, "*dyads"]:
        """Trust as it is read by a therapist who is told the client's own rating.

        Args:
            reading: Trust as it was read.
            rated: The client's own (0 to 1).
            asked: 1 where clients are asked and the therapist is told.
        """
        return reading + self.goes_by * asked * (rated - reading)

    def accuracy(self, visibility: Scalar, mentalising: Scalar) -> Float[Array, "*dyads"]:
        """Probability that need is read rightly."""
        return jax.nn.sigmoid(
            self.slope * (self.visible * visibility + mentalising - self.threshold)
        )

    def guessed(self, arousal: Scalar) -> Float[Array, "*dyads"]:
        """Need that is guessed where it is not read (0 to 1), from own arousal."""
        return self.guess + self.guess_by_arousal * jnp.tanh(arousal)

    def step(
        self,
        reading: Scalar,
        action: Float[Array, "a *dyads"],
        distressed: Scalar,
        mentalising: Scalar,
        *,
        dt_s: Scalar,
    ) -> Float[Array, "*dyads"]:
        """Trust as it is read after `dt_s` seconds of what the client does."""
        share = self.unmentalised + (1.0 - self.unmentalised) * mentalising
        rate = self.attention * dt_s * distressed * share
        return reading + rate * (weighted(self.shows_trust, action) - reading)

    def distressed(self, need: Scalar) -> Float[Array, "*dyads"]:
        """How far a client of such need is taken as distressed (0 to 1)."""
        return jax.nn.sigmoid((need - self.distressed_at) / self.distressed_width)

    def trusting(self, reading: Scalar) -> Float[Array, "*dyads"]:
        """How far a client of such trust is taken as trusting (0 to 1)."""
        return jax.nn.sigmoid((reading - self.trusting_at) / self.trusting_width)
