"""A second opinion on a claim, from the standard library alone: no SymPy, no NumPy, nothing of the prover.

    statement    a claim as plain data
    notation     its text, and back; its digest
    scalars      what an operation means entry by entry: this package's own reading
    fields       towers of primes, and generators
    worlds       entries as residues or decimals, and the rules from there to whole expressions, derivatives included
    cutoff       over how many positions, and in what degree, a statement's difference sums once it is cleared
    points       sizes and equality patterns to try
    independence whether exponents vary freely
    preparation  a statement made ready: its difference, its hypotheses, where to try it
    judgement    agreement and what it is worth, or the point at which the sides differ

docs/second-opinion.md has the argument. `examine` is the one function to call.
"""

from derive.opinion.judgement import Disagreement, Finding, NoOpinion, Opinion, examine
from derive.opinion.notation import digest, parse, text
from derive.opinion.statement import Statement

__all__ = ["Disagreement", "Finding", "NoOpinion", "Opinion", "Statement", "digest", "examine", "parse", "text"]
