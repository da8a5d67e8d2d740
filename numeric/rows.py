"""Adding to rows of a matrix where the same row may come many times.

    >>> import numpy as np
    >>> matrix = np.zeros((3, 2), np.float32)
    >>> add_rows(matrix, np.array([2, 0, 2]), np.array([[1, 1], [5, 5], [2, 2]], np.float32), factor=1.0)
    >>> matrix.tolist()
    [[5.0, 5.0], [0.0, 0.0], [3.0, 3.0]]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

try:
    from scipy.sparse._sparsetools import csc_matvecs
except ImportError:  # no promise of SciPy's
    csc_matvecs = None

Matrix = NDArray[np.floating]


def add_rows(matrix: Matrix, rows: NDArray[np.integer], updates: Matrix, factor: float) -> None:
    """matrix[rows[i]] += factor * updates[i] for every i, in order and in place; a repeated row gets the sum.

    This is what SciPy does for the product of a sparse matrix (V, n), in compressed columns, with `updates`, except
    that `A @ updates` begins with zeros for all V rows. Its routine adds to what it is given: ten times as fast as
    `np.add.at`, which takes its place where a version of SciPy lacks it.
    matrix: (V, D), C order; rows: (n,), 0 to V - 1; updates: (n, D).
    """
    if csc_matvecs is None or not matrix.flags.c_contiguous:
        np.add.at(matrix, rows, matrix.dtype.type(factor) * updates)
        return
    number, columns = updates.shape
    rows = np.ascontiguousarray(rows, np.int32)
    factors = np.full(number, factor, matrix.dtype)  # one entry in each column of A
    updates = np.ascontiguousarray(updates, matrix.dtype)
    csc_matvecs(len(matrix), number, columns, np.arange(number + 1, dtype=np.int32), rows, factors, updates.reshape(-1),
                matrix.reshape(-1))
