"""CT in: the volume that everything downstream trusts."""

from sacroplasty.imaging.array_placement import place_array
from sacroplasty.imaging.ct_volume import Acquisition, CTVolume

__all__ = ["Acquisition", "CTVolume", "place_array"]
