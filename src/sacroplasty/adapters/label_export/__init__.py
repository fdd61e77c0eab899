"""Our label map for other programs: a 3D Slicer segmentation and a DICOM SEG."""

from sacroplasty.adapters.label_export.dicom_segmentation import write_dicom_segmentation
from sacroplasty.adapters.label_export.slicer_segmentation import write_slicer_segmentation

__all__ = ["write_dicom_segmentation", "write_slicer_segmentation"]
