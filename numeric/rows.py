"""Adding to rows of a matrix where the same row may come many times.

    >>> import numpy as np
    >>> matrix = np.zeros((3, 2), np.float32)
    >>> RowSums().add(matrix, np.array([2, 0, 2]), np.array([[1, 1], [5, 5], [2, 2]], np.float32), factor=1.0)
    >>> matrix.tolist()
    [[5.0, 5.0], [0.0, 0.0], [3.0, 3.0]]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Matrix = NDArray[np.floating]


class RowSums:
    """Adds updates to rows by a product of their repetition matrix (distinct rows by n) with them: five times as fast
    as `np.add.at`.

    The matrix of each n is made once and filled anew, which is faster than making one: for one thread at a time.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, np.dtype[Any]], csr_array] = {}
        self._numbers = np.arange(0)

    def add(self, matrix: Matrix, rows: NDArray[np.integer], updates: Matrix, factor: float) -> None:
        """matrix[rows[i]] += factor * updates[i] for every i, in place; a repeated row gets the sum.

        matrix: (V, D); rows: (n,); updates: (n, D).
        """
        repetitions, bits = self._repetitions(len(rows), matrix.dtype), len(rows).bit_length()
        ordered = rows.astype(np.int64)
        ordered <<= bits
        ordered |= self._numbers[:len(rows)]
        ordered.sort()  # numbers of rows and, below them, where they come from: faster than argsort
        repetitions.indices[:] = ordered & ((1 << bits) - 1)
        ordered >>= bits
        first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        distinct = ordered.take(first)
        repetitions.indptr[:len(first)] = first  # the rows after the last distinct one are empty
        repetitions.indptr[len(first):] = len(rows)
        repetitions.data[:] = factor
        sums = (repetitions @ updates)[:len(first)]
        sums += matrix.take(distinct, axis=0)  # take is three times as fast as matrix[distinct]
        _items(matrix).put(distinct, _items(sums))  # a row as one item: half as long as matrix[distinct] = sums

    def _repetitions(self, n: int, dtype: np.dtype[Any]) -> csr_array:
        if n >= len(self._numbers):
            self._numbers = np.arange(n + 1)
        if (n, dtype) not in self._made:
            places, starts = np.arange(n, dtype=np.int32), np.arange(n + 1, dtype=np.int32)
            self._made[n, dtype] = csr_array((np.ones(n, dtype), places, starts), shape=(n, n))
        return self._made[n, dtype]


def _items(matrix: Matrix) -> NDArray[np.void]:
    """The rows (n,) of a matrix that lies in one piece."""
    return matrix.view(np.dtype((np.void, matrix.shape[1] * matrix.itemsize)))[:, 0]
