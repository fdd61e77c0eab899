"""Facts from the literature: every number with unit, range, source and status.

`constant("needle_outer_diameter_11g")` returns the row; look it up where it is used (inside a
function or by `constant_default`), so that a report can list the unverified numbers it rests on.
"""

from sacroplasty.reference.citations import Citation, citation
from sacroplasty.reference.constants import Constant, Status, all_constants, constant
from sacroplasty.reference.defaults import constant_default, kept_defaults
from sacroplasty.reference.naming_tables import naming_table
from sacroplasty.reference.xray_tables import AttenuationTable, xray_table

__all__ = [
    "AttenuationTable",
    "Citation",
    "Constant",
    "Status",
    "all_constants",
    "citation",
    "constant",
    "constant_default",
    "kept_defaults",
    "naming_table",
    "xray_table",
]
