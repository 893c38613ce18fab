from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from bowlby.synchrony.group import associate
from bowlby.synchrony.permuting import Permuting


@pytest.mark.parametrize(
    ("values", "cluster"),
    [
        ([0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5]),
        ([0, 0, 1, 1, 1, 1], [0, 1, 2, 3, 4, 5]),
        ([0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 2, 2, 3, 3]),
        ([0, 1, 1, 0, 1, 0], [0, 0, 0, 1, 1, 1]),
        ([0.0, 1.0, 2.0, 5.0, 7.0], [0, 1, 2, 3, 4]),
    ],
    ids=["halves", "unequal", "of therapists", "within therapists", "numbers"],
)
def test_the_smallest_p_is_that_of_all_orders(values, cluster):
    """The best order of a response that follows the column, among all that may be drawn."""
    x, cluster = np.array(values, float), np.array(cluster)
    drawing = Permuting(x, cluster, np.random.default_rng(1))
    orders = {tuple(drawing.draw()) for _ in range(4000)}
    y = x - x.mean()
    if not drawing.is_alone and not drawing.is_of_cluster:
        y = y - np.array([y[cluster == c].mean() for c in cluster])
    size = np.abs([np.dot(order, y) for order in orders])
    assert len(orders) <= len(set(permutations(values)))
    np.testing.assert_allclose(np.mean(size >= size.max() - 1e-12), drawing.smallest_p)


@pytest.mark.parametrize("dyads", [6, 20])
def test_an_order_that_cannot_be_significant_is_said(dyads):
    z = np.random.default_rng(1).normal(size=dyads) + 9.0 * (np.arange(dyads) % 2)
    data = pd.DataFrame({"dyad": range(dyads), "z": z, "group": ["a", "b"] * (dyads // 2)})
    (found,) = associate(data, "group", permutations=999)
    if dyads == 6:
        assert "permutation cannot give p below 0.1" in found.model
        np.testing.assert_allclose(found.p_permutation, 0.1, atol=0.03)
    else:
        assert "cannot" not in found.model
