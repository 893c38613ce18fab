from bowlby.figures.trial import forest_figure


def row(**ends):
    return {"first": "A", "second": "B", "decides": True, "g": 0.4} | ends


def test_an_interval_without_ends_is_not_drawn():
    whole, unbounded = row(g_low=-0.1, g_high=0.9), row(g_low=None, g_high=None)
    axes = forest_figure([whole, unbounded]).axes[0]
    assert [text.get_text() for text in axes.texts] == [
        "+0.40 (\N{MINUS SIGN}0.10 to +0.90)",
        "+0.40",
    ]
    assert len(axes.collections) == 1
