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
"""
