"""Arrays on their way into a compiled step: the right names, ranks, sizes, types and positions, or a clear error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.components import Axis, axes_text
from derive.errors import AxisError, GradproofError

Values = NDArray[Any]


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


def bound(arguments: Mapping[str, Argument], arrays: Mapping[str, ArrayLike]) -> list[Any]:
    """The arrays in the order of the arguments, of matching sizes; numbers take the type of the arrays beside them."""
    if arrays.keys() != arguments.keys():
        raise _wrong_names(arguments, arrays)
    common = _common_type(arguments, arrays)
    sizes: dict[Axis, tuple[int, str]] = {}
    accepted = [_accepted(argument, arrays[name], common) for name, argument in arguments.items()]
    for argument, array in zip(arguments.values(), accepted, strict=True):
        if argument.length:
            continue
        if len(argument.axes) != array.ndim:
            raise AxisError(f"{argument.name} with shape {array.shape}", f"axes {axes_text(argument.axes)}",
                            "an array with one axis for each")
        for axis, size in zip(argument.axes, array.shape, strict=True):
            known, owner = sizes.setdefault(axis, (size, argument.name))
            if known != size:
                raise AxisError(f"axis {axis} of size {known} in {owner} and {size} in {argument.name}",
                                "one size for one axis", f"arrays with axes {axes_text(arguments[owner].axes)} and "
                                f"{axes_text(argument.axes)}")
    for argument, array in zip(arguments.values(), accepted, strict=True):
        if argument.whole in sizes and array.size:
            limit = sizes[argument.whole][0]
            if array.min() < 0 or array.max() >= limit:
                raise GradproofError(f"{argument.name} with positions {array.min()} to {array.max()}",
                                     f"0 to {limit - 1} along axis {argument.whole}", "positions counted from 0")
    return accepted


def _wrong_names(arguments: Mapping[str, Argument], arrays: Mapping[str, ArrayLike]) -> GradproofError:
    missing, unknown = sorted(arguments.keys() - arrays.keys()), sorted(arrays.keys() - arguments.keys())
    found = "; ".join(f"{what} {', '.join(names)}" for what, names in (("no", missing), ("unknown", unknown)) if names)
    wanted = ", ".join(f"{a.name} {axes_text(a.axes)}" for a in arguments.values())
    return GradproofError(found, f"the arguments {wanted}", "keyword arrays named as in the claim")


def _common_type(arguments: Mapping[str, Argument], arrays: Mapping[str, ArrayLike]) -> np.dtype[Any]:
    """The type of the floating arrays, float64 where there are none."""
    found = {array.dtype for name, array in arrays.items() if arguments[name].whole is None
             and isinstance(array, np.ndarray | np.generic) and array.dtype.kind in "fc"}
    return np.result_type(*found) if found else np.dtype(np.float64)


def _accepted(argument: Argument, value: ArrayLike, common: np.dtype[Any]) -> Any:
    array = np.asarray(value)
    if argument.length:
        if array.dtype.kind not in "iu" or array.shape or array < 1:
            raise GradproofError(f"{argument.name}={value!r} for the size of axis {argument.name}",
                                 "a whole number of at least 1", f"{argument.name}=3")
        return int(array)
    if argument.whole is not None:
        if array.dtype.kind not in "iu":
            raise GradproofError(f"{argument.name} with entries of type {array.dtype}",
                                 f"whole numbers, positions along axis {argument.whole}", "an integer array")
        return array
    if array.dtype.kind in "fc" and isinstance(value, np.ndarray | np.generic):
        return array
    if array.dtype.kind == "c":
        return array.astype(np.result_type(common, np.complex64))
    if array.dtype.kind not in "fiub":
        raise GradproofError(f"{argument.name} with entries of type {array.dtype}", "numbers", "a float32 array")
    return array.astype(common)
