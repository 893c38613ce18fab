"""The band of breathing by age, in which respiratory sinus arrhythmia is taken."""

ADULT_BAND_HZ = (0.12, 0.40)
_ADULT_YEARS = 18.0

# Age up to which a row holds (years), 1st and 99th centile of breaths a minute at rest.
_CENTILES = (
    (0.25, 25, 66), (0.5, 24, 64), (0.75, 23, 61), (1.0, 22, 58), (1.5, 21, 53), (2.0, 19, 46),
    (3.0, 18, 38), (4.0, 17, 33), (6.0, 17, 29), (8.0, 16, 27), (12.0, 14, 25), (15.0, 12, 23),
    (18.0, 11, 22),
)  # fmt: skip


def band_of_age(years: float) -> tuple[float, float]:
    """Lowest and highest breathing rate at rest (Hz) of a child of that age, or of an adult.

    Args:
        years: Age (years), a fraction for infants.

    Raises:
        ValueError: If the age is negative or above 120.

    Source:
        Fleming et al. (2011), Lancet 377, 1011-1018, doi:10.1016/S0140-6736(10)62226-X (1st to
        99th centile of children at rest, open at PMC3789232); .12 to .40 Hz for adults. In
        infancy this is near the .24 to 1.04 Hz that Porges recommends for children, as MindWare
        cites him (https://support.mindwaretech.com/knowledge-base/kb0015/).
    """
    if not 0 <= years <= 120:
        raise ValueError(f"An age of {years:g} years is not possible.")
    if years >= _ADULT_YEARS:
        return ADULT_BAND_HZ
    low, high = next((a, b) for end, a, b in _CENTILES if years < end)
    return round(low / 60, 3), round(high / 60, 3)


def check_band(low_hz: float, high_hz: float) -> tuple[float, float]:
    """A band of breathing, checked.

    Raises:
        ValueError: If it is not two rates between .05 and 1.9 Hz, the lower one first.
    """
    if not 0.05 <= low_hz < high_hz <= 1.9:
        raise ValueError(
            f"A breathing band of {low_hz:g} to {high_hz:g} Hz: give two rates between .05 and "
            "1.9 Hz, the lower first, e.g. 0.24-1.04 for infants."
        )
    return low_hz, high_hz
