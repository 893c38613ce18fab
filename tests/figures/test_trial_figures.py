from bowlby.figures.style import figure_svg
from bowlby.figures.trial import forest_figure, power_figure


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


def test_names_in_any_script_stay_text(recwarn):
    row = {"first": "\u4f9d\u604b", "second": "\u0642\u0627\u0626\u0645\u0629", "decides": True,
           "power": 0.5, "low": 0.3, "high": 0.7}  # fmt: skip
    text = figure_svg(power_figure([row]))
    assert row["first"] in text
    assert row["second"] in text
    assert not recwarn.list
