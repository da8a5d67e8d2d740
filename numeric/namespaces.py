"""The libraries a compiled step computes with: NumPy, or whichever made the arrays it is called with.

A compiled step is written against the array API standard (data-apis.org/array-api, 2024.12) and takes a namespace `xp`
as its first argument. For NumPy's arrays that is `numpy` itself. For the arrays of PyTorch, JAX, CuPy and others it is
their library, found by array-api-compat (extra `arrays`) where that is installed and else by `__array_namespace__`,
with one change: what a step makes out of nothing, it makes on the device of its arguments.

    namespace_of     the namespace for the arguments of a call; arrays of two libraries or devices are an error
    gather, scatter  what the standard has no function for: entries at several arrays of positions; their transpose
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from derive.errors import GradproofError

# NumPy before 2.0 lacks one name of the standard that compiled steps use.
NUMPY: Any = np if hasattr(np, "permute_dims") else SimpleNamespace(**vars(np), permute_dims=np.transpose)

# Where the classes of a library live -> what we call it. Tensors of PyTorch do not name their namespace themselves.
_KNOWN = {"torch": "torch", "cupy": "cupy", "jax": "jax", "jaxlib": "jax"}
_HOST = (np.ndarray, np.generic, bool, int, float, complex, list, tuple)


@dataclass(frozen=True)
class Namespace:
    """The functions of a library by their names in the standard; new arrays go to one device.

    device: None leaves it to the library, as where JAX traces a step.
    """

    library: Any
    device: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.library, name)

    def arange(self, size: int) -> Any:
        """0, 1, ..., size - 1."""
        return self.library.arange(size, device=self.device)

    def full(self, shape: tuple[int, ...], value: float, *, dtype: Any) -> Any:
        """An array filled with one number. dtype: `float` for the library's default."""
        return self.library.full(shape, value, dtype=self._type(dtype), device=self.device)

    def asarray(self, value: Any, *, dtype: Any) -> Any:
        """An array, or a Python number or list, as an array of that type."""
        if library_of(value) is None:
            return self.library.asarray(value, dtype=self._type(dtype), device=self.device)
        return self.library.astype(value, self._type(dtype))

    @property
    def default_float(self) -> Any:
        """The type of real numbers the library takes unasked: float64, or float32 for PyTorch and JAX."""
        return self.library.asarray(0.0).dtype

    @property
    def default_int(self) -> Any:
        """The type of whole numbers the library takes unasked."""
        return self.library.asarray(0).dtype

    def _type(self, dtype: Any) -> Any:
        return self.default_float if dtype is float else dtype


def library_of(array: object) -> str | None:
    """The name of the library an array belongs to; None for NumPy's, for numbers, lists and what NumPy reads."""
    if isinstance(array, _HOST):
        return None
    roots = [base.__module__.partition(".")[0] for base in type(array).__mro__]
    known = next((_KNOWN[root] for root in roots if root in _KNOWN), None)
    return known or (roots[0] if hasattr(array, "__array_namespace__") else None)


def is_traced(array: object) -> bool:
    """Whether an array has no values yet, as inside `jax.jit`."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(array, jax.core.Tracer)


def namespace_of(arrays: Mapping[str, Any]) -> Any:
    """NUMPY, or the Namespace of the other library that some of the arrays belong to. Python numbers and lists go with
    any library.

    GradproofError: arrays of two libraries, or on two devices, or of a library that is not found without the extra.
    """
    owners = {name: library for name, array in arrays.items() if (library := library_of(array)) is not None}
    if not owners:
        return NUMPY
    first, library = next(iter(owners.items()))
    for name, array in arrays.items():
        other = owners.get(name) or _host_library(array)
        if other not in (library, None):
            raise GradproofError(f"{first} of {library} and {name} of {other}", "arrays of one library",
                                 f"{name} as an array of {library}")
    functions = _functions(arrays[first], library)
    devices = {name: arrays[name].device for name in owners if not is_traced(arrays[name])}
    for name, device in devices.items():
        if device != devices[min(devices)]:
            raise GradproofError(f"{min(devices)} on {devices[min(devices)]} and {name} on {device}",
                                 "arrays on one device", f"{name} moved to {devices[min(devices)]}")
    traced = len(devices) < len(owners)
    return Namespace(functions, None if traced else devices[first])


def _host_library(array: object) -> str | None:
    """'numpy' for what would have to be copied from there; None for numbers and lists."""
    if isinstance(array, np.ndarray) or not isinstance(array, _HOST):
        return "numpy" if isinstance(array, np.ndarray) else type(array).__name__
    return None


def _functions(array: Any, library: str) -> Any:
    try:
        import array_api_compat
    except ImportError:
        if not hasattr(array, "__array_namespace__"):
            raise GradproofError(f"an array of {library}, and no array-api-compat", "its functions by standard names",
                                 "pip install 'gradproof[arrays]'") from None
        return array.__array_namespace__()
    return array_api_compat.array_namespace(array)


# --- what the standard lacks ------------------------------------------------------------------------------------------


def gather(xp: Any, x: Any, *places: Any) -> Any:
    """x[places], None for a whole axis, integer arrays that broadcast for others: as NumPy indexes.

    The standard has no arrays of positions beside whole axes: the indexed axes become one, whose rows are taken.
    """
    if xp is NUMPY:
        return x[tuple(slice(None) if p is None else p for p in places)]
    held = [n for n, p in enumerate(places) if p is not None]
    kept = [n for n in range(x.ndim) if n not in held]
    flat = places[held[0]]
    for n in held[1:]:
        flat = flat * x.shape[n] + places[n]
    rest = [x.shape[n] for n in kept]
    rows = xp.reshape(xp.permute_dims(x, (*held, *kept)), (math.prod(x.shape[n] for n in held), *rest))
    found = xp.reshape(xp.take(rows, xp.reshape(flat, (-1,)), axis=0), (*flat.shape, *rest))
    front = held[0] if held[-1] - held[0] < len(held) else 0
    return xp.moveaxis(found, tuple(range(flat.ndim)), tuple(range(front, front + flat.ndim))) if front else found


def scatter(xp: Any, values: Any, size: int, positions: Any) -> Any:
    """Zeros (size, r...) with values[k] added at positions[k], repeats included; values: (k..., r...)."""
    rest = values.shape[positions.ndim:]
    flat = xp.reshape(positions, (-1,))
    rows = xp.reshape(values, (flat.shape[0], *rest))
    return _ADDING.get(library_of(values), _add_by_product)(xp, rows, size, flat)


def _add_by_sparse_product(xp: Any, rows: Any, size: int, places: Any) -> Any:
    """A product with the sparse matrix of ones at (position, k): several times as fast as `np.add.at`."""
    count = len(places)
    ones = np.ones(count, dtype=rows.dtype)
    added = csr_array((ones, (places, np.arange(count))), shape=(size, count))
    return (added @ rows.reshape(count, math.prod(rows.shape[1:]))).reshape(size, *rows.shape[1:])


def _add_by_torch(xp: Any, rows: Any, size: int, places: Any) -> Any:
    return rows.new_zeros((size, *rows.shape[1:])).index_add(0, places, rows)


def _add_by_jax(xp: Any, rows: Any, size: int, places: Any) -> Any:
    return xp.full((size, *rows.shape[1:]), 0, dtype=rows.dtype).at[places].add(rows)


def _add_by_cupy(xp: Any, rows: Any, size: int, places: Any) -> Any:
    fresh = xp.full((size, *rows.shape[1:]), 0, dtype=rows.dtype)
    xp.add.at(fresh, places, rows)
    return fresh


def _add_by_product(xp: Any, rows: Any, size: int, places: Any) -> Any:
    """In any library, by a matrix of ones and zeros: size times as many entries as there are positions."""
    ones = xp.asarray(xp.arange(size)[:, None] == places, dtype=rows.dtype)
    added = ones @ xp.reshape(rows, (rows.shape[0], math.prod(rows.shape[1:])))
    return xp.reshape(added, (size, *rows.shape[1:]))


_ADDING: dict[str | None, Callable[[Any, Any, int, Any], Any]] = {
    None:    _add_by_sparse_product,
    "torch": _add_by_torch,
    "jax":   _add_by_jax,
    "cupy":  _add_by_cupy,
}
