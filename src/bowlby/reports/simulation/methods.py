"""The methods paragraph of a simulation report."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from bowlby.reports.simulation.wording import planned_sessions, symptom_name


def methods_paragraphs(
    tree: xr.DataTree,
    readouts: xr.Dataset | None,
    encounters: xr.Dataset | None,
    *,
    has_checks: bool,
) -> tuple[str, ...]:
    """What was run, and what the scores are."""
    attrs = tree.attrs
    by = f"bowlby {attrs['version']}" if attrs.get("version") else "bowlby"
    opening = f"Simulated with {by}"
    opening += f", seed {attrs['seed']}." if "seed" in attrs else "."
    if has_checks:
        return (
            f"{opening} This is a published model, run as a special case. A check is met if it "
            "lies within its tolerance of the number named; the last column says whether that "
            "number was published, derived or computed by an independent implementation.",
        )
    if readouts is None:
        return (opening,)
    return (f"{opening} {_design(attrs, readouts, encounters)}".strip(), *_scores(readouts))


def _design(attrs: dict, readouts: xr.Dataset, encounters: xr.Dataset | None) -> str:
    people = len(np.unique(readouts.dyad.to_numpy()))
    of_met = f" of {attrs['met']} people who were met" if "met" in attrs else ""
    sentences = [f"{people} {'dyad' if people == 1 else 'dyads'}{of_met} took part."]
    if encounters is not None:
        sentences.append(_phases(encounters))
    arms: Sequence[str] = [str(arm).replace("_", " ") for arm in attrs.get("arms", ()) if arm]
    if arms:
        sentences.append(f"{'Arms' if len(arms) > 1 else 'Therapy'}: {', '.join(arms)}.")
    sentences += [str(said) for said in attrs.get("therapists", ())]
    ablated = [str(name).replace("_", " ") for name in attrs.get("ablated", ())]
    if ablated:
        sentences.append(f"Switched off: {', '.join(ablated)}.")
    return " ".join(sentences)


def _phases(encounters: xr.Dataset) -> str:
    phase = encounters.phase.to_numpy().astype(str)
    sessions = planned_sessions(encounters)
    parts = [
        f"{count} {unit if count != 1 else unit[:-1]}{tail}"
        for count, unit, tail in (
            (int((phase == "childhood").sum()), "encounters", " of childhood"),
            (int((phase == "youth").sum()), "encounters", " of school and adolescence"),
            (int((phase == "waiting").sum()), "weeks", " of waiting"),
            (sessions, "sessions", " of therapy"),
            (int((phase == "follow-up").sum()), "weeks", " of follow-up"),
        )
        if count
    ]
    return f"Each course had {', '.join(parts)}; a turn lasts 10 s."


def _scores(readouts: xr.Dataset) -> tuple[str, ...]:
    sentences = [
        "The course over encounters shows the quantities of the model itself; scores before, "
        "after and at follow-up, patterns and ratings are readouts with the measurement error "
        "of an observer, so the two need not agree exactly."
    ]
    name = symptom_name(readouts)
    if name == "internalising":
        sentences.append(
            "Internalising symptoms are half distress in life, half the expected free energy of "
            "life (hopelessness), and what constitution and illness add, in standard deviations "
            "of the default population."
        )
    elif name:
        sentences.append("Symptoms are a standardised composite; lower is better.")
    sentences.append(
        "Trust is the client's probability that the other is attuned; plasticity is the "
        "effective learning rate; uncertainty is the entropy over relational models."
    )
    return (" ".join(sentences),)
