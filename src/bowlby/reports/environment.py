"""How pages are filled in: every value escaped, every missing one an error."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def page_environment(package: str | None = None) -> "Environment":
    """Templates of a package, and those all reports share.

    Args:
        package: Package with a folder `templates` that is searched first.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    packages = [package] if package else []
    return Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in [*packages, "bowlby.reports"]]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
