"""gradproof's symbolic core. The map, in order of dependence:

    errors       what a person is told when something is wrong
    components   the scalar language: indices that know their axis, sums, deltas, entries, gradients
    terms        the notation a person writes, and its meaning entry by entry
    claims       equations and their hypotheses
    rendering    terms and claims as text and LaTeX
    derivative   the table of derivatives, substitution without capture
    atoms        monomials and polynomials of the normal form
    factors      content, irreducible factors, how a denominator reduces
    indices      which indices occur in an atom and which replace which
    normal_form  the normal form, valid for every size
    kernel       the only file that makes theorems
    intervals    enclosing numbers and dual numbers
    evaluation   the value of an expression at a sample
    sampling     points that satisfy the hypotheses
    refuter      counterexamples, by separated intervals
    opinion/     both sides evaluated modulo primes, on the standard library alone
    statements   claims as plain data for the second opinion
    verdicts     what is said of a claim
    prover       asks kernel, second opinion and refuter, and lets no two contradict each other
    operations   what evaluating a term costs, as formulas in axis sizes
    exercises/   the catalogue of claims
    reading/     documents to syntax trees
"""
