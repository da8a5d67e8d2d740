"""True, but the expansion is too large to carry out."""

from tests.cases.letters import c, r, s, t

claim = (s + t + r + c) ** 13 == (s + t + r + c) ** 12 * (s + t) + (s + t + r + c) ** 12 * (r + c)
