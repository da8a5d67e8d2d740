"""What a document defines itself counts, not what the exercise calls so."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive import verdicts
from derive.reading.judging import judge

PROVED, REFUTED, UNDECIDED, DEFINED = verdicts.PROVED, verdicts.REFUTED, verdicts.UNDECIDED, verdicts.DEFINITION

RELU = r"For the ReLU $f(x)=\max(0,x)$."
LEAKY = r"$$f(x) = \max(\alpha x, x)$$"
SLOPE = r"$$f'(x) = \begin{cases}1 & x>0\\0 & x<0\end{cases}$$"
LEAKY_SLOPE = r"$$f'(x) = \begin{cases}1 & x>0\\ \alpha & x<0\end{cases}$$"
QUOTIENT = r"$$S_j = \frac{e^{a_j}}{\sum_k e^{a_k}}$$"

DOCUMENTS = {
    "a definition before": ((RELU, SLOPE), (DEFINED, PROVED)),
    "a definition after": ((SLOPE, RELU), (PROVED, DEFINED)),
    "the slope of the exercise's function": ((RELU, LEAKY_SLOPE), (DEFINED, REFUTED)),
    "the function of the exercise": ((LEAKY, LEAKY_SLOPE, SLOPE), (PROVED, PROVED, REFUTED)),
    "another function": ((r"$$f(z) = z^2$$", r"$$f'(x) = 2x$$", r"$$f'(x) = 3x$$"), (DEFINED, PROVED, REFUTED)),
    "two functions": ((LEAKY, LEAKY_SLOPE, RELU, SLOPE), (UNDECIDED,) * 4),
    "a function of unknowns": ((LEAKY_SLOPE, r"$$f(x) = \max(Q x, x)$$"), (UNDECIDED, UNDECIDED)),
    "the exercise's function of two arguments": (
        (r"$$f(x) = \max(0,x)$$", r"$$\frac{\partial J_{skip-gram}}{\partial v_c} = \sum_{-m \le j \le m, j \ne 0} "
         r"\frac{\partial f(w_{c+j}, v_c)}{\partial v_c}$$"), (DEFINED, PROVED)),
    "a loss of its softmax": (
        (QUOTIENT, r"The loss is $L = -\sum_i y_i \log S_i$.", r"$$\frac{\partial L}{\partial a_j} = S_j - y_j$$",
         r"$$\frac{\partial L}{\partial a_j} = S_j + y_j$$"), (DEFINED, DEFINED, PROVED, REFUTED)),
    "a loss of the wrong sign": ((QUOTIENT, r"The loss is $L = \sum_i y_i \log S_i$."), (DEFINED, REFUTED)),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_definition_of_the_document_counts(name: str) -> None:
    parts, expected = DOCUMENTS[name]
    report = judge("\n\n".join(parts), kind="md", repairs=False)
    assert tuple(step.verdict for step in report.steps) == expected


def test_a_chain_rule_is_no_clash_of_conventions() -> None:
    notes = Path(__file__).parents[1] / "unseen" / "documents" / "plain_notes.md"
    assert judge(notes, repairs=False).findings == ()
