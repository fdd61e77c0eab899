"""Where cement may not be: one classification, for simulated and for real cement."""

from sacroplasty.leaks.classify import LocatedLeaks, classify_leaks, locate_leaks
from sacroplasty.leaks.leak import (
    Leak,
    LeakOnset,
    LeakPath,
    LeakReport,
    LeakSite,
    NeuralContact,
)

__all__ = [
    "Leak",
    "LeakOnset",
    "LeakPath",
    "LeakReport",
    "LeakSite",
    "LocatedLeaks",
    "NeuralContact",
    "classify_leaks",
    "locate_leaks",
]
