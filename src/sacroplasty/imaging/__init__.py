"""CT in: the volume that everything downstream trusts."""

from sacroplasty.imaging.ct_volume import Acquisition, CTVolume

__all__ = ["Acquisition", "CTVolume"]
