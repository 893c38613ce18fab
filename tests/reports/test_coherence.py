import numpy as np

from bowlby.reports.coherence import measured_coherence_figure


def test_coherence_is_drawn_only_where_it_was_asked_for(one):
    assert measured_coherence_figure(one.datasets[0]) is None


def test_coherence_is_drawn_on_the_recordings_own_clock(one):
    dataset = one.datasets[0].isel(statistic=[0]).assign_coords(statistic=["wavelet_coherence"])
    dataset = dataset.assign_coords(time_s=dataset.time_s + 600.0)
    figure = measured_coherence_figure(dataset)
    assert figure is not None
    np.testing.assert_allclose(figure.axes[0].get_xlim(), (600.0, 840.0), atol=1.5)
