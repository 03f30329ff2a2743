"""What a worker no longer needs goes back to the machine."""

import ctypes
from typing import Any, Final

_C: Final[Any] = ctypes.CDLL(None)


def give_back() -> None:
    """Return free memory to the system, where the C library can (glibc): between two pictures a third of a worker's was free and kept."""
    trim = getattr(_C, "malloc_trim", None)
    if trim is not None:
        trim(0)
