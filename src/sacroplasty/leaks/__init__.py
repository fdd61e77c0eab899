"""Where cement may not be: one classification, for simulated and for real cement."""

from sacroplasty.leaks.classify import classify_leaks
from sacroplasty.leaks.leak import Leak, LeakReport, LeakSite, NeuralContact

__all__ = ["Leak", "LeakReport", "LeakSite", "NeuralContact", "classify_leaks"]
