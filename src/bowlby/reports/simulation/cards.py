"""The main numbers of a run as a few cards, and a sentence over many dyads."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from bowlby.reports.numbers import number, signed
from bowlby.reports.page import Card
from bowlby.reports.simulation.population import (
    Mean,
    change,
    in_arm,
    left,
    mean_of,
    numbers,
    opened,
)
from bowlby.reports.simulation.wording import (
    attended,
    planned_sessions,
    share,
    symptom_name,
    value_of,
)


def story_cards(readouts: xr.Dataset, encounters: xr.Dataset) -> list[Card]:
    """Symptoms, trust, ruptures and opening of one dyad, as far as there are any."""
    cards: list[Card] = []
    name, during = symptom_name(readouts), attended(encounters)
    if name and np.isfinite(value_of(readouts, f"{name}_after")):
        before, after = (value_of(readouts, f"{name}_{w}") for w in ("before", "after"))
        later = value_of(readouts, f"{name}_follow_up")
        detail = f"from {number(before)} to {number(after)}"
        if np.isfinite(later):
            detail += f"; {number(later)} at follow-up"
        title = "Symptoms" if name == "symptoms" else "Internalising symptoms"
        cards.append(Card(f"{title}, change", f"{signed(after - before)} SD", detail))
    if not during.any():
        return cards
    if (
        "trust" in encounters
        and np.isfinite(trust := encounters.trust.to_numpy()[during]).any()
    ):
        trust = trust[np.isfinite(trust)]
        detail = f"in the last session; {share(float(trust[0]))} in the first"
        cards.append(Card("Trust", share(float(trust[-1])), detail))
    if "ruptures" in encounters:
        count = round(float(np.nansum(encounters.ruptures.to_numpy()[during])))
        detail = f"in {int(during.sum())} sessions"
        if "repairs" in encounters:
            repaired = round(float(np.nansum(encounters.repairs.to_numpy()[during])))
            detail = f"{repaired} repaired, {detail}"
        cards.append(Card("Ruptures", str(count), detail))
    if "window_session" in readouts:
        session = value_of(readouts, "window_session")
        is_open = bool(np.isfinite(session))
        cards.append(
            Card(
                "New relational model",
                f"session {session:.0f}" if is_open else "none opened",
                f"first believed; {planned_sessions(encounters)} sessions planned" if is_open
                else "the old one went on explaining the therapist",
            )
        )  # fmt: skip
    return cards


def population_cards(readouts: xr.Dataset, arms: Sequence[str]) -> tuple[str, list[Card]]:
    """A sentence and, for a single arm, cards."""
    people = len(np.unique(readouts.dyad.to_numpy()))
    many = f"{people:,} simulated dyads".replace(",", "\N{NARROW NO-BREAK SPACE}")
    changes = change(readouts)
    if len(arms) == 1:
        name = f" ({arms[0].replace('_', ' ')})" if arms[0] else ""
        return f"{many}{name}.", _cards(readouts, changes)
    by_arm = {arm: mean_of(changes[in_arm(readouts, arm)]) for arm in arms}
    known = {arm: found for arm, found in by_arm.items() if found.n}
    if len(known) < 2:
        return f"{many} in {len(arms)} arms.", []
    best = min(known, key=lambda arm: known[arm].mean)
    worst = max(known, key=lambda arm: known[arm].mean)
    sentence = (
        f"{many}, each in {len(arms)} arms. Mean change of symptoms was lowest in "
        f"{best.replace('_', ' ')} ({_with_error(known[best])}) and highest in "
        f"{worst.replace('_', ' ')} ({_with_error(known[worst])}); negative is better."
    )
    return sentence, []


def _cards(readouts: xr.Dataset, changes: np.ndarray) -> list[Card]:
    cards = []
    found = mean_of(changes)
    if found.n:
        later = mean_of(change(readouts, "follow_up"))
        detail = f"± {number(found.error)} (standard error), {found.n} dyads"
        if later.n:
            detail += f"; {_with_error(later)} at follow-up"
        cards.append(Card("Symptoms, change", f"{signed(found.mean)} SD", detail))
    ruptures = mean_of(numbers(readouts, "ruptures"))
    if ruptures.n:
        repairs = mean_of(numbers(readouts, "repairs"))
        detail = f"of which {number(repairs.mean)} repaired" if repairs.n else "mean"
        cards.append(Card("Ruptures a session", number(ruptures.mean), detail))
    for question, values, detail in (
        ("Left early", left(readouts), "of those in therapy"),
        ("New relational model", opened(readouts), "of dyads; see when below"),
    ):
        if (part := mean_of(values)).n:
            cards.append(Card(question, f"{100 * part.mean:.0f} %", detail))
    return cards


def _with_error(found: Mean) -> str:
    error = f" ± {number(found.error)}" if np.isfinite(found.error) else ""
    return f"{signed(found.mean)}{error} SD"
