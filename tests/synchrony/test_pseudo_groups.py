"""Groups against groups of replaced members."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from bowlby.cli import app
from bowlby.synchrony.group_measures import GroupSignal
from bowlby.synchrony.pseudo_groups import pseudo_groups

RATE = 4.0
ROLES = ("mother", "father", "child")
TIMING = {"window_s": 30.0, "step_s": 15.0}


def slow(rng, n):
    return np.convolve(rng.normal(size=n + 50), np.hanning(25), "same")[25 : n + 25]


def families(seed, count, *, shared, timetable=0.0, seconds=400, people=ROLES):
    """Families whose members share a course of their own, and all families a timetable."""
    rng, n = np.random.default_rng(seed), int(seconds * RATE)
    common = timetable * slow(np.random.default_rng(99), n)
    found = []
    for i in range(count):
        own = shared * slow(rng, n)
        values = np.stack([own + common + slow(rng, n) for _ in people])
        found.append(GroupSignal(f"f{i}", "eda", tuple(people), values, RATE))
    return found


def ps(groups, **more):
    found = pseudo_groups(groups, **TIMING, permutations=99, **more)
    return {one.measure: one.comparison.p for one in found}


def test_families_that_share_something_of_their_own_are_found():
    assert max(ps(families(1, 6, shared=1.0)).values()) <= 0.02


def test_a_timetable_that_all_share_is_not_synchrony_of_a_family():
    assert min(ps(families(2, 6, shared=0.0, timetable=1.5)).values()) > 0.05


def test_members_keep_their_role_in_whatever_order_a_file_names_them():
    groups = families(3, 5, shared=1.0)
    turned = [
        GroupSignal(g.name, g.signal, g.people[::-1], g.values[::-1], RATE) if i % 2 else g
        for i, g in enumerate(groups)
    ]
    assert ps(groups) == ps(turned)


def test_groups_that_cannot_be_compared_are_left_out_and_told():
    groups = families(4, 4, shared=0.5)
    groups += families(5, 1, shared=0.5, people=("mother", "child", "aunt"))
    groups += families(6, 1, shared=0.5, seconds=120)
    (first, *_) = pseudo_groups(groups, **TIMING, permutations=19)
    assert first.groups == ("f0", "f1", "f2", "f3")
    assert first.length_s == 400
    assert len(first.left_out) == 2
    with pytest.raises(ValueError, match="at least three"):
        pseudo_groups(groups[:2], **TIMING)


@pytest.mark.slow
def test_a_study_of_families_has_the_test_in_its_tables(tmp_path):
    for group in families(7, 3, shared=1.0, seconds=240):
        columns = {
            f"{role}_eda": 5 + v / 10 for role, v in zip(ROLES, group.values, strict=True)
        }
        head = ",".join(["time", *columns])
        rows = np.column_stack([np.arange(len(group.values[0])) / RATE, *columns.values()])
        np.savetxt(tmp_path / f"{group.name}.csv", rows, "%.4f", ",", header=head, comments="")
    done = CliRunner().invoke(
        app,
        ["measure", str(tmp_path), "--signals", "eda_phasic", "--surrogates", "19",
         "--measures", "wcc", "--workers", "1", "--json", "--out", str(tmp_path / "out")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rows = [r for r in json.loads(done.stdout)["people"] if r["group"] == "all groups"]
    assert {r["measure"] for r in rows} == {"mean_of_pairs", "cluster_phase", "shared_variance"}
    assert all(r["p"] <= 0.3 and r["d"] > 0 for r in rows)
    assert "pseudo-groups" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.slow
def test_strangers_are_called_families_at_the_level_of_the_test():
    p = np.array([
        list(ps(families(100 + i, 4, shared=0.0, timetable=0.7, seconds=200), seed=i).values())
        for i in range(150)
    ])  # fmt: skip
    assert ((p <= 0.05).sum(axis=0) <= 16).all()
