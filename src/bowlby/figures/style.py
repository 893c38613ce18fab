"""The one look of all figures: colours, sizes, fonts, colour maps, saving.

Colour means something or is grey. Blue is the first partner, vermilion the second, green is
beyond chance, grey is surrogates. The colours are those of Okabe & Ito (2008), which people
with any common colour vision tell apart; significance is marked by shape or text as well.
"""

import functools
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, ParamSpec, TypeVar
from warnings import catch_warnings, filterwarnings

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bowlby._types import FloatArray

P = ParamSpec("P")
R = TypeVar("R")

SINGLE_MM = 89.0
DOUBLE_MM = 183.0

INK = "#1d2730"
MUTED = "#5b6773"
SURROGATE = "#8b96a1"
BAND = "#dfe3e7"
MISSING = "#eceef0"
HAIRLINE = "#cfd5da"
FIRST = "#0072b2"
SECOND = "#d55e00"
BEYOND = "#009e73"
# The same hues, dark enough for small text on white (WCAG AA).
FIRST_TEXT = "#0067a0"
SECOND_TEXT = "#b34d00"
BEYOND_TEXT = "#00735a"
GROUP_COLOURS = ("#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#0072b2", "#000000")
GROUP_MARKERS = ("o", "s", "^", "D", "v", "P")

# All text is 7 pt or larger at print size.
_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "axes.titlesize": 8.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 6.0,
    "axes.labelsize": 7.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.0,
    "lines.solid_capstyle": "round",
    "legend.frameon": False,
    "legend.fontsize": 7.0,
    "hatch.linewidth": 0.4,
    "hatch.color": HAIRLINE,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "axes.unicode_minus": True,
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function with the project's settings and leave no trace of them."""

    @functools.wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with rc_context(_SETTINGS):
            return draw(*args, **kwargs)

    return wrapper


def new_figure(width_mm: float, height_mm: float) -> Figure:
    """Empty figure of a print size (mm) with constrained layout."""
    layout = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03, hspace=0.04, wspace=0.04)
    return Figure(figsize=(width_mm / 25.4, height_mm / 25.4), layout=layout)


def figure_svg(
    figure: Figure, *, salt: str = "bowlby", dpi: float = 200.0, digits: int = 2
) -> str:
    """SVG text of a figure, the same bytes every time.

    Text stays text, so that it can be searched, read aloud and edited.

    Args:
        figure: The figure.
        salt: Makes the ids inside the SVG unlike those of others on the same page.
        dpi: Resolution of pictures inside the SVG, such as maps; the rest is lines.
        digits: Decimals of coordinates (1/72 inch); two are below what print can show.
    """
    out = BytesIO()
    with rc_context({**_SETTINGS, "svg.hashsalt": salt}), catch_warnings():
        # Names in any script stay text, which the reader's own fonts show.
        filterwarnings("ignore", message=r"(?s)Glyph .* missing from font")
        figure.dpi = dpi
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})
    longer = re.compile(rf"(\.\d{{{digits}}})\d+")
    return re.sub(
        r' d="[^"]*"', lambda path: longer.sub(r"\1", path.group()), out.getvalue().decode()
    )


def figure_png(figure: Figure, *, dpi: float = 200.0) -> bytes:
    """PNG bytes of a figure, the same bytes every time."""
    out = BytesIO()
    with rc_context({**_SETTINGS, "savefig.dpi": dpi}):
        before, figure.dpi = figure.dpi, dpi
        FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
        figure.dpi = before
    return out.getvalue()


@functools.cache
def sequential_map() -> Colormap:
    """Nearly white to deep blue-green, in equal steps of perceived lightness."""
    at = np.linspace(0.0, 1.0, 256)
    colours = _from_oklch(
        lightness=0.98 - 0.70 * at,
        chroma=0.005 + 0.085 * np.sin(np.pi * at**0.9) + 0.035 * at,
        hue_deg=172.0 + 82.0 * at,
    )
    return _with_missing(ListedColormap(colours, "bowlby_sequential"))


@functools.cache
def diverging_map() -> Colormap:
    """Purple (opposite) over nearly white (0) to green (same), equal steps to both sides."""
    at = np.linspace(-1.0, 1.0, 255)
    far = np.abs(at)
    colours = _from_oklch(
        lightness=0.975 - 0.62 * far,
        chroma=0.15 * np.sin(np.pi * 0.62 * far),
        hue_deg=np.where(at > 0, 165.0 + 20.0 * far, 310.0),
    )
    return _with_missing(ListedColormap(colours, "bowlby_diverging"))


def format_p(p: float) -> str:
    """`p = .020` in the style of psychology; empty if there is no p."""
    if not np.isfinite(p):
        return ""
    return "p < .001" if p < 0.0005 else f"p = {p:.3f}".replace("0.", ".")


def format_clock(seconds: float) -> str:
    """`12:30` for 750 s."""
    sign, whole = ("−" if seconds < -0.5 else ""), abs(round(seconds))
    return f"{sign}{whole // 60}:{whole % 60:02d}"


def clock_axis(axes: Axes, first_s: float, last_s: float) -> None:
    """Give an x axis in seconds round ticks in minutes and seconds."""
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((s for s in steps if (last_s - first_s) / s <= 10), steps[-1])
    axes.set_xlim(first_s, last_s)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_clock(value)))


def direction_labels(axes: Axes, first: str, second: str, *, is_vertical: bool = False) -> None:
    """Say at both ends of a lag axis who leads there: the first partner at positive lags."""
    if is_vertical:
        axes.set_ylabel("Lag (s)")
        first, second = (r if len(r) <= 13 else f"{r[:12]}…" for r in (first, second))
        _end_label(
            axes, f"{first} leads →", (0, 1), (-33, 0), FIRST_TEXT, rotation=90, va="top"
        )
        _end_label(
            axes, f"← {second} leads", (0, 0), (-33, 0), SECOND_TEXT, rotation=90, va="bottom"
        )
        return
    # Long roles leave no room beside the axis label.
    is_long = len(first) + len(second) > 22
    axes.set_xlabel("Lag (s)\n" if is_long else "Lag (s)")
    place = ("axes fraction", axes.xaxis.label)
    height = 0.12 if is_long else 0.5
    for text, x, ha, colour in (
        (f"← {second} leads", 0.0, "left", SECOND_TEXT),
        (f"{first} leads →", 1.0, "right", FIRST_TEXT),
    ):
        axes.annotate(text, (x, height), xycoords=place, ha=ha, va="center", color=colour)


def _end_label(
    axes: Axes,
    text: str,
    end: tuple[float, float],
    offset: tuple[float, float],
    colour: str,
    *,
    rotation: float,
    va: str,
) -> None:
    axes.annotate(
        text, end, xycoords="axes fraction", xytext=offset, textcoords="offset points",
        ha="right", va=va, rotation=rotation, color=colour,
    )  # fmt: skip


def panel_letter(axes: Axes, letter: str) -> None:
    """Mark a panel with a bold letter left of its title."""
    axes.annotate(
        letter, (0, 1), xycoords="axes fraction", xytext=(-22, 5), textcoords="offset points",
        fontsize=9, fontweight="bold", va="bottom",
    )  # fmt: skip


def _with_missing(colours: Colormap) -> Colormap:
    return colours.with_extremes(bad=MISSING)


def _from_oklch(
    *, lightness: FloatArray, chroma: FloatArray, hue_deg: FloatArray
) -> FloatArray:
    """Colours on screen (sRGB) of OKLCh colours (n x 3), clipped to what screens show.

    Source:
        Ottosson (2020), "A perceptual color space for image processing".
    """
    a, b = chroma * np.cos(np.deg2rad(hue_deg)), chroma * np.sin(np.deg2rad(hue_deg))
    cones = np.stack(
        [
            lightness + 0.3963377774 * a + 0.2158037573 * b,
            lightness - 0.1055613458 * a - 0.0638541728 * b,
            lightness - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    linear = (
        np.array(
            [
                [4.0767416621, -3.3077115913, 0.2309699292],
                [-1.2684380046, 2.6097574011, -0.3413193965],
                [-0.0041960863, -0.7034186147, 1.7076147010],
            ]
        )
        @ cones**3
    )
    linear = np.clip(linear, 0.0, 1.0)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb.T
