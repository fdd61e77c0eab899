"""Sphinx configuration: no network, warnings are errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "Sacroplasty"
author = "The sacroplasty maintainers"
copyright = "The sacroplasty maintainers, Apache-2.0"  # noqa: A001 - Sphinx's own name
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "reference_tables",
    "cement_plots",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_title = "Sacroplasty"
html_show_sourcelink = False
html_theme_options = {
    "footer_start": ["copyright"],
    "announcement": "Research and teaching software, not a medical device.",
}
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_class_signature = "separated"
default_role = "code"
myst_heading_anchors = 3
