"""Eight numbers at a time: the two steps of the shear that a compiler does not vectorise by itself.

Both are written as operations on a vector of eight 32-bit floats, which LLVM turns into whatever
the processor has (AVX, SSE, NEON). They are called from numba code only, with 64-bit indices, and check no bounds.
"""

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES = 8

# One step of the transposition of an 8 × 8 block: which of 16 numbers of two vectors go where.
_SINGLES = ((0, 8, 1, 9, 4, 12, 5, 13), (2, 10, 3, 11, 6, 14, 7, 15))
_PAIRS = ((0, 1, 8, 9, 4, 5, 12, 13), (2, 3, 10, 11, 6, 7, 14, 15))
_FOURS = ((0, 1, 2, 3, 8, 9, 10, 11), (4, 5, 6, 7, 12, 13, 14, 15))


class _Vectors:
    """Loads and stores of eight floats, and shuffles of them, for one function being built."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.of8 = ir.VectorType(ir.FloatType(), LANES)

    def _at(self, data: Any, index: Any) -> Any:
        at = self.builder.gep(data, [index], inbounds=True)
        return self.builder.bitcast(at, self.of8.as_pointer())

    def load(self, data: Any, index: Any) -> Any:
        vector = self.builder.load(self._at(data, index))
        vector.align = 4
        return vector

    def store(self, vector: Any, data: Any, index: Any) -> None:
        self.builder.store(vector, self._at(data, index)).align = 4

    def shuffle(self, a: Any, b: Any, picks: Sequence[int]) -> Any:
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), list(picks))
        return self.builder.shuffle_vector(a, b, mask)

    def everywhere(self, scalar: Any) -> Any:
        empty = ir.Constant(self.of8, ir.Undefined)
        first = self.builder.insert_element(empty, scalar, ir.Constant(ir.IntType(32), 0))
        return self.shuffle(first, empty, [0] * LANES)

    def further(self, index: Any, by: int) -> Any:
        return self.builder.add(index, ir.Constant(ir.IntType(64), by))


@intrinsic
def transpose_block(typingctx, rows, column, turned, start):  # type: ignore[no-untyped-def]
    """``turned[start + 8 i + l] = rows[l, column + i]`` for i, l in 0…7; both float32."""
    del typingctx

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vectors = _Vectors(builder)
        source = context.make_array(signature.args[0])(context, builder, args[0])
        target = context.make_array(signature.args[2])(context, builder, args[2])
        step = cgutils.unpack_tuple(builder, source.strides)[0]
        width = builder.sdiv(step, ir.Constant(step.type, 4))
        at, block = args[1], []
        for _ in range(LANES):
            block.append(vectors.load(source.data, at))
            at = builder.add(at, width)
        for i, row in enumerate(_transposed(block, vectors.shuffle)):
            vectors.store(row, target.data, vectors.further(args[3], LANES * i))
        return context.get_dummy_value()

    return types.void(rows, column, turned, start), build


def _transposed(block: list[Any], shuffle: Callable[..., Any]) -> list[Any]:
    """Eight vectors of eight, transposed in three rounds of shuffles."""
    ones = [shuffle(block[q], block[q + 1], m) for q in range(0, LANES, 2) for m in _SINGLES]
    twos = [
        shuffle(ones[q + i], ones[q + 2 + i], m) for q in (0, 4) for i in (0, 1) for m in _PAIRS
    ]
    return [shuffle(twos[q], twos[q + 4], m) for m in _FOURS for q in range(4)]


@intrinsic
def add_between(typingctx, target, at, steps, index, share):  # type: ignore[no-untyped-def]
    """``target[at + l] += (1 − share)·steps[index + l] + share·steps[index + 8 + l]``, l in 0…7."""
    del typingctx

    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        vectors = _Vectors(builder)
        sums = context.make_array(signature.args[0])(context, builder, args[0])
        source = context.make_array(signature.args[2])(context, builder, args[2])
        before = vectors.load(source.data, args[3])
        after = vectors.load(source.data, vectors.further(args[3], LANES))
        summed = builder.fadd(vectors.load(sums.data, args[1]), before, flags=("contract",))
        rise = builder.fsub(after, before)
        part = builder.fmul(rise, vectors.everywhere(args[4]), flags=("contract",))
        vectors.store(builder.fadd(summed, part, flags=("contract",)), sums.data, args[1])
        return context.get_dummy_value()

    return types.void(target, at, steps, index, share), build
