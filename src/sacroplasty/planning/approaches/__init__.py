"""The ways to the sacrum, one file per approach: which paths exist, and which tips it admits."""

from sacroplasty.planning.approaches.approach import Approach, MeasuredPaths
from sacroplasty.planning.approaches.long_axis import LongAxis
from sacroplasty.planning.approaches.s1_body import S1Body
from sacroplasty.planning.approaches.short_axis import ShortAxis
from sacroplasty.planning.approaches.transiliac import Transiliac

__all__ = ["Approach", "LongAxis", "MeasuredPaths", "S1Body", "ShortAxis", "Transiliac"]
