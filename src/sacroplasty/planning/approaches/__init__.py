"""The ways to the sacrum, one file per approach: which paths exist, and which tips it admits."""

from sacroplasty.planning.approaches.short_axis import ShortAxis

__all__ = ["ShortAxis"]
