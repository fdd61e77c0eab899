"""The built-in engine: the sacrum and its neighbours from a CT, without any network."""

from sacroplasty.anatomy.builtin.segmenter import BuiltinSegmenter

__all__ = ["BuiltinSegmenter"]
