"""Reading derivations: from the text of a document to chains of mathematics as written, with places.

In order of dependence:

    positions    offsets, lines, columns, carets; the one error
    vocabulary   tables of signs and words
    syntax       the tree of mathematics as written
    macros       what a document defines, expanded
    escapes      what Markdown and HTML do to mathematics, undone
    masks        what of a document is no mathematics
    scanning     where mathematics begins and ends
    containers   Markdown, LaTeX, notebooks, plain text -> segments of prose and mathematics
    tokens       characters -> tokens
    cursor       a place among tokens, with the limits of depth and length
    lookahead    what can stand at a place
    arguments    what commands and scripts take
    fractions    fractions, and derivatives written as fractions
    tables       matrices, arrays, cases
    decorations  underbraces, boxes, big operators
    atoms        everything that can be a base
    slashes      derivatives written with a slash
    products     factors, scripts, calls, operators with operands
    expressions  sums, ranges, relations, listings: the whole grammar
    rows         tokens of a block -> rows
    restrictions which comparisons are conditions
    statements   rows -> statements with labels, conditions, connectors
    repairs      damage that can be read through, always recorded
    parsing      documents -> blocks and chains; the edge that others use
    printing     trees -> LaTeX
    outline      trees -> one line that shows their structure

and from trees to verdicts:

    spelling     names as text; which are losses, which transposes
    values       what a side can mean: a term, how it lies, what it rests on
    elaboration  trees -> values in a world: the state of a reading, and a rule per kind of node. The rules:
                 identifiers, subscripts, arithmetic, arrays, sums, calls, differentiation, enclosures;
                 combining, functions, losses, indexing, patterns, piecewise, families, shapes, conditions help
    settings/    the worlds of the exercises; frontmatter declares others
    inference    what a document's own letters say, where no exercise fits
    reasons      why there is no verdict, in a sentence
    steps        one step in the worlds it may live in
    conventions  what two steps need, and whether both can hold; orientation: rows or columns, for a document
    storage      what the prose says of the rows and columns of matrices
    overrides    what a document defines otherwise than its exercise
    sides        what a side is, as it was written
    narration    what the prose says around a step; explanations: names explained behind their use
    dossier      what is known of a document while it is judged
    worlds       the worlds a chain may live in
    naming       names that a document introduces
    stating      shapes that a document states
    corrections  small edits that make a step true; omissions: sums and marks left out
    marking      what is said of wrong steps, and of a chain's end
    agreement    steps held against the conventions of the rest
    judging      a document -> a report
    reports      the report as plain data
"""
