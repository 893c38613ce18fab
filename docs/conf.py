import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "bowlby"
author = "The bowlby developers"
release = version = installed_version("bowlby")
extensions = [
    "generated",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "bowlby"
exclude_patterns = ["_build"]
autodoc_typehints = "description"
napoleon_attr_annotations = False
autodoc_mock_imports: list[str] = []
# Formulas are drawn by MathJax where there is a network and stay readable as TeX where not.
suppress_warnings = ["myst.header"]
