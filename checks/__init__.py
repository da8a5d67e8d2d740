"""What a person runs: the report over every claim, and the formats it is written in.

    report           the command, `python -m checks.report`
    delivery         how it ends: statuses, refusals, files written whole
    running          claims, compiled steps and training, run and collected as plain data
    documents        the documents named on the command line
    messages         what goes between the command and its workers
    judges           what a worker does with a document
    courses          which blocks to judge next where time ran out
    workers          documents side by side, each in a process that can be killed
    grading          documents found, judged, shown, summed up
    rich_output      claims for a person, in a terminal of any width
    document_output  documents for a person
    json_output      both for a program

Nothing in `derive` or `numeric` imports this package.
"""

__version__ = "0.1.0"
