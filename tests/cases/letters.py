"""The letters that the cases are written in."""

from __future__ import annotations

from derive.components import Axis, Index
from derive.terms import Function, index_map, let, sigma, tensor

n, m, V, D, K = Axis("n"), Axis("m"), Axis("V"), Axis("D"), Axis("K")
i, j, k = Index("i", n), Index("j", n), Index("k", n)
o, p = Index("o", V), Index("p", V)
q, q2 = Index("q", K), Index("q2", K)

s, t, r, c = tensor("s"), tensor("t"), tensor("r"), tensor("c")
x, y, z = tensor("x", n), tensor("y", n), tensor("z", n)
A, B, C = tensor("A", n, n), tensor("B", m, n), tensor("C", n, n)
b = tensor("b", m)

# Words: the rows of U; w: the word at each position, possibly with repetition; loss: an abstract F(o, v, U).
U, v = tensor("U", V, D), tensor("v_c", D)
w = index_map("w", K, V)
loss = Function("F", V, (D,), (V, D))
h = let("h", sigma(x))
