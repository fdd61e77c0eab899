"""Where cement may not be: one classification, for simulated and for real cement."""

from sacroplasty.leaks.leak import Leak, LeakReport, LeakSite, NeuralContact

__all__ = ["Leak", "LeakReport", "LeakSite", "NeuralContact"]
