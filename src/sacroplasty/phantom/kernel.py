"""How the kernels of a virtual patient are compiled.

Numba's cache looks only at the file of the kernel that is called: after a change of any kernel of
this room, touch `render.py`, or the old picture comes back from the cache.
"""

from numba import njit

# They read arrays and never make one. Without numba's reference counting (`_nrt`) the tuple of a
# patient's shape passes from kernel to kernel for nothing; with it, counting is most of the time.
kernel = njit(cache=True, error_model="numpy", _nrt=False)
