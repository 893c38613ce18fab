"""Instruments in words, for the command line."""

from bowlby.outcomes.instruments.registry import GRADES, Instrument

_NAMES = {
    "reliability": "reliability", "retest": "retest reliability", "norm_mean": "norm mean",
    "norm_sd": "norm SD", "clinical_mean": "clinical mean", "clinical_sd": "clinical SD",
    "cutoff": "cut-off", "published_rc": "published reliable change",
}  # fmt: skip


def listed(one: Instrument) -> str:
    """A line: id, construct, what can be done."""
    numbers = sum(n.is_verified for n in one.numbers.values())
    key = "items to scores" if one.scales else "scores only"
    return (
        f"{one.id:<16}{one.construct[:34]:<36}{key:<17}"
        f"{numbers} of {len(one.numbers)} numbers verified"
    )


def told(one: Instrument) -> list[str]:
    """Everything known of an instrument."""
    lines = [f"{one.name} ({one.id})", one.construct, f"better: {one.direction}"]
    lines.append(f"scores: {one.minimum:g} to {one.maximum:g}")
    for scale in one.scales.values():
        back = f", reversed {_list(scale.reversed)}" if scale.reversed else ""
        times = f" x {scale.times:g}" if scale.times != 1 else ""
        lines.append(
            f"scale {scale.name}: {scale.how}{times} of items {_list(scale.items)}{back}"
        )
    if one.scales:
        lines.append(f"  key: {GRADES[one.verified.get('key', 'user')]}")
    if one.missing_rule:
        grade = GRADES[one.verified.get("missing", "user")]
        lines.append(f"missing answers: {one.missing_rule} ({grade})")
    for name, number in one.numbers.items():
        more = f", {number.kind}" if number.kind else ""
        level = f", {100 * number.level:.0f} % level" if name == "published_rc" else ""
        use = "" if number.is_verified else "; not used unless --accept-unverified"
        lines.append(
            f"{_NAMES[name]}: {number.value:g} ({GRADES[number.verified]}{more}{level}{use})"
        )
    if one.risk_items:
        lines.append(f"items about danger: {_list(one.risk_items)}")
    if one.loinc:
        lines.append(f"LOINC: {one.loinc}")
    lines.append(f"licence: {one.licence or 'not said'}; words may be passed on: "
                 f"{one.text_may_ship or 'not said'}")  # fmt: skip
    if one.source:
        lines.append(f"source: {one.source}")
    if one.note:
        lines.append(f"note: {one.note}")
    return lines


def _list(items: tuple[int, ...]) -> str:
    """`1-9` or `2, 4, 6`."""
    if len(items) > 2 and items == tuple(range(items[0], items[-1] + 1)):
        return f"{items[0]}-{items[-1]}"
    return ", ".join(map(str, items))
