"""Arrays on their way into a compiled step: the right names, ranks, sizes, types and positions, or a clear error.

What is checked is the same for the arrays of every library. Positions that JAX traces have no values yet, and are not
compared with the size of their axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.components import Axis, axes_text
from derive.errors import AxisError, GradproofError
from numeric.namespaces import NUMPY, Namespace, is_traced, library_of, namespace_of

Values = NDArray[Any]
_NUMPY_ARRAYS = (np.ndarray, np.generic)


@dataclass(frozen=True)
class Argument:
    """One argument of a compiled step.

    axes: of the array, the batch first if it carries one; whole: the axis whose positions it holds, counted from 0,
    for an index or an index map; None for a tensor. length: whether it is the size of the axis of its name, a whole
    number, where no array has that axis.
    """

    name: str
    axes: tuple[Axis, ...]
    whole: Axis | None = None
    length: bool = False

    @property
    def is_tensor(self) -> bool:
        """Whether it holds real numbers, not positions or a size."""
        return self.whole is None and not self.length


def bound(arguments: Mapping[str, Argument], arrays: Mapping[str, Any]) -> list[Any]:
    """The namespace to compute with, and the arrays in the order of the arguments, of matching sizes; numbers take the
    type of the arrays beside them.

    AxisError: another rank or size; GradproofError: other names, types or positions, arrays of two libraries.
    """
    if arrays.keys() != arguments.keys():
        raise _wrong_names(arguments, arrays)
    xp = namespace_of(arrays)
    if xp is NUMPY:
        common = _common_type(arguments, arrays)
        accepted = [_accepted(argument, arrays[name], common) for name, argument in arguments.items()]
    else:
        common = _common_type_elsewhere(xp, arguments, arrays)
        accepted = [_accepted_elsewhere(xp, argument, arrays[name], common) for name, argument in arguments.items()]
    sizes: dict[Axis, tuple[int, str]] = {}
    for argument, array in zip(arguments.values(), accepted, strict=True):
        if argument.length:
            continue
        shape = () if isinstance(array, int) else tuple(array.shape)
        if len(argument.axes) != len(shape):
            raise AxisError(f"{argument.name} with shape {shape}", f"axes {axes_text(argument.axes)}",
                            "an array with one axis for each")
        for axis, size in zip(argument.axes, shape, strict=True):
            known, owner = sizes.setdefault(axis, (size, argument.name))
            if known != size:
                raise AxisError(f"axis {axis} of size {known} in {owner} and {size} in {argument.name}",
                                "one size for one axis", f"arrays with axes {axes_text(arguments[owner].axes)} and "
                                f"{axes_text(argument.axes)}")
    for argument, array in zip(arguments.values(), accepted, strict=True):
        if argument.whole in sizes and not is_traced(array):
            limit = sizes[argument.whole][0]
            least, most = _extremes(xp, array)
            if least < 0 or most >= limit:
                raise GradproofError(f"{argument.name} with positions {least} to {most}",
                                     f"0 to {limit - 1} along axis {argument.whole}", "positions counted from 0")
    return [xp, *accepted]


def _extremes(xp: Any, positions: Any) -> tuple[int, int]:
    """The least and the largest position; 0 where there is none."""
    if isinstance(positions, int):
        return positions, positions
    if 0 in positions.shape:
        return 0, 0
    return int(xp.min(positions)), int(xp.max(positions))


def _wrong_names(arguments: Mapping[str, Argument], arrays: Mapping[str, Any]) -> GradproofError:
    missing, unknown = sorted(arguments.keys() - arrays.keys()), sorted(arrays.keys() - arguments.keys())
    found = "; ".join(f"{what} {', '.join(names)}" for what, names in (("no", missing), ("unknown", unknown)) if names)
    wanted = ", ".join(f"{a.name} {axes_text(a.axes)}" for a in arguments.values())
    return GradproofError(found, f"the arguments {wanted}", "keyword arrays named as in the claim")


def _common_type(arguments: Mapping[str, Argument], arrays: Mapping[str, Any]) -> np.dtype[Any]:
    """The type of the floating arrays, float64 where there are none."""
    found = {array.dtype for name, array in arrays.items() if arguments[name].whole is None
             and isinstance(array, _NUMPY_ARRAYS) and array.dtype.kind in "fc"}
    if len(found) == 1:
        return found.pop()
    return np.result_type(*found) if found else np.dtype(np.float64)


def _accepted(argument: Argument, value: ArrayLike, common: np.dtype[Any]) -> Any:
    array = np.asarray(value)
    if argument.length:
        if array.dtype.kind not in "iu" or array.shape or array < 1:
            raise _no_size(argument, value)
        return int(array)
    if argument.whole is not None:
        if array.dtype.kind not in "iu":
            raise _no_positions(argument, array)
        return array
    if array.dtype.kind in "fc" and isinstance(value, _NUMPY_ARRAYS):
        return array
    if array.dtype.kind == "c":
        return array.astype(np.result_type(common, np.complex64))
    if array.dtype.kind not in "fiub":
        raise _no_numbers(argument, array)
    return array.astype(common)


# --- arrays of other libraries ----------------------------------------------------------------------------------------


def _common_type_elsewhere(xp: Namespace, arguments: Mapping[str, Argument], arrays: Mapping[str, Any]) -> Any:
    """The type of the floating arrays; where there are none, what the library takes unasked."""
    found = {array.dtype for name, array in arrays.items() if arguments[name].whole is None
             and library_of(array) is not None and xp.isdtype(array.dtype, "real floating")}
    return xp.result_type(*found) if found else xp.default_float


def _accepted_elsewhere(xp: Namespace, argument: Argument, value: Any, common: Any) -> Any:
    """The array in the library of its namespace; a single position as a Python number, unless it is traced."""
    if library_of(value) is None:  # a number, or a list of them
        host = _accepted(argument, value, np.dtype(np.float64))
        if argument.is_tensor and host.dtype.kind == "c":
            raise _no_numbers(argument, host)
        if argument.length or (argument.whole is not None and not host.shape):
            return int(host)
        return xp.asarray(host.tolist(), dtype=common if argument.is_tensor else xp.default_int)
    if argument.is_tensor:
        if not xp.isdtype(value.dtype, ("bool", "integral", "real floating")):
            raise _no_numbers(argument, value)
        return value if value.dtype == common else xp.asarray(value, dtype=common)
    single = not value.shape and not is_traced(value)
    if argument.length:
        if not xp.isdtype(value.dtype, "integral") or not single or int(value) < 1:
            raise _no_size(argument, value)
        return int(value)
    if not xp.isdtype(value.dtype, "integral"):
        raise _no_positions(argument, value)
    if single:
        return int(value)
    # PyTorch takes small unsigned numbers for masks.
    return value if value.dtype in (xp.int32, xp.int64) else xp.asarray(value, dtype=xp.default_int)


# --- what is wrong ----------------------------------------------------------------------------------------------------


def _no_size(argument: Argument, value: object) -> GradproofError:
    return GradproofError(f"{argument.name}={value!r} for the size of axis {argument.name}",
                          "a whole number of at least 1", f"{argument.name}=3")


def _no_positions(argument: Argument, array: Any) -> GradproofError:
    return GradproofError(f"{argument.name} with entries of type {array.dtype}",
                          f"whole numbers, positions along axis {argument.whole}", "an integer array")


def _no_numbers(argument: Argument, array: Any) -> GradproofError:
    return GradproofError(f"{argument.name} with entries of type {array.dtype}", "numbers", "a float32 array")

