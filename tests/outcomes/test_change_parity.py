"""Change methods against R clinicalsignificance 3.0.0.9000 (see the reference's README)."""

import numpy as np
import pandas as pd
import pytest

from bowlby.outcomes.change import change, sample_moments
from bowlby.outcomes.cutoffs import classify, cutoff, surely_functional, true_score_cutoff
from bowlby.outcomes.group_level import within_group
from bowlby.outcomes.instruments.registry import Instrument
from bowlby.outcomes.multilevel import fit_slopes, slope_change
from bowlby.outcomes.yardstick import yardstick

CASES = ("claus_hamd", "claus_bdi", "jacobson_das", "antidepressants")
RUNS = [(c, m, "c") for c in CASES for m in ("JT", "GLN", "HLL", "EN", "NK", "HA")]
RUNS += [("claus_hamd", m, "a") for m in ("JT", "GLN", "HLL", "EN", "NK", "HA")]


def own_yardstick(direction, **numbers):
    return yardstick(Instrument("own", "Own", "", direction, "", ""), given=numbers)


@pytest.fixture(scope="module")
def reference(shared_data):
    return shared_data / "reference" / "clinicalsignificance"


@pytest.fixture(scope="module")
def parameters(reference):
    return pd.read_csv(reference / "parameters.csv").set_index(
        ["case", "method", "cutoff_type"]
    )


@pytest.fixture(scope="module")
def persons(reference):
    table = pd.read_csv(reference / "persons.csv", dtype={"id": str})
    return table.rename(columns={"id": "client", "pre": "before", "post": "after"})


def of_run(persons, case, method, kind):
    mine = persons[
        (persons.case == case) & (persons.method == method) & (persons.cutoff_type == kind)
    ]
    return mine.reset_index(drop=True)


def judged(parameters, persons, case, method, kind):
    row = parameters.loc[(case, method, kind)]
    mine = of_run(persons, case, method, kind)
    direction = "lower" if row.direction < 0 else "higher"
    m = sample_moments(
        mine.before.to_numpy(float), mine.after.to_numpy(float),
        reliability=row.reliability, reliability_post=row.reliability_post,
    )  # fmt: skip
    functional, ended = (row.m_functional, row.sd_functional), None
    if method == "HA":
        at = true_score_cutoff(kind, m, sign=int(row.direction), functional=functional)
        ended = surely_functional(mine.after.to_numpy(float), m, at=at, sign=int(row.direction))
    else:
        at = cutoff(
            kind,
            sign=int(row.direction),
            clinical=(m.mean_pre, m.sd_pre),
            functional=functional,
        )
    yard = own_yardstick(direction, reliability=row.reliability, sd=m.sd_pre)
    found = classify(
        change(mine, yard, method=method, moments=m),
        yard,
        at=at,
        functional=ended,
        convention="clinicalsignificance",
    )
    return row, mine, found, at


@pytest.mark.parametrize(("case", "method", "kind"), RUNS)
def test_every_index_equals_r(parameters, persons, case, method, kind):
    _, mine, found, _ = judged(parameters, persons, case, method, kind)
    np.testing.assert_allclose(found["index"], mine.rci, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("case", "method", "kind"), RUNS)
def test_every_cutoff_equals_r(parameters, persons, case, method, kind):
    row, _, _, at = judged(parameters, persons, case, method, kind)
    np.testing.assert_allclose(at, row.cutoff, rtol=1e-12)


@pytest.mark.parametrize(("case", "method", "kind"), RUNS)
def test_every_class_equals_r(parameters, persons, case, method, kind):
    _, mine, found, _ = judged(parameters, persons, case, method, kind)
    assert found.category.tolist() == mine.category.tolist()


HLM = [
    ("claus_hamd", "lower", 10, 1, 20, 9, 0),
    ("anxiety", "lower", 18, 3, 67, 20, 4),
]


@pytest.fixture(scope="module")
def anxiety(shared_data):
    table = pd.read_csv(shared_data / "clinicalsignificance" / "anxiety.csv")
    return table.rename(
        columns={"subject": "client", "measurement": "time", "anxiety": "value"}
    )


@pytest.fixture(scope="module")
def hamd(shared_data):
    table = pd.read_csv(shared_data / "clinicalsignificance" / "claus_2020.csv")
    return table.rename(columns={"id": "client", "hamd": "value"})[["client", "time", "value"]]


@pytest.fixture(scope="module")
def slopes(anxiety, hamd):
    return {"anxiety": fit_slopes(anxiety), "claus_hamd": fit_slopes(hamd)}


@pytest.mark.parametrize("case", ["anxiety", "claus_hamd"])
def test_the_multilevel_model_equals_lmer(reference, slopes, case):
    theirs = pd.read_csv(reference / f"hlm_{case}_model.csv").set_index("quantity").value
    ours = slopes[case]
    np.testing.assert_allclose(ours.loglik, theirs.reml_loglik, atol=1e-6)
    np.testing.assert_allclose(
        [ours.intercept, ours.slope], [theirs.intercept, theirs.slope], rtol=1e-6
    )


@pytest.mark.parametrize("case", ["anxiety", "claus_hamd"])
def test_every_clients_slope_equals_lmer(reference, slopes, case):
    theirs = pd.read_csv(reference / f"hlm_{case}_persons.csv").set_index("id")
    ours = slopes[case].clients.set_index("client").loc[theirs.index]
    np.testing.assert_allclose(ours.slope, theirs.slope_total, atol=1e-3)
    np.testing.assert_allclose(ours.slope_sd, theirs.slope_deviation_sd, atol=1e-3)


@pytest.mark.parametrize(("case", "direction", *"rIude"[:5]), HLM)
def test_hlm_classes_equal_r(parameters, persons, slopes, case, direction, r, I, u, d, e):
    mine = of_run(persons, case, "HLM", "c") if case in persons.case.unique() else None
    yard = own_yardstick(direction, cutoff=parameters.loc[(case, "HLM", "c")].cutoff)
    pairs = mine.assign(client=mine.client.astype(slopes[case].clients.client.dtype))
    found = classify(
        slope_change(slopes[case], pairs, sign=-1, convention="clinicalsignificance"), yard
    )
    counts = found.category.value_counts()
    assert [int(counts.get(k, 0)) for k in (
        "recovered", "improved", "unchanged", "deteriorated", "harmed")] == [r, I, u, d, e]  # fmt: skip


def test_by_their_own_slope_nobody_of_claus_worsens(slopes, persons):
    pairs = of_run(persons, "claus_hamd", "HLM", "c")
    pairs = pairs.assign(client=pairs.client.astype(int))
    found = slope_change(slopes["claus_hamd"], pairs, sign=-1)
    assert found.improved.sum() == 33
    assert found.deteriorated.sum() == 0


@pytest.mark.parametrize("case", ["claus_hamd", "claus_bdi", "jacobson_das"])
def test_percentages_equal_r(reference, persons, case):
    theirs = pd.read_csv(reference / "percentage_50_30.csv", dtype={"id": str})
    theirs = theirs[theirs.case == case].reset_index(drop=True)
    mine = of_run(persons, case, "JT", "c")
    yard = own_yardstick("higher" if case == "jacobson_das" else "lower")
    found = change(mine, yard, method="percentage", convention="clinicalsignificance")
    assert found.improved.tolist() == theirs.improved.tolist()
    assert found.deteriorated.tolist() == theirs.deteriorated.tolist()


@pytest.mark.parametrize("case", ["claus_hamd", "claus_bdi", "jacobson_das"])
def test_anchors_equal_r(reference, persons, case):
    theirs = pd.read_csv(reference / "anchor_individual.csv", dtype={"id": str})
    theirs = theirs[theirs.case == case].reset_index(drop=True)
    yard = own_yardstick("higher" if case == "jacobson_das" else "lower")
    found = change(
        of_run(persons, case, "JT", "c"), yard, method="anchor", important=float(theirs.mid[0])
    )
    assert found.improved.tolist() == theirs.improved.tolist()


@pytest.mark.parametrize(
    ("case", "sign"), [("claus_hamd", -1), ("claus_bdi", -1), ("jacobson_das", 1)]
)
def test_the_groups_interval_equals_r(reference, persons, case, sign):
    row = pd.read_csv(reference / "anchor_group_within_t.csv").set_index("case").loc[case]
    mine = of_run(persons, case, "JT", "c")
    found = within_group(
        mine.before.to_numpy(float), mine.after.to_numpy(float), important=8.0, sign=sign
    )
    np.testing.assert_allclose(
        [found.difference, found.low, found.high], [row.difference, row.lower, row.upper],
        rtol=1e-12,
    )  # fmt: skip
