"""A folder, a zip or a file of DICOM objects as a CT or an MRI."""

from sacroplasty.adapters.dicom_series.reading import read_dicom_ct, read_dicom_mr

__all__ = ["read_dicom_ct", "read_dicom_mr"]
