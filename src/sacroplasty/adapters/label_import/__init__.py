"""Bone masks from files: label maps, mask folders, Slicer segmentations, DICOM SEG."""

from sacroplasty.adapters.label_import.class_tables import ClassTable
from sacroplasty.adapters.label_import.label_mapping import label_meaning, parse_label_mapping
from sacroplasty.adapters.label_import.segmenter import labelled_segmenter

__all__ = ["ClassTable", "label_meaning", "labelled_segmenter", "parse_label_mapping"]
