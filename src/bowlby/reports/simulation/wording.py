"""A simulated course in plain words: what happened, never what someone has."""

import numpy as np
import xarray as xr

from bowlby.figures.course import model_names
from bowlby.reports.numbers import number
from bowlby.theory.intervention_rows import words
from bowlby.theory.vocabulary import PATTERN_NAMES, STATE_OF_MIND_NAMES

_ACTIONS_DID = {
    "approach": "approached",
    "explore": "explored",
    "withdraw": "withdrew",
    "protest": "protested",
}
_ACTIONS_DO = {
    "approach": "approaches",
    "explore": "explores",
    "withdraw": "withdraws",
    "protest": "protests",
}
DID = _ACTIONS_DID | {name: of.did for name, of in words().items()}
"""What care-seekers and therapists did."""
DOES = _ACTIONS_DO | {name: of.does for name, of in words().items()}
"""What they do."""

_YOUTH = {
    "home": ("at home", "caregiver"),
    "school": ("at school", "teacher"),
    "friends": ("with a friend", "friend"),
}
"""Places of youth, and who is there."""


def _youth(row: xr.Dataset) -> tuple[str, str]:
    return _YOUTH[str(row.place.item())]


def share(value: float) -> str:
    """Number between 0 and 1 without the leading zero: `.62`."""
    return number(value).removeprefix("0")


def value_of(dataset: xr.Dataset, name: str) -> float:
    """The dyad's number, NaN if there is none."""
    return float(dataset[name]) if name in dataset else float("nan")


def text_of(dataset: xr.Dataset, name: str) -> str:
    """The dyad's word, empty if there is none."""
    return str(dataset[name].item()) if name in dataset else ""


def symptom_name(readouts: xr.Dataset) -> str:
    """Readout that stands for symptoms: the composite, else internalising; empty if none."""
    for name in ("symptoms", "internalising"):
        if (before := f"{name}_before") in readouts and np.isfinite(readouts[before]).any():
            return name
    return ""


def planned_sessions(encounters: xr.Dataset) -> int:
    """Sessions that therapy had room for."""
    return int(encounters.session.to_numpy().max(initial=0))


def attended(encounters: xr.Dataset) -> np.ndarray:
    """Which encounters of one dyad were sessions that took place."""
    is_session = encounters.phase.to_numpy() == "therapy"
    if "present" in encounters:
        is_session &= np.nan_to_num(encounters.present.to_numpy()) > 0
    elif "trust" in encounters:
        is_session &= np.isfinite(encounters.trust.to_numpy())
    return is_session


def story(readouts: xr.Dataset, encounters: xr.Dataset) -> tuple[str, ...]:
    """One dyad's course in sentences; what the run does not hold is not mentioned.

    Args:
        readouts: Readouts of one dyad (no dimension `dyad`).
        encounters: Its encounters.
    """
    sentences = (
        _history(readouts),
        _therapy(readouts, encounters),
        _trust(encounters),
        _ruptures(encounters),
        _window(readouts, encounters),
        _symptoms(readouts),
    )
    return tuple(sentence for sentence in sentences if sentence)


def _history(readouts: xr.Dataset) -> str:
    history, pattern = text_of(readouts, "history"), text_of(readouts, "pattern")
    interview = text_of(readouts, "aai")
    if history == "institution":
        parts = ["This simulated client grew up in an institution"]
    elif history in ("", "as given"):
        parts = ["This simulated client grew up with the caregiver that was given"]
    elif history == "population":
        parts = ["This simulated client grew up with a caregiver drawn from the population"]
    else:
        article = "an" if history[0] in "aeiou" else "a"
        parts = [f"This simulated client grew up with {article} {history} caregiver"]
    if pattern in PATTERN_NAMES:
        parts.append(
            f"in the Strange Situation the child showed pattern {pattern} ({PATTERN_NAMES[pattern]})"
        )
    if interview in STATE_OF_MIND_NAMES:
        parts.append(
            f"the adult spoke of it as class {interview} ({STATE_OF_MIND_NAMES[interview]})"
        )
    return "; ".join(parts) + "."


def _therapy(readouts: xr.Dataset, encounters: xr.Dataset) -> str:
    planned, came = planned_sessions(encounters), int(attended(encounters).sum())
    if not planned:
        return ""
    if not came:
        return "No session of therapy took place."
    arm = text_of(readouts, "arm").replace("_", " ")
    kind = f" ({arm})" if arm else ""
    ended = text_of(readouts, "ended_by")
    if ended in ("client", "therapist") and came < planned:
        return f"Of {planned} planned sessions of therapy{kind} {came} took place; the {ended} ended it."
    how = " and ended as agreed" if ended == "agreed" else ""
    count = f"{came} of {planned} planned" if came < planned else f"{came}"
    return f"Therapy{kind} took {count} {'session' if planned == 1 else 'sessions'}{how}."


def _trust(encounters: xr.Dataset) -> str:
    if "trust" not in encounters:
        return ""
    trust = encounters.trust.to_numpy()[attended(encounters)]
    trust = trust[np.isfinite(trust)]
    if len(trust) < 6:
        return ""
    early, late = float(trust[:3].mean()), float(trust[-3:].mean())
    verb = (
        "stayed near"
        if abs(late - early) < 0.05
        else "rose from"
        if late > early
        else "fell from"
    )
    if verb == "stayed near":
        return f"Trust stayed near {share(late)}."
    return f"Trust {verb} {share(early)} in the first three sessions to {share(late)} in the last three."


def _ruptures(encounters: xr.Dataset) -> str:
    if "ruptures" not in encounters:
        return ""
    during = attended(encounters)
    if not during.any():
        return ""
    count = round(float(np.nansum(encounters.ruptures.to_numpy()[during])))
    if not count:
        return "The alliance did not rupture."
    if "repairs" not in encounters:
        return f"The alliance ruptured {_times(count)}."
    repaired = round(float(np.nansum(encounters.repairs.to_numpy()[during])))
    how = (
        "every rupture was repaired" if repaired >= count and count > 1
        else "and was repaired" if repaired >= count
        else f"{repaired} of these ruptures {'was' if repaired == 1 else 'were'} repaired" if repaired
        else "none was repaired"
    )  # fmt: skip
    if how.startswith("and"):
        return f"The alliance ruptured once {how}."
    return f"The alliance ruptured {_times(count)}; {how}."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _window(readouts: xr.Dataset, encounters: xr.Dataset) -> str:
    during = attended(encounters)
    if not during.any() or "window_session" not in readouts:
        return ""
    opened = value_of(readouts, "window_session")
    if np.isfinite(opened):
        first = f"A new relational model opened in session {opened:.0f}"
    else:
        first = "No new relational model opened"
    if "learning_rate" not in encounters:
        return first + "."
    rate = encounters.learning_rate.to_numpy()[during]
    if not np.isfinite(rate).any():
        return first + "."
    peak = int(encounters.session.to_numpy()[during][np.nanargmax(rate)])
    return f"{first}; plasticity was highest in session {peak}."


def _symptoms(readouts: xr.Dataset) -> str:
    name = symptom_name(readouts)
    if not name:
        return ""
    before, after = (value_of(readouts, f"{name}_{when}") for when in ("before", "after"))
    later = value_of(readouts, f"{name}_follow_up")
    subject = "Symptoms" if name == "symptoms" else "Internalising symptoms"
    if not np.isfinite(after):
        return f"{subject} before were {number(before)} SD."
    change = after - before
    verb = "hardly changed," if abs(change) < 0.2 else "fell" if change < 0 else "rose"
    text = f"{subject} {verb} from {number(before)} SD before to {number(after)} SD after"
    return (
        f"{text}, and were {number(later)} SD at follow-up."
        if np.isfinite(later)
        else f"{text}."
    )


def encounter_title(encounters: xr.Dataset, index: int) -> str:
    """What to call an encounter: `Session 12 of 40, week 11`."""
    row = encounters.isel(encounter=index)
    phase, week = str(row.phase.item()), float(row.week)
    if phase == "childhood":
        return f"Childhood, age {float(row.age_years):.2g} years"
    if phase == "youth":
        return f"Youth, {_youth(row)[0]}, age {float(row.age_years):.2g} years"
    weeks = f"week {week:.0f}".replace("-", "−") if np.isfinite(week) else ""
    if phase == "therapy" and int(row.session):
        name = f"Session {int(row.session)} of {planned_sessions(encounters)}"
    else:
        name = phase.capitalize()
    return f"{name}, {weeks}" if weeks else name


def encounter_line(encounters: xr.Dataset, index: int, *, second: str = "therapist") -> str:
    """One encounter in words."""
    row = encounters.isel(encounter=index)
    phase = str(row.phase.item())
    if phase == "therapy" and not attended(encounters)[index]:
        return " ".join(["No session took place.", *_life(row)])
    is_child = phase in ("childhood", "youth")
    beside = _youth(row)[1] if phase == "youth" else "caregiver"
    who, other = ("child", beside) if is_child else ("client", second)
    sentences = []
    action = _most(row, "action_share", "action")
    if action:
        calm = value_of(row, "distress")
        felt = f", distress {number(calm, 1)} of 3" if np.isfinite(calm) else ""
        sentences.append(
            f"The {who} mostly {DID.get(action[0], action[0])} ({share(action[1])}{felt})."
        )
    acts = [] if is_child else _ranked(row, "intervention_share", "intervention")[:2]
    heard = _most(row, "stance_share", "stance")
    if acts:
        made = " and ".join(f"{DID.get(name, name)} ({share(value)})" for name, value in acts)
        tail = f", and was heard as {heard[0]} ({share(heard[1])})" if heard else ""
        sentences.append(f"The {other} mostly {made}{tail}.")
    elif heard:
        sentences.append(f"The {other} was mostly heard as {heard[0]} ({share(heard[1])}).")
    ruptures, repairs = value_of(row, "ruptures"), value_of(row, "repairs")
    if ruptures > 0:
        count = f"{ruptures:.0f} {'rupture' if round(ruptures) == 1 else 'ruptures'}"
        sentences.append(
            f"{count}, {repairs:.0f} repaired." if np.isfinite(repairs) else f"{count}."
        )
    return " ".join([*sentences, *_life(row)]) or "Nothing was recorded here."


def _life(row: xr.Dataset) -> list[str]:
    distress, symptoms = value_of(row, "life_distress"), value_of(row, "symptoms")
    parts = []
    if np.isfinite(distress):
        parts.append(f"distress {number(distress, 1)} of 3")
    if np.isfinite(symptoms):
        parts.append(f"symptoms {number(symptoms, 1)} SD")
    return [f"In life: {', '.join(parts)}."] if parts else []


def encounter_values(encounters: xr.Dataset, index: int) -> list[tuple[str, str]]:
    """Names and values of one encounter."""
    row = encounters.isel(encounter=index)
    wanted = (
        ("trust", "trust", 2), ("symptoms", "symptoms (SD)", 2),
        ("learning_rate", "learning rate", 4), ("uncertainty", "uncertainty (nats)", 2),
        ("mentalising", "mentalising", 2), ("contact", "contact", 2),
    )  # fmt: skip
    found = [
        (label, number(value, digits))
        for name, label, digits in wanted
        if np.isfinite(value := value_of(row, name))
    ]
    if "model_belief" in row and np.isfinite(row.model_belief).all():
        expected = row.expected_attuned.to_numpy() if "expected_attuned" in row else None
        pairs = zip(model_names(encounters), row.model_belief.to_numpy(), strict=True)
        for k, (name, belief) in enumerate(pairs):
            if belief > 0.02:
                found.append((name, share(belief)))
                if expected is not None and np.isfinite(expected[k]):
                    found.append(("… expects attuned", share(expected[k])))
    return found


def _ranked(row: xr.Dataset, name: str, dim: str) -> list[tuple[str, float]]:
    if name not in row or not np.isfinite(row[name]).any():
        return []
    values = np.nan_to_num(row[name].to_numpy())
    total = values.sum()
    labels = [str(label) for label in row[dim].to_numpy()]
    order = np.argsort(-values, kind="stable")
    return [(labels[i], float(values[i] / total)) for i in order if values[i] > 0]


def _most(row: xr.Dataset, name: str, dim: str) -> tuple[str, float] | None:
    ranked = _ranked(row, name, dim)
    return ranked[0] if ranked else None
