"""What generated loops say to a vector register, `LANES` numbers at a time; imported by generated source alone.

A just-in-time compiler vectorises a loop over arrays only where it can tell them apart, and keeps a row in registers
only if it is told to. These intrinsics say it: a vector is a value like any other, and what does not fit a register is
split by the compiler.

    load(matrix, i, d)       matrix[i, d:d + LANES]
    store(matrix, i, d, x)   matrix[i, d:d + LANES] = x
    spread(a)                LANES times the number a
    repeat(matrix, i, d)     LANES times the number matrix[i, d]
    fused(a, x, y)           a + x*y
    added(x, y)              x + y
    times(x, y)              x*y
    sigma(x)                 1/(1 + e^-x), within 2^-21, for any x
    summed(x)                the sum of its numbers
    hidden(n)                the whole number n, of which the compiler is not told: a loop that is not unrolled
    prefetch(matrix, i, d)   a hint that matrix[i, d] will be needed, and written

matrix: (n, D) float32, C order, or (D,), whose i says nothing; i, d: positions, not checked: a vector may reach over
the end of a row.
"""
# mypy: disallow_untyped_decorators=False, disallow_untyped_calls=False

from __future__ import annotations

from math import factorial, log
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from numeric.generated import vector_width

LANES = vector_width()
VECTOR = ir.VectorType(ir.FloatType(), LANES)
# As the loops around are compiled: sums reordered, multiplications fused; NaN and infinity keep their meaning.
FAST = ("reassoc", "contract", "arcp", "nsz")

DEGREE = 6  # of the polynomial for e^r
SATURATED = 87.0  # e^-87 is about the smallest normal float32


class Lanes(types.Type):
    """The type of a vector in compiled code."""

    def __init__(self) -> None:
        super().__init__(name=f"lanes({LANES})")


lanes = Lanes()


@register_model(Lanes)
class LanesModel(models.PrimitiveModel):
    """A vector as it lies in a register."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


def _pointer(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
    """Where matrix[i, d] lies; of a vector, its entry d."""
    array = context.make_array(kinds[0])(context, builder, values[0])
    given = list(zip(values, kinds, strict=False))[3 - kinds[0].ndim:3]
    at = [context.cast(builder, value, kind, types.intp) for value, kind in given]
    return cgutils.get_item_pointer(context, builder, kinds[0], array, at)


@intrinsic
def load(typing: Any, matrix: Any, i: Any, d: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, signature.args, values)
        return builder.load(builder.bitcast(pointer, VECTOR.as_pointer()), align=4)

    return lanes(matrix, i, d), generate


@intrinsic
def store(typing: Any, matrix: Any, i: Any, d: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, signature.args, values)
        builder.store(values[3], builder.bitcast(pointer, VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.none(matrix, i, d, x), generate


def _repeated(builder: Any, a: Any) -> Any:
    number, nothing = ir.IntType(32), ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, a, number(0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(number, LANES), [0] * LANES))


@intrinsic
def spread(typing: Any, a: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _repeated(builder, context.cast(builder, values[0], signature.args[0], types.float32))

    return lanes(a), generate


@intrinsic
def repeat(typing: Any, matrix: Any, i: Any, d: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _repeated(builder, builder.load(_pointer(context, builder, signature.args, values)))

    return lanes(matrix, i, d), generate


@intrinsic
def fused(typing: Any, a: Any, x: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.fadd(values[0], builder.fmul(values[1], values[2], flags=FAST), flags=FAST)

    return lanes(a, x, y), generate


@intrinsic
def added(typing: Any, x: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.fadd(*values, flags=FAST)

    return lanes(x, y), generate


@intrinsic
def times(typing: Any, x: Any, y: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.fmul(*values, flags=FAST)

    return lanes(x, y), generate


@intrinsic
def sigma(typing: Any, x: Any) -> Any:
    """The two forms of sigma, one for each sign, under the licences of `numeric.licences`: t = e^-|x| never overflows.

    e^-|x| = 2^k e^r with |r| <= log(2)/2, and e^r by its Taylor polynomial of degree 6: what is left out is less than
    e^(log(2)/2) (log(2)/2)^7 / 7! < 2^-22 of it, and rounding adds about as much.
    """
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        whole = ir.VectorType(ir.IntType(32), LANES)

        def all_of(number: float) -> Any:
            return ir.Constant(VECTOR, [number] * LANES)

        def fused_with(a: Any, b: Any, c: float) -> Any:
            return builder.fadd(builder.fmul(a, b, flags=FAST), all_of(c), flags=FAST)

        def called(name: str, *given: Any) -> Any:
            kind = ir.FunctionType(VECTOR, [VECTOR] * len(given))
            return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f32"), given)

        (x,) = values
        size = called("fabs", x)
        inside = builder.fcmp_unordered("<", size, all_of(SATURATED))  # of NaN too, which stays
        size = builder.select(inside, size, all_of(SATURATED))
        scaled = builder.fmul(size, all_of(-1 / log(2)))
        k = called("rint", scaled)
        r = builder.fmul(builder.fsub(scaled, k), all_of(log(2)))
        t = all_of(1 / factorial(DEGREE))
        for n in range(DEGREE - 1, -1, -1):
            t = fused_with(t, r, 1 / factorial(n))
        exponent = builder.add(builder.fptosi(k, whole), ir.Constant(whole, [127] * LANES))
        power = builder.bitcast(builder.shl(exponent, ir.Constant(whole, [23] * LANES)), VECTOR)
        t = builder.fmul(t, power)
        above = builder.select(builder.fcmp_ordered(">=", x, all_of(0.0)), all_of(1.0), t)
        return builder.fdiv(above, builder.fadd(all_of(1.0), t))

    return lanes(x), generate


@intrinsic
def summed(typing: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType(), VECTOR])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.vector.reduce.fadd.v{LANES}f32")
        return builder.call(function, [ir.FloatType()(0.0), values[0]], fastmath=FAST)

    return types.float32(x), generate


@intrinsic
def hidden(typing: Any, n: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        number = context.cast(builder, values[0], signature.args[0], types.intp)
        same = ir.InlineAsm(ir.FunctionType(number.type, [number.type]), "", "=r,0", side_effect=False)
        return builder.call(same, [number])

    return types.intp(n), generate


@intrinsic
def prefetch(typing: Any, matrix: Any, i: Any, d: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        number = ir.IntType(32)
        call = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, call, "llvm.prefetch.p0")
        address = builder.bitcast(_pointer(context, builder, signature.args, values), cgutils.voidptr_t)
        builder.call(function, [address, number(1), number(3), number(1)])  # to be written, soon again, data
        return context.get_dummy_value()

    return types.none(matrix, i, d), generate
