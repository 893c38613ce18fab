import numpy as np
import pytest

from bowlby.studies.power import Design, planted, power, strangers_of, unrelated
from bowlby.synchrony.measuring import Settings, measure_pair


def test_what_is_planted_has_its_correlation_at_its_lag():
    rng = np.random.default_rng(1)
    found = planted(unrelated("dial")(rng, 60.0), 0.5, 2.0, rng)
    late = round(2.0 * found.rate_hz)
    r = np.corrcoef(found.x[:-late], found.y[late:])[0, 1]
    np.testing.assert_allclose(r, 0.5, atol=0.08)


def test_power_grows_with_dyads_and_is_the_level_without_coupling():
    design = Design(coupling=0.25, minutes=(5.0,), dyads=(3, 20), sessions=(1,), simulations=12)
    few, many = power(design, unrelated("motion"), Settings(surrogates=19)).power_study
    assert 0.5 < few <= many
    nothing = Design(coupling=0.0, minutes=(5.0,), dyads=(12,), sessions=(1,), simulations=30)
    alone = power(nothing, unrelated("motion"), Settings(surrogates=19)).iloc[0]
    assert alone.power_recording <= 0.3
    assert abs(alone.mean_z) < 0.8


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"coupling": 1.5}, "between -1 and 1"),
        ({"dyads": (1,)}, "two at least"),
        ({"minutes": ()}, "positive numbers"),
        ({"simulations": 3}, "10 or more"),
    ],
)
def test_a_design_that_cannot_be_planned_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Design(**values)


def test_a_kind_without_a_simulation_asks_for_recordings():
    with pytest.raises(ValueError, match="bowlby power FOLDER"):
        unrelated("face")


def test_strangers_need_two_recordings():
    with pytest.raises(ValueError, match="at least two recordings"):
        strangers_of([])


@pytest.mark.slow
def test_the_planned_power_is_that_of_studies_simulated_one_by_one():
    from scipy.stats import t

    settings, dyads = Settings(surrogates=19), 4
    design = Design(
        coupling=0.12,
        spread=0.1,
        minutes=(5.0,),
        dyads=(dyads,),
        sessions=(1,),
        simulations=150,
    )
    planned = power(design, unrelated("motion"), settings).iloc[0]
    found = []
    for study in range(80):
        z = []
        for dyad in range(dyads):
            rng = np.random.default_rng([77, study, dyad])
            coupling = 0.12 + 0.1 * rng.standard_normal()
            session = planted(unrelated("motion")(rng, 5.0), coupling, 1.0, rng)
            z.append(float(measure_pair(session, settings, name=f"{study}|{dyad}").z[0]))
        found.append(np.mean(z) / (np.std(z, ddof=1) / np.sqrt(dyads)) > t.isf(0.05, dyads - 1))
    assert 0.2 < planned.power_study < 0.95
    assert abs(planned.power_study - np.mean(found)) < 3 * np.sqrt(0.25 / 80)
