"""The logistic function and leaky ReLU.

Lets the compiler pick a form by sign: `positive-form`, `negative-form`, `log-sigmoid-positive`, `log-sigmoid-negative`.
"""

from __future__ import annotations

from fractions import Fraction

from derive.claims import negative, nonnegative, positive
from derive.components import Axis
from derive.exercises.exercise import S0, S1, S2, S3, S4, Exercise, a1, a2, a2_2023, clashes, fails, holds
from derive.terms import Term, as_term, diag, exp, grad, log, maximum, sigma, tensor, where_positive

n = Axis("n")
x, alpha = tensor("x"), tensor("alpha")
vector = tensor("x", n)
up, down = exp(x), exp(-x)
one = as_term(1)
leaky = where_positive(x, x, alpha * x)
STEEP = Fraction(3, 2)


def slope() -> Term:
    """sigma'(x)."""
    return grad(sigma(x), x)


EXERCISES: tuple[Exercise, ...] = (
    holds("sigmoid/derivative", "sigma'(x) = sigma(x) (1 - sigma(x))",
          lambda: slope() == sigma(x) * (1 - sigma(x)), a1("2(a)"), a2("(d)"), a2_2023("(f)"), S0, S1, S2, S4),
    holds("sigmoid/derivative-vector", "entry by entry: d sigma(x) / dx = diag(sigma(x) (1 - sigma(x)))",
          lambda: grad(sigma(vector), vector) == diag(sigma(vector) * (1 - sigma(vector))), a2("(d)"), S4),
    holds("sigmoid/derivative-squared", "sigma'(x) = sigma(x) - sigma(x)^2",
          lambda: slope() == sigma(x) - sigma(x) ** 2, a1("2(a)"), S1),
    holds("sigmoid/derivative-power", "sigma'(x) = -(1 + e^-x)^-2 (-e^-x)",
          lambda: slope() == -((1 + down) ** -2) * -down, a1("2(a)"), S0, S4),
    holds("sigmoid/derivative-quotient", "sigma'(x) = e^-x / (1 + e^-x)^2",
          lambda: slope() == down / (1 + down) ** 2, a1("2(a)"), a2_2023("(f)"), S0, S1, S2, S4),
    holds("sigmoid/derivative-quotient-rule", "sigma'(x) = (0 - (1 + e^-x)') / (1 + e^-x)^2",
          lambda: slope() == (0 - grad(1 + down, x)) / (1 + down) ** 2, a1("2(a)"), S1),
    holds("sigmoid/derivative-split", "sigma'(x) = 1/(1 + e^-x) . e^-x/(1 + e^-x)",
          lambda: slope() == 1 / (1 + down) * (down / (1 + down)), a1("2(a)"), S0, S2, S4),
    holds("sigmoid/derivative-add-subtract", "sigma'(x) = ((1 + e^-x) - 1) / (1 + e^-x)^2",
          lambda: slope() == ((1 + down) - 1) / (1 + down) ** 2, a1("2(a)"), S0, S1),
    holds("sigmoid/derivative-complement", "sigma'(x) = 1/(1 + e^-x) . (1 - 1/(1 + e^-x))",
          lambda: slope() == 1 / (1 + down) * (1 - 1 / (1 + down)), a1("2(a)"), S0, S2),
    holds("sigmoid/derivative-growing", "sigma'(x) = ((e^x + 1) e^x - e^x e^x) / (e^x + 1)^2",
          lambda: slope() == ((up + 1) * up - up * up) / (up + 1) ** 2, a2("(d)"), S3),
    holds("sigmoid/derivative-growing-split", "sigma'(x) = e^x/(e^x + 1) . 1/(e^x + 1)",
          lambda: slope() == up / (up + 1) * (1 / (up + 1)), a2("(d)"), S3),
    holds("sigmoid/reflection", "sigma(-x) = 1 - sigma(x)",
          lambda: sigma(-x) == 1 - sigma(x), a1("2(a)"), a1("3(c)"), S4),
    holds("sigmoid/reflection-quotient", "1 - sigma(x) = e^-x / (1 + e^-x)",
          lambda: 1 - sigma(x) == down / (1 + down), a1("2(a)"), S2, S4),
    holds("sigmoid/log-derivative", "(log sigma(x))' = 1 - sigma(x)",
          lambda: grad(log(sigma(x)), x) == 1 - sigma(x), a1("3(c)"), a2("(e)"), S0, S1, S2, S3, S4),
    holds("sigmoid/log-derivative-quotient", "(log sigma(x))' = sigma'(x) / sigma(x)",
          lambda: grad(log(sigma(x)), x) == slope() / sigma(x), a1("3(c)"), S1, S2, S3, S4),
    holds("sigmoid/log-derivative-reflected", "(-log sigma(-x))' = 1 - sigma(-x) = sigma(x)",
          lambda: grad(-log(sigma(-x)), x) == sigma(x), a1("3(c)"), a2("(e)")),
    # What the compiler rests on when it never takes exp of a large positive number.
    holds("sigmoid/positive-form", "sigma(x) = 1 / (1 + e^-x), small numbers for x >= 0",
          lambda: sigma(x) == 1 / (1 + exp(-x)), a1("2(a)"), S0, S1, S3, S4),
    holds("sigmoid/negative-form", "sigma(x) = e^x / (e^x + 1), small numbers for x < 0",
          lambda: sigma(x) == exp(x) / (exp(x) + 1), a2("(d)"), S3),
    holds("sigmoid/forms-agree", "1 / (1 + e^-x) = e^x / (e^x + 1)",
          lambda: 1 / (1 + exp(-x)) == exp(x) / (exp(x) + 1), a2("(d)"), S3),
    holds("sigmoid/log-sigmoid-positive", "log sigma(x) = -log(1 + e^-x), small numbers for x >= 0",
          lambda: log(sigma(x)) == -log(1 + exp(-x)), a1("3(c)")),
    holds("sigmoid/log-sigmoid-negative", "log sigma(x) = x - log(1 + e^x), small numbers for x < 0",
          lambda: log(sigma(x)) == x - log(1 + exp(x)), a1("3(c)")),
    holds("sigmoid/log-sigmoid-reflection", "log sigma(x) = x + log sigma(-x)",
          lambda: log(sigma(x)) == x + log(sigma(-x)), a1("3(c)")),
    # Leaky ReLU, f(x) = x for x >= 0 and alpha x for x < 0.
    holds("sigmoid/leaky-relu-maximum", "max(x, alpha x) is leaky ReLU, if alpha <= 1",
          lambda: (maximum(x, alpha * x) == leaky).given(nonnegative(1 - alpha)), a2_2023("(e)"), S2),
    holds("sigmoid/leaky-relu-derivative-positive", "f'(x) = 1 where x > 0",
          lambda: (grad(leaky, x) == 1).given(positive(x)), a2_2023("(e)"), S2),
    holds("sigmoid/leaky-relu-derivative-negative", "f'(x) = alpha where x < 0",
          lambda: (grad(leaky, x) == alpha).given(negative(x)), a2_2023("(e)"), S2),
    holds("sigmoid/leaky-relu-derivative", "f'(x) = 1 where x > 0, alpha where x < 0",
          lambda: grad(leaky, x) == where_positive(x, 1, alpha), a2_2023("(e)"), S2),
    holds("sigmoid/leaky-relu-maximum-derivative-positive", "d max(x, alpha x) / dx = 1 where x > 0, if alpha < 1",
          lambda: (grad(maximum(x, alpha * x), x) == 1).given(positive(x), positive(1 - alpha)), a2_2023("(e)"), S2),
    holds("sigmoid/leaky-relu-maximum-derivative-negative", "d max(x, alpha x) / dx = alpha where x < 0, if alpha < 1",
          lambda: (grad(maximum(x, alpha * x), x) == alpha).given(negative(x), positive(1 - alpha)),
          a2_2023("(e)"), S2),
    fails("sigmoid/error-leaky-relu-steep", "max(x, alpha x) is leaky ReLU at alpha = 3/2",
          lambda: maximum(x, STEEP * x) == where_positive(x, x, STEEP * x), a2_2023("(e)"),
          right="sigmoid/leaky-relu-maximum"),
    fails("sigmoid/error-leaky-relu-any-slope", "max(x, alpha x) is leaky ReLU, nothing said of alpha",
          lambda: maximum(x, alpha * x) == leaky, S2, right="sigmoid/leaky-relu-maximum"),
    fails("sigmoid/error-leaky-relu-lost-prime-positive", "f(x) = 1 where x > 0: the prime of f'(x) is lost",
          lambda: (leaky == 1).given(positive(x)), S2, right="sigmoid/leaky-relu-derivative-positive"),
    fails("sigmoid/error-leaky-relu-lost-prime-negative", "f(x) = alpha where x < 0: the prime of f'(x) is lost",
          lambda: (leaky == alpha).given(negative(x)), S2, right="sigmoid/leaky-relu-derivative-negative"),
    fails("sigmoid/error-quotient-rule", "sigma'(x) = (0 - (1 + e^-x)^-1) / (1 + e^-x)^2: a power for a prime",
          lambda: slope() == (0 - (1 + down) ** -1) / (1 + down) ** 2, S1, right="sigmoid/derivative-quotient-rule"),
    fails("sigmoid/error-complement", "sigma'(x) = sigma(x) (1 - e^x + 1): the quotient in 1 - sigma(x) is lost",
          lambda: slope() == sigma(x) * (1 - up + 1), S3, right="sigmoid/derivative"),
    clashes("sigmoid/error-jacobian-vector", "d sigma(x) / dx = sigma'(x) as a vector: the diagonal is lost",
            lambda: grad(sigma(vector), vector) == sigma(vector) * (1 - sigma(vector)), S4,
            right="sigmoid/derivative-vector"),
)
