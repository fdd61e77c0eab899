"""A folder, a zip or a file of DICOM objects as a CT."""

from sacroplasty.adapters.dicom_series.reading import read_dicom_ct

__all__ = ["read_dicom_ct"]
