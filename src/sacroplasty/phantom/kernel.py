"""How the kernels of a virtual patient are compiled."""

from numba import njit

# They read arrays and never make one. Without numba's reference counting (`_nrt`) the tuple of a
# patient's shape passes from kernel to kernel for nothing; with it, counting is most of the time.
kernel = njit(cache=True, error_model="numpy", _nrt=False)
