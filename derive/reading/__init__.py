"""Reading derivations: from the text of a document to chains of mathematics as written, with places.

In order of dependence:

    positions    offsets, lines, columns, carets; the one error
    vocabulary   tables of signs and words
    syntax       the tree of mathematics as written
    macros       what a document defines, expanded
    containers   Markdown, LaTeX, notebooks, plain text -> segments of prose and mathematics
    tokens       characters -> tokens
    expressions  tokens -> trees
    rows         tokens of a block -> rows
    repairs      damage that can be read through, always recorded
    parsing      rows -> statements, blocks, documents, chains
    printing     trees -> LaTeX
"""
